"""Tools as the API of chat completions writes them, and many models' templates."""

from __future__ import annotations

from typing import Any

from dialogue.engines import Tool


def described(tool: Tool) -> dict[str, Any]:
    """`tool` with a JSON schema of its parameters: words, none of them needed."""
    properties = {n: {"type": "string", "description": d} for n, d in tool.parameters.items()}
    schema = {"type": "object", "properties": properties, "required": []}
    function = {"name": tool.name, "description": tool.description, "parameters": schema}
    return {"type": "function", "function": function}
