"""The pack's rows: whole, true to their pictures, and added once."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from sqlalchemy import func, select

from app.store.seed import seed
from app.store.shop_tables import CouponRow, OrderRow

PACK = Path(__file__).parents[3] / "data" / "domains" / "fresh"


def products() -> list[dict[str, str]]:
    with (PACK / "seed" / "products.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_second_seeding_adds_nothing(database, clock):
    first = seed(database, PACK, clock)
    clock.move(days=1)
    assert (first["orders"] >= 240, sum(seed(database, PACK, clock).values())) == (True, 0)


def test_dates_move_with_the_day_of_seeding(database, clock):
    clock.move(days=100)
    seed(database, PACK, clock)
    with database.reading() as session:
        newest = session.scalar(select(func.max(OrderRow.placed_at)))
        expires = session.get(CouponRow, "FRESH10").expires_at
    assert 0 < (clock() - newest).total_seconds() < 3600
    assert (expires - clock()).days == 20


def test_a_shop_that_grew_old_begins_anew(shop, clock):
    with shop.writing() as session:
        session.get(OrderRow, "FD2024055").status = "cancelled"
    clock.move(days=40)
    assert seed(shop, PACK, clock, again=True)["orders"] >= 240
    with shop.reading() as session:
        order = session.get(OrderRow, "FD2024055")
        assert order.status == "placed"
        assert (clock() - order.placed_at).total_seconds() < 3600
        assert (session.get(CouponRow, "FRESH10").expires_at - clock()).days == 20


def test_a_pack_without_rows_adds_nothing(database, tmp_path):
    assert sum(seed(database, tmp_path).values()) == 0


def test_what_a_customer_changed_survives_seeding(shop, clock):
    with shop.writing() as session:
        session.get(OrderRow, "FD2024055").status = "cancelled"
    seed(shop, PACK, clock)
    with shop.reading() as session:
        assert session.get(OrderRow, "FD2024055").status == "cancelled"


def test_every_product_has_its_picture_and_both_languages():
    rows = products()
    assert [row["id"] for row in rows] == [str(n) for n in range(81)]
    for row in rows:
        assert (PACK / "media" / row["image"]).is_file()
        assert all(row[column] for column in row)
        assert re.fullmatch(r"\d+\.\d\d", row["price"])
        assert re.search(r"[一-鿿]", row["name_zh"] + row["description_zh"])
        assert not re.search(r"[一-鿿]", row["name_en"] + row["synonyms_en"])


def test_no_two_products_have_the_same_name():
    rows = products()
    for column in ("name_zh", "name_en"):
        assert len({row[column].lower() for row in rows}) == 81


def test_apples_share_the_everyday_word():
    apples = [r["id"] for r in products() if "苹果" in r["synonyms_zh"].split("|")]
    assert apples == ["0", "1", "2", "3", "4"]
