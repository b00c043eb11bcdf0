"""docker-compose.yml and Dockerfile, held against the compose specification without an engine."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import ComposeSpecification
from pydantic import ValidationError

HOUSE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((HOUSE / "docker-compose.yml").read_text(encoding="utf-8"))


def test_the_compose_file_follows_the_specification(compose: dict[str, Any]) -> None:
    ComposeSpecification.model_validate(compose)


def test_the_specification_refuses_a_wrong_type(compose: dict[str, Any]) -> None:
    wrong = copy.deepcopy(compose)
    wrong["services"]["app"]["healthcheck"]["retries"] = {"often": True}
    with pytest.raises(ValidationError):
        ComposeSpecification.model_validate(wrong)


def test_every_service_reports_its_health_and_the_app_waits_for_the_database(
    compose: dict[str, Any],
) -> None:
    services = compose["services"]
    assert all("healthcheck" in service for service in services.values())
    assert services["app"]["depends_on"]["database"]["condition"] == "service_healthy"


def test_no_password_has_a_default(compose: dict[str, Any]) -> None:
    text = (HOUSE / "docker-compose.yml").read_text(encoding="utf-8")
    assert "${POSTGRES_PASSWORD:?" in text
    assert "POSTGRES_PASSWORD:-" not in text


def test_models_live_in_a_volume_that_exists(compose: dict[str, Any]) -> None:
    mounts = [m for s in compose["services"].values() for m in s["volumes"]]
    assert {m.split(":")[0] for m in mounts} == set(compose["volumes"])


def test_the_image_runs_as_an_ordinary_user() -> None:
    lines = (HOUSE / "Dockerfile").read_text(encoding="utf-8").splitlines()
    user = next(i for i, line in enumerate(lines) if line.startswith("USER "))
    entry = next(i for i, line in enumerate(lines) if line.startswith("ENTRYPOINT"))
    assert lines[user] != "USER root"
    assert user < entry
