"""Where a conversation stands: the stored state as the dialogue's."""

from __future__ import annotations

import json
from dataclasses import replace

from app.store.records import Standing
from dialogue.state import from_json
from dialogue.types import State


def standing_state(standing: Standing) -> State:
    """The dialogue's state as stored; the store knows best who owns it, and whose it is."""
    state = from_json(json.dumps(standing.state)) if standing.state else State()
    language = state.language if standing.version else standing.language
    return replace(
        state,
        owner=standing.owner,
        version=standing.version,
        language=language,
        customer=standing.customer,
    )
