"""Calls as models write them into their answers."""

from __future__ import annotations

import pytest

from app.tools import called
from dialogue.engines import ToolCall, UnwrittenError


@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>{"name": "track_order", "arguments": {"product": "milk"}}</tool_call>',
        'Sure.\n<tool_call>\n{"name": "track_order", "arguments": {"product": "milk"}}\n'
        "</tool_call>",
        ' {"name": "track_order", "arguments": {"product": "milk"}} ',
        '<tool_call>{"name": "track_order", "arguments": {"product": "milk"}}</tool_call>'
        '<tool_call>{"name": "cancel_order", "arguments": {}}</tool_call>',
    ],
)
def test_the_first_call_is_read(text: str) -> None:
    assert called(text) == ToolCall("track_order", {"product": "milk"})


def test_a_call_without_arguments_has_none() -> None:
    assert called('{"name": "track_order"}') == ToolCall("track_order", {})


@pytest.mark.parametrize("text", ["", "NONE", "Call track_order.", "<tool_call></tool_call>"])
def test_words_are_no_call(text: str) -> None:
    assert called(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "{track_order}",
        '{"name": 7}',
        '{"name": "track_order", "arguments": ["x"]}',
        '{"arguments": {}}',
        '{"name": ' + "[" * 15_000 + "}",
    ],
)
def test_a_broken_call_is_an_error(text: str) -> None:
    with pytest.raises(UnwrittenError, match="call"):
        called(text)
