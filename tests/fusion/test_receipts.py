"""Order number, total and date from lines of text."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from dialogue.types import Picture
from fusion.vision.ocr import RapidTextReader, lines
from fusion.vision.receipts import find_date, find_order, find_total, read_receipt


@pytest.mark.parametrize(
    "line",
    ["Order FD2024051", "订单号：FD2024051", "fd 2024051", "FD-2O24O5I", "F D 2024051 已发货"],
)
def test_an_order_number_is_found_as_it_is_printed_or_misread(line: str) -> None:
    assert find_order([line]) == "FD2024051"


@pytest.mark.parametrize("line", ["FD20240512", "FD202405", "XFD2024051", "Tel 2024051", ""])
def test_other_numbers_are_no_order(line: str) -> None:
    assert find_order([line]) is None


@pytest.mark.parametrize(
    ("text", "total"),
    [
        (["SUB TOTAL 9.00", "TOTAL 9.54", "CASH 10.00", "CHANGE 0.46"], "9.54"),
        (["Total Qty: 3", "Grand Total:", "RM 1,209.50", "Paid 1,300.00"], "1209.50"),
        (["Total 43.90", "Total Sales Incl GST 46.54"], "46.54"),
        (["商品小计 30.00", "优惠 -5.00", "实付款 ￥25.00"], "25.00"),
        (["合计：¥42.30"], "42.30"),
        (["T0TAL26.60"], "26.60"),
        (["TOTAL 26,60"], "26.60"),
        (["TOTAL 25.12", "Total Rounded 25.10", "CASH 30.00", "CHANGE 4.90"], "25.10"),
        (["5.60", "CASH 10.00", "CHANGE 4.40"], "5.60"),
        (["Total 9.00", "CASH 10.00", "CHANGE 10.00"], "9.00"),
        (["Total Incl. GST:RM 118.35", "Master xxxx0000: 118.35", "Change:RM 0.00"], "118.35"),
        (["Total 11.60", "Rounding 0.01", "Total Inclusive GST: 10.45"], "10.45"),
        (["Total Inel. of GST 150.00", "Total Amt Rounded 130.00"], "130.00"),
        (["IUIAL (GSI INUL) 2.28", "CASH 5.00", "CHANGE DUE 0.70"], "2.28"),
        (["TOTAL 19.99", "Rounding Adj 0.01", "CASH 20.00", "CHANGE 0.00"], "20.00"),
        (["Gross Amt 47.80", "Net Amt : 53.55"], "53.55"),
        (["TAX TOTAL: 2.94"], None),
        (["Thank you"], None),
    ],
)
def test_the_total_is_what_was_paid(text: list[str], total: str | None) -> None:
    assert find_total(text) == total


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Date: 21/05/2018 11:59", date(2018, 5, 21)),
        ("REG #19- 21/05/2018", date(2018, 5, 21)),
        ("12/28/2017 10:17 PM", date(2017, 12, 28)),
        ("2026年11月3日", date(2026, 11, 3)),
        ("3 Nov 26", date(2026, 11, 3)),
        ("Nov 3, 2026", date(2026, 11, 3)),
        ("05-06-18", date(2018, 6, 5)),
        ("18/01/201810:27:03", date(2018, 1, 18)),
        ("3-NOV-20189:15", date(2018, 11, 3)),
        ("20180428", date(2018, 4, 28)),
        ("27032018 No:CS-20242", date(2018, 3, 27)),
        ("INV 201804280017", None),
        ("18/O1/2O18", date(2018, 1, 18)),
        ("31/02/2018", None),
        ("03-55423228", None),
    ],
)
def test_dates_are_read_in_the_usual_spellings(line: str, day: date | None) -> None:
    assert find_date([line]) == day


def test_pieces_side_by_side_form_one_line() -> None:
    def box(left: float, top: float) -> list[list[float]]:
        return [[left, top], [left + 50, top], [left + 50, top + 20], [left, top + 20]]

    boxes = np.array([box(200, 103), box(0, 50), box(0, 100)], np.float32)
    assert lines(boxes, ("42.30", "Banana", "Total")) == ("Banana", "Total 42.30")


def test_a_screenshot_of_an_order_is_read(reader: RapidTextReader, screenshot: Picture) -> None:
    receipt = read_receipt(reader.read(screenshot))
    assert receipt.order_id == "FD2024051"
    assert receipt.total == "42.30"
    assert receipt.date == date(2026, 11, 20)
