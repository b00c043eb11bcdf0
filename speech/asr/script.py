"""Which Chinese script a site reads: Simplified, Traditional, or as it was recognised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import opencc

Script = Literal["simplified", "traditional", "as-is"]


def normaliser(script: Script) -> Callable[[str], str]:
    """A function that writes Chinese text in `script`."""
    match script:
        case "simplified":
            convert = opencc.OpenCC("t2s").convert
        case "traditional":
            convert = opencc.OpenCC("s2t").convert
        case "as-is":
            return str
    return lambda text: str(convert(text))
