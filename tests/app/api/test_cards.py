"""Cards as pictures: whose they are, and what they may load."""

from __future__ import annotations

import httpx
import pytest

from tests.app.api.harness import House, bearer

CARD = {"kind": "product", "title": "柠檬 <script>", "image": "/media/products/08.jpg", "rows": []}


@pytest.fixture
def shown(house: House) -> dict[str, str]:
    """A conversation that was shown a card."""
    talk = house.open()
    for number, card in enumerate((None, CARD, {**CARD, "image": "/media/../domain.toml.jpg"})):
        body = {"turn_id": "t1", "number": number, "text": "", "audio": None, "card": card}
        house.storage.conversations.append(talk["id"], "part", body)
    return talk


def ask(house: House, talk: dict[str, str], which: str, token: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else bearer(talk)
    return house.client.get(f"/v1/conversations/{talk['id']}/cards/{which}", headers=headers)


def test_a_card_is_one_picture_without_script(house: House, shown: dict[str, str]) -> None:
    drawn = ask(house, shown, "t1/1")
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")
    assert "default-src 'none'" in drawn.headers["content-security-policy"]
    assert "script-src" not in drawn.headers["content-security-policy"]
    assert "<script" not in drawn.text
    assert "柠檬 &lt;script&gt;" in drawn.text
    assert "data:image/jpeg;base64," in drawn.text


def test_only_pictures_of_the_catalogue_are_put_in(house: House, shown: dict[str, str]) -> None:
    assert "<image" not in ask(house, shown, "t1/2").text


@pytest.mark.parametrize("which", ["t1/0", "t1/9", "t2/1"])
def test_where_there_is_no_card_there_is_none(
    house: House, shown: dict[str, str], which: str
) -> None:
    assert ask(house, shown, which).status_code == 404


def test_a_card_belongs_to_its_conversation(house: House, shown: dict[str, str]) -> None:
    assert ask(house, shown, "t1/1", token=house.open()["token"]).status_code == 401
    assert ask(house, shown, "t1/x").status_code == 422
