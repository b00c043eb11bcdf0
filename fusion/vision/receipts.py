"""Order number, total and date from the lines of a receipt or screenshot, Chinese or English."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

ORDER = re.compile(r"(?<![A-Z0-9])F\s*D\s*[-#:]?\s*((?:[0-9OIL]\s?){7})(?![A-Z0-9])")
LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
"""Letters that are read for digits."""
AMOUNT = re.compile(r"(?<![\d.,])-?(\d{1,3}(?:[,，]\d{3})+|\d+)\s?[.．,，]\s?(\d{2})(?!\d|[.,]\d)")
TOTAL_MISREAD = re.compile(r"\b[TI][O0U][TI]A[L1I]\b|\bT[O0]TA[L1I]")
MONTHS_A_YEAR = 12
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]

BEST_TOTAL = re.compile(
    r"GRAND\s*TOTAL|TOTAL\s*AFTER|NETT?\s*TOTAL|TOTAL\s*(?:AMOUNT|AMT|SALES?|PAYABLE|DUE|ROUNDED|[IL]NC)|ROUNDED\s*TOTAL"
    r"|AMOUNT\s*(?:DUE|PAYABLE)|TOTAL\s*\(?(?:RM|[IL]NCL)|实付|应付|合计|总计|总额"
)
TOTAL = re.compile(r"(?<!SUB)(?<!SUB[ -])\bTOTAL(?![A-Z])|TOTAL\s*:|AMOUNT|小计|付款")
ROUNDED = re.compile(r"\bTOTAL\b.*\bROUNDED\b|ROUNDED\s*TOTAL")
LAST = re.compile(r"\bNETT?\s*(?:AMT|AMOUNT)\b|\bPAYMENT\b|\bVISA\b|\bMASTER")
"""What names the total where nothing better does."""
SMALLEST_COIN = 0.05
CASH, CHANGE = re.compile(r"\b(?:CASH|TENDER|PAID)|现金|实收"), re.compile(r"\bCHANGE|找零")
NOT_TOTAL = re.compile(
    r"SUB\s*-?\s*TOTAL|TAX\s*TOTAL|QTY|QUANTITY|ITEMS?\b|DISC|SAVING|TAX\s*AMOUNT|EXCL|CHANGE|CASH|PAID|TENDER|GST\s*(?:@|AMT|:|6)"
    r"|TOTAL\s*GST|SUMMARY|ROUNDING\s*ADJ|优惠|找零|件数|数量|运费"
)
INCLUSIVE = re.compile(r"(?<!SUB)(?<!SUB[ -])\bTOTAL[^\d]*\b[IL]NCL")
"""What was paid, whatever else the line says of tax."""
DATES = (
    re.compile(r"(?P<y>20\d\d)\s?[-/.年]\s?(?P<m>\d{1,2})\s?[-/.月]\s?(?P<d>\d{1,2})"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})\s?(?P<s>[-/.])\s?(?P<m>\d{1,2})\s?(?P=s)\s?(?P<y>20\d\d(?=\d\d?:)|(?:20\d\d|\d\d)(?!\d))"),
    re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})[\s\-/.,]*(?P<n>{'|'.join(MONTHS)})[A-Z]*[\s\-/.,']*(?P<y>20\d\d(?=\d\d?:)|(?:20\d\d|\d\d)(?!\d))"),
    re.compile(rf"(?P<n>{'|'.join(MONTHS)})[A-Z]*[\s\-/.,]*(?P<d>\d{{1,2}})[\s\-/.,]+(?P<y>20\d\d)"),
    re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)(?!\d)"),
)  # fmt: skip
BARE_DATE = re.compile(r"(?<!\d)(?P<d>[0-3]\d)(?P<m>0[1-9]|1[0-2])(?P<y>20\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt or a screenshot of an order says; None where it does not."""

    order_id: str | None = None
    """FD and seven digits."""
    total: str | None = None
    """Amount with two decimals, without currency."""
    date: date | None = None


