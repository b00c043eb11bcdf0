from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.sentences import LONGEST, clauses, weight


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "您好，您的订单正在配送中，预计今天下午到。还有什么可以帮您？",
            ["您好，您的订单正在配送中，", "预计今天下午到。", "还有什么可以帮您？"],
        ),
        ("好的。马上为您查询。", ["好的。", "马上为您查询。"]),
        ("一共3.5公斤，10:30送到，没问题！", ["一共3.5公斤，", "10:30送到，", "没问题！"]),
        ("Sure! Let me check that for you.", ["Sure!", "Let me check that for you."]),
        ("Dr. Wang, e.g. at 3.5 km, has it. Bye now then.", None),
        ("See https://a.b/c?x=1,2 for more. Thank you kindly.", None),
        ("1. Open the app. 2. Tap refund.", ["1. Open the app.", "2. Tap refund."]),
        ("他说“可以退款。”然后挂了电话。", ["他说“可以退款。”", "然后挂了电话。"]),
        ("", []),
        ("。！", []),
    ],
)
def test_text_is_cut_where_people_breathe(text: str, expected: list[str] | None) -> None:
    found = list(clauses(text))
    if expected is None:
        assert len(found) == 2 or found[0].startswith("Dr. Wang,")
        expected = found
    assert found == expected


def test_an_address_stays_in_one_piece() -> None:
    found = list(clauses("Please see https://a.b/c?x=1,2 for more, and thank you so very much."))
    assert any("https://a.b/c?x=1,2" in clause for clause in found)


def test_a_clause_leaves_as_soon_as_the_stream_has_brought_it() -> None:
    seen: list[str] = []

    def stream() -> object:
        for piece in ("您好，这里是", "客服。请", "问您", "要什么？"):
            seen.append(piece)
            yield piece

    first = next(clauses(stream()))  # type: ignore[arg-type]
    assert first == "您好，这里是客服。"
    assert len(seen) == 2


@given(st.text(alphabet="你好吗ab 1.,，。！? \n", max_size=80), st.integers(1, 7))
def test_streaming_changes_nothing_and_loses_no_word(text: str, size: int) -> None:
    whole = list(clauses(text))
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert list(clauses(iter(pieces))) == whole

    def words(s: str) -> str:
        return "".join(c for c in s if c.isalnum())

    assert words("".join(whole)) == words(text)


def test_an_endless_sentence_is_broken() -> None:
    assert all(weight(clause) <= LONGEST for clause in clauses("很长" * 300))
    assert all(weight(clause) <= LONGEST for clause in clauses("very long " * 300))


def test_a_piece_is_made_while_the_one_before_is_heard() -> None:
    """Chinese is synthesized in about half the time that it sounds."""
    said = "您的订单正在配送，现在离您约1.2公里，预计今天16:13送到，单号 FD2024051。"
    weights = [weight(piece) for piece in clauses(said)]
    assert all(later <= 2 * earlier for earlier, later in pairwise(weights))


def test_a_number_read_digit_by_digit_ends_a_clause() -> None:
    assert list(clauses("地址已经改好，订单 FD2024056 会送到新地址。")) == [
        "地址已经改好，",
        "订单 FD2024056",
        "会送到新地址。",
    ]
    assert list(clauses("订单会在 3 天内送到。")) == ["订单会在 3 天内送到。"]
