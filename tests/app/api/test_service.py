"""Health, metrics, headers and the API's description."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.metrics import Metrics
from app.api.mount import mount_api
from app.config import Settings
from app.engines.late import Late
from app.main import create_app
from app.store.database import Database
from tests.app.api.harness import House, tone, wait_for
from tests.fakes import cheap_house


def test_a_server_that_is_still_loading_lives_but_is_not_ready() -> None:
    app = FastAPI()
    mount_api(app, Settings(_env_file=None))
    with TestClient(app) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").status_code == 503
        early = client.post("/v1/conversations", json={})
        assert (early.status_code, early.json()["error"]["code"]) == (503, "starting")


def test_ready_names_every_part_and_a_missing_one_is_told(house: House) -> None:
    answer = house.client.get("/readyz")
    assert answer.json() == {"ready": True, "parts": {"database": True, "engines": True}}

    def gone() -> bool:
        raise OSError("no database")

    house.storage.database.ready = gone  # type: ignore[method-assign]
    object.__setattr__(house.access, "database_ready", gone)
    answer = house.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] is False


def test_the_product_itself_says_so_while_its_database_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = cheap_house(tmp_path)
    away: list[OSError] = []

    def ready(_self: Database) -> bool:
        for error in away:
            raise error
        return True

    monkeypatch.setattr(Database, "ready", ready)
    assert not opened.engines.completed
    opened.engines.complete()
    with TestClient(create_app(house=opened)) as client:
        assert client.get("/readyz").json()["ready"] is True
        away.append(OSError("no database"))
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["parts"] == {"database": False, "engines": True}


def test_typed_turns_are_answered_while_engines_of_speech_load(tmp_path: Path) -> None:
    opened, go = cheap_house(tmp_path), threading.Event()
    engines = replace(opened.engines, late=(Late(lambda: go.wait(60)),))
    with TestClient(create_app(house=replace(opened, engines=engines))) as client:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["parts"]["engines"]) == (503, False)
        talk = client.post("/v1/conversations", json={"locale": "en"}).json()
        sent = {"conversation_id": talk["conversation_id"], "client_turn_id": "1", "text": "hello"}
        access = {"Authorization": f"Bearer {talk['token']}"}
        assert "event: done" in client.post("/v1/chat", json=sent, headers=access).text
        go.set()
        wait_for(lambda: client.get("/readyz").status_code == 200)


def test_an_engine_that_does_not_load_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    opened = cheap_house(tmp_path)

    def broken() -> object:
        raise OSError("no such model")

    engines = replace(opened.engines, late=(Late(broken),))
    with TestClient(create_app(house=replace(opened, engines=engines))) as client:
        wait_for(lambda: "no such model" in caplog.text)
        assert client.get("/readyz").json()["parts"]["engines"] is False


def test_metrics_count_turns_errors_and_stages(house: House) -> None:
    talk = house.open()
    house.say(talk, files=[("audio", ("a.wav", tone(1)))])
    house.post(talk, "", "t2")
    text = house.client.get("/metrics").text
    assert 'lingxi_turns_total{language="zh",modality="voice",outcome="answered"} 1.0' in text
    assert 'lingxi_errors_total{code="empty_message"} 1.0' in text
    assert 'lingxi_stage_seconds_bucket{le="0.12",stage="tts"} 2.0' in text
    assert 'lingxi_first_audio_seconds_count{language="zh"} 1.0' in text
    assert "lingxi_queue_depth 0.0" in text
    assert "lingxi_active_streams 0.0" in text
    assert re.search(r"^lingxi_tasks [1-9]", text, re.M)


def test_metrics_tell_what_each_modality_counted_where_there_were_several() -> None:
    metrics = Metrics()
    metrics.weighed((("text", 1.0),))
    assert "lingxi_modality_weight_count{" not in metrics.text().decode()
    metrics.weighed((("voice", 0.75), ("picture", 0.25)))
    text = metrics.text().decode()
    assert 'lingxi_modality_weight_sum{modality="voice"} 0.75' in text
    assert 'lingxi_modality_weight_count{modality="picture"} 1.0' in text
    assert "lingxi_cross_modal_attention_ratio_sum 0.375" in text


def test_a_turn_of_words_and_picture_is_weighed_in_the_metrics(house: House) -> None:
    house.pipeline.weights = (("text", 0.5), ("picture", 0.5))
    house.say(house.open(), "坏了")
    assert "lingxi_cross_modal_attention_ratio_count 1.0" in house.client.get("/metrics").text


def test_metrics_name_the_language_that_was_spoken_not_the_pages(house: House) -> None:
    house.pipeline.language = "en"
    house.say(house.open("zh"), files={"audio": ("note.wav", tone(1.0))})
    text = house.client.get("/metrics").text
    assert 'lingxi_turns_total{language="en",modality="voice",outcome="answered"} 1.0' in text
    assert 'lingxi_first_audio_seconds_count{language="en"} 1.0' in text
    assert 'language="zh"' not in text


def test_metrics_may_be_behind_a_token(house_with) -> None:
    house = house_with(metrics_token="scrape")
    assert house.client.get("/metrics").status_code == 401
    right = {"Authorization": "Bearer scrape"}
    assert house.client.get("/metrics", headers=right).status_code == 200


def test_responses_carry_security_headers(house: House) -> None:
    headers = house.client.get("/healthz").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "microphone=(self)" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers
    assert house.client.get("/v1/nothing").headers["cache-control"] == "no-store"


def test_catalogue_pictures_are_public_and_nothing_else_of_the_pack_is(house: House) -> None:
    picture = house.client.get("/media/products/07.jpg")
    assert picture.headers["content-type"] == "image/jpeg"
    assert house.client.get("/media/../domain.toml").status_code == 404
    assert house.client.get("/media/%2e%2e/domain.toml").status_code == 404


def test_the_description_shows_both_forms_examples_and_failures(house: House) -> None:
    described = house.client.get("/openapi.json").json()
    chat = described["paths"]["/v1/chat"]["post"]
    assert set(chat["requestBody"]["content"]) == {"multipart/form-data", "application/json"}
    assert "text/event-stream" in chat["responses"]["200"]["content"]
    assert "busy" in str(chat["responses"]["503"])
    for path, methods in described["paths"].items():
        for route in methods.values():
            assert route["tags"], path
            assert route.get("description") or route.get("summary"), path
            for status, answer in route["responses"].items():
                if status >= "400" and path != "/readyz":
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema["$ref"].endswith(("/Failure", "/HTTPValidationError")), path
