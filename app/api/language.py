"""In which language a request is answered when it fails."""

from __future__ import annotations

from starlette.requests import Request

from dialogue.types import LANGUAGES, Language


def language_of(request: Request) -> Language:
    """The conversation's language where it is known, else what the browser prefers."""
    known = getattr(request.state, "language", None)
    return known if known in LANGUAGES else preferred(request.headers.get("accept-language", ""))


def preferred(header: str) -> Language:
    """The first of our languages in an Accept-Language header by weight; zh where none is."""
    ranked = sorted((_weighted(item) for item in header.split(",")), key=lambda pair: -pair[0])
    for weight, tag in ranked:
        for language in LANGUAGES:
            if weight > 0 and tag.split("-")[0] == language:
                return language
    return "zh"


def _weighted(item: str) -> tuple[float, str]:
    tag, _, parameters = item.strip().lower().partition(";")
    try:
        return float(parameters.partition("q=")[2] or 1.0), tag
    except ValueError:
        return 0.0, tag
