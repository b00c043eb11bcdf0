"""The pages: what they carry, how they are kept, who may frame them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from csv import DictReader
from html import unescape
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from web.pages import STATIC, pages

SEED = Path(__file__).parents[2] / "data" / "domains" / "fresh" / "seed"
INTENTS = {"b": {"zh": "乙", "en": 'say "b"'}, "a": {"zh": "甲", "en": "<a>"}}
PRODUCTS = {"4": {"zh": "苹果 & 梨", "en": "<apple>"}}
PAGES = ("/", "/widget/frame", "/widget/demo", "/admin", "/docs")


@pytest.fixture(scope="module")
def browser() -> Iterator[TestClient]:
    app = FastAPI(docs_url=None)
    shop = {"zh": "甲 & 乙", "en": "<shop>"}
    app.include_router(pages(shop, ("https://shop.example",), INTENTS, PRODUCTS))
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
def test_a_page_allows_only_its_own_scripts_and_styles(browser: TestClient, path: str) -> None:
    policy = browser.get(path).headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_nothing_inline_that_the_policy_would_refuse(
    browser: TestClient, path: str
) -> None:
    html = browser.get(path).text
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*src=)", html)


@pytest.mark.parametrize("path", PAGES)
def test_every_file_a_page_names_is_there_and_kept_for_ever(browser: TestClient, path: str) -> None:
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', browser.get(path).text)
    assert files
    for address in files:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["cache-control"]


def test_only_the_frame_may_be_framed_by_the_sites_named(browser: TestClient) -> None:
    frame = browser.get("/widget/frame").headers["content-security-policy"]
    chat = browser.get("/").headers["content-security-policy"]
    assert "frame-ancestors 'self' https://shop.example" in frame
    assert "frame-ancestors 'none'" in chat


@pytest.mark.parametrize("path", ["/", "/widget/frame", "/widget/demo", "/admin"])
def test_the_shop_is_named_in_both_languages_and_escaped(browser: TestClient, path: str) -> None:
    html = browser.get(path).text
    assert "甲 &amp; 乙" in html
    assert "&lt;shop&gt;" in html
    assert "<shop>" not in html


def test_operators_read_the_names_of_every_intent_and_product_of_the_pack(
    browser: TestClient,
) -> None:
    html = browser.get("/admin").text
    given = re.search(r'data-pack="([^"]*)"', html)
    assert given
    assert json.loads(unescape(given[1])) == {"intents": INTENTS, "products": PRODUCTS}


def test_a_page_and_the_loader_are_not_sent_twice(browser: TestClient) -> None:
    for path in ("/", "/widget.js"):
        tag = browser.get(path).headers["etag"]
        assert browser.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_a_file_from_an_older_version_is_revalidated(browser: TestClient) -> None:
    answer = browser.get("/static/older/client/main.js")
    assert answer.headers["cache-control"] == "no-cache"


def test_nothing_outside_the_static_folder_is_served(browser: TestClient) -> None:
    assert browser.get("/static/x/%2e%2e/pages.py").status_code == 404


def test_every_module_imported_exists() -> None:
    for file in STATIC.rglob("*.js"):
        for name in re.findall(r'from "(\.[^"]+)"', file.read_text(encoding="utf-8")):
            assert (file.parent / name).resolve().is_file(), f"{file.name} imports {name}"


def test_both_languages_say_the_same_things() -> None:
    keys = [
        set(re.findall(r'"([\w.]+)":', (STATIC / f"client/words.{name}.js").read_text("utf-8")))
        for name in ("zh", "en")
    ]
    assert keys[0] == keys[1]


def test_the_demo_page_asks_the_prices_that_the_assistant_tells(browser: TestClient) -> None:
    html = browser.get("/widget/demo").text
    shelf = re.findall(r'/products/(\d+)\.jpg" alt=""><h3 data-en="([^"]+)">.*?<b>¥([\d.]+)<', html)
    with (SEED / "products.csv").open(encoding="utf-8", newline="") as table:
        known = {
            int(row["id"]): (row["name_en"].lower(), row["price"]) for row in DictReader(table)
        }
    assert len(shelf) == 8
    assert [(name.lower(), price) for _, name, price in shelf] == [
        known[int(n)] for n, _, _ in shelf
    ]
