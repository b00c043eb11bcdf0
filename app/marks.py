"""Marks: what made speech says of itself in its file, beside the words a person sees."""

from __future__ import annotations

import json

MAKER = "Lingxi"


def ai_mark(number: str) -> dict[str, str]:
    """ID3 tags of speech that no person spoke; `number` tells this file from others.

    `AIGC` is the implicit label of GB 45438-2025.
    """
    label = {"Label": "1", "ContentProducer": MAKER, "ProduceID": number}
    return {
        "AIGC": json.dumps(label),
        "comment": "AI-generated speech / 人工智能合成语音",
    }
