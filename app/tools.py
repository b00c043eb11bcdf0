"""Tools as the API of chat completions writes them, and many models' templates."""

from __future__ import annotations

import json
import re
from typing import Any

from dialogue.engines import Tool, ToolCall, UnwrittenError

_CALL = re.compile(r"<tool_call>\s*(\{.*?\})\s*</tool_call>|^\s*(\{.*\})\s*$", re.DOTALL)


def described(tool: Tool) -> dict[str, Any]:
    """`tool` with a JSON schema of its parameters: words, none of them needed."""
    properties = {n: {"type": "string", "description": d} for n, d in tool.parameters.items()}
    schema = {"type": "object", "properties": properties, "required": []}
    function = {"name": tool.name, "description": tool.description, "parameters": schema}
    return {"type": "function", "function": function}


def called(text: str) -> ToolCall | None:
    """The first call in what a model wrote; None where it calls nothing. Raises UnwrittenError."""
    found = _CALL.search(text)
    if found is None:
        return None
    try:
        table = json.loads(found[1] or found[2])
    except (ValueError, RecursionError) as error:
        raise UnwrittenError("a call that is no JSON") from error
    name, arguments = table.get("name"), table.get("arguments") or {}
    if not isinstance(name, str) or not isinstance(arguments, dict):
        raise UnwrittenError("not a tool call")
    return ToolCall(name, arguments)