def read_receipt(lines: Sequence[str]) -> Receipt:
    """The fields of the text `lines`, given top to bottom."""
    return Receipt(find_order(lines), find_total(lines), find_date(lines))


def find_order(lines: Sequence[str]) -> str | None:
    """The first order number in `lines`, or None."""
    for line in lines:
        if match := ORDER.search(line.upper()):
            return "FD" + re.sub(r"\s", "", match[1]).translate(LOOKALIKES)
    return None


def find_date(lines: Sequence[str]) -> date | None:
    """The first date that exists, or None; 03/04/2018 is the third of April."""
    upper = [line.upper() for line in lines]
    found = (day for line in upper for day in _dates(line))
    misread = (day for line in upper for day in _dates(line.translate(LOOKALIKES)))
    bare = (day for line in upper for day in _dates(line, (BARE_DATE,)))
    return next(found, None) or next(misread, None) or next(bare, None)


def find_total(lines: Sequence[str]) -> str | None:
    """The amount that was to be paid, or None."""
    lines = [TOTAL_MISREAD.sub("TOTAL", line.upper()) for line in lines]
    found = list(_labelled(lines))
    best, plain = ([a for line, a in found if p.search(line)] for p in (BEST_TOTAL, TOTAL))
    paid = _paid(lines)
    # Cash less change settles which of several totals was rounded, and what no label names.
    if paid is not None and (not best + plain or _near(paid, best + plain)):
        return f"{paid:.2f}"
    if rounded := [a for line, a in found if ROUNDED.search(line)]:
        return f"{rounded[-1]:.2f}"
    last = [a for line in lines if LAST.search(line) for a in _amounts(line)[-1:]]
    # Of equally good labels the largest amount includes tax.
    chosen = best or plain or last
    return f"{max(chosen):.2f}" if chosen else None


def _near(amount: float, others: Sequence[float]) -> bool:
    """Whether `amount` is one of `others`, or one of them rounded to what coins can pay."""
    return any(abs(amount - other) <= SMALLEST_COIN for other in others)


def _paid(lines: Sequence[str]) -> float | None:
    """Cash less change, where both are written and something remains."""
    cash = [a for line in lines if CASH.search(line) for a in _amounts(line)]
    change = [a for line in lines if CHANGE.search(line) for a in _amounts(line)]
    if not cash or not change or max(cash) <= change[-1]:
        return None
    return round(max(cash) - change[-1], 2)


def _labelled(lines: Sequence[str]) -> Iterator[tuple[str, float]]:
    for number, line in enumerate(lines):
        if NOT_TOTAL.search(line) and not INCLUSIVE.search(line):
            continue
        if not (BEST_TOTAL.search(line) or TOTAL.search(line)):
            continue
        # An amount under its label, as on narrow rolls, stands alone on the next line.
        following = lines[number + 1] if number + 1 < len(lines) else ""
        amounts = _amounts(line) or (_amounts(following) if _bare(following) else [])
        if amounts:
            yield line, amounts[-1]


def _amounts(line: str) -> list[float]:
    return [float(re.sub(r"[,，]", "", m[1]) + "." + m[2]) for m in AMOUNT.finditer(line)]


def _bare(line: str) -> bool:
    return len(re.sub(r"[\d\s.,，．$¥￥RM:]", "", line)) == 0


def _dates(line: str, patterns: Sequence[re.Pattern[str]] = DATES) -> Iterator[date]:
    for pattern in patterns:
        for match in pattern.finditer(line):
            parts = match.groupdict()
            month = int(parts.get("m") or 0) or MONTHS.index(parts["n"]) + 1
            yield from _existing(int(parts["y"]) % 100 + 2000, month, int(parts["d"]))


def _existing(year: int, month: int, day: int) -> Iterator[date]:
    if month > MONTHS_A_YEAR:
        month, day = day, month  # written month first
    with suppress(ValueError):
        yield date(year, month, day)
