"""What is told while engines load."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with what is being made ready and the share that is done, 0 to 1."""


def silently(_what: str, _share: float) -> None:
    """Progress that nobody watches."""
