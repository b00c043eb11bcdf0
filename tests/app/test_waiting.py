"""OpenMP's threads spin for a moment only while they wait for one another."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_ASKED = "import os, app; print(os.environ.get('GOMP_SPINCOUNT', 'unset'))"
_NAMES = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")


@pytest.mark.parametrize(
    ("given", "then"),
    [
        ({}, "1000"),
        ({"GOMP_SPINCOUNT": "7"}, "7"),
        ({"OMP_WAIT_POLICY": "active"}, "unset"),
    ],
)
def test_threads_soon_sleep_unless_the_environment_says_otherwise(
    given: dict[str, str], then: str
) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in _NAMES} | given
    asked = [sys.executable, "-c", _ASKED]
    told = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == then


def test_importing_the_application_loads_no_library_that_reads_it_first() -> None:
    asked = [sys.executable, "-c", "import sys, app; print('numpy' in sys.modules)"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
