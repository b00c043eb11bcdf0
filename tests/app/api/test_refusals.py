"""Wrong input, throttles and bounds: one shape, one sentence, and the conversation goes on."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

import pytest
from PIL import Image

from app.config import Limits
from tests.app.api.harness import House, bearer, photo, tone, webm

HTML = b"<html><script>alert(1)</script></html>"


def bomb() -> bytes:
    """A PNG of 100 kB that says it is 30000 x 30000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(30_001) * 100)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


BAD = [
    ("html named jpg", [("pictures", ("a.jpg", HTML, "image/jpeg"))], 415, "picture_unsupported"),
    ("html named wav", [("audio", ("a.wav", HTML, "audio/wav"))], 415, "audio_unsupported"),
    ("bomb", [("pictures", ("a.png", bomb(), "image/png"))], 413, "picture_too_many_pixels"),
    ("cut jpeg", [("pictures", ("a.jpg", photo()[:300]))], 415, "picture_unreadable"),
    ("webm head", [("audio", ("a.webm", webm(2)[:60]))], 415, "audio_unreadable"),
    ("0 bytes", [("audio", ("a.webm", b""))], 422, "audio_empty"),
    ("61 s", [("audio", ("a.wav", tone(61, 8000)))], 413, "audio_too_long"),
    ("5 pictures", [("pictures", ("a.jpg", photo()))] * 5, 422, "too_many_pictures"),
    ("2 recordings", [("audio", ("a.wav", tone(1)))] * 2, 422, "too_many_recordings"),
    ("10 MB", [("audio", ("a.wav", b"RIFF0000WAVE" + bytes(11 << 20)))], 413, "audio_too_large"),
]


@pytest.mark.parametrize(("_", "files", "status", "code"), BAD, ids=[row[0] for row in BAD])
def test_what_cannot_be_taken_in_gets_a_sentence_and_the_conversation_goes_on(
    house: House, _: str, files: list, status: int, code: str
) -> None:
    talk = house.open("en")
    refused = house.post(talk, files=files, locale="en")
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)
    assert refused.json()["error"]["message"].isascii()
    assert house.say(talk, "hello")[0].kind == "turn"


def test_a_recording_that_breaks_off_is_heard_as_far_as_it_goes(house: House) -> None:
    sound = webm(3)
    events = house.say(house.open(), files=[("audio", ("a.webm", sound[: len(sound) // 2]))])
    assert 0.5 < events[0].data["audio"]["seconds"] < 2.5


def test_3000_characters_are_too_many_and_the_customer_is_told_in_chinese(house: House) -> None:
    refused = house.post(house.open(), "好" * 3000)
    assert refused.status_code == 413
    assert refused.json()["error"]["message"] == ("这段话太长了，一次最多 2000 个字，请分几次发。")


def test_nothing_at_all_is_refused(house: House) -> None:
    assert house.post(house.open(), "   ").json()["error"]["code"] == "empty_message"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("DELETE", "/v1/chat", 405, "method_not_allowed"),
        ("POST", "/v1/conversations", 422, "invalid_request"),
        ("POST", "/v1/chat", 415, "unsupported_content_type"),
    ],
)
def test_every_failure_has_the_one_shape(
    house: House, method: str, path: str, status: int, code: str
) -> None:
    answer = house.client.request(method, path, content=b"{", headers={"Accept-Language": "en"})
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"].isascii()


def test_an_invalid_field_is_named_without_its_value(house: House) -> None:
    body = {"text": "secret words", "turn_id": "a b", "locale": "fr"}
    answer = house.client.post("/v1/chat", json=body)
    assert answer.status_code == 422
    assert "turn_id" in answer.json()["error"]["message"]
    assert "locale" in answer.json()["error"]["message"]
    assert "secret" not in answer.text


def test_bad_base64_is_a_named_field(house: House) -> None:
    answer = house.client.post("/v1/chat", json={"audio_base64": "###"})
    assert answer.status_code == 422
    assert "audio_base64" in answer.json()["error"]["message"]


def test_a_wrong_field_is_named_in_the_language_of_the_message(house: House) -> None:
    answer = house.client.post("/v1/chat", json={"locale": "en", "audio_base64": "###"})
    assert answer.json()["error"]["message"].startswith("Something")


def test_a_failure_of_ours_shows_no_stack_trace(house: House) -> None:
    house.access.store.start = None  # type: ignore[method-assign, assignment]
    answer = house.client.post("/v1/conversations", json={})
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert "Traceback" not in answer.text


def test_a_body_is_bounded_although_it_does_not_say_its_length(house: House) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(4):
            yield bytes(32 * 1024)

    answer = house.client.post("/v1/conversations", content=endless())
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "request_too_large"


def test_a_body_that_says_it_is_too_long_is_not_even_read(house: House) -> None:
    answer = house.client.post("/v1/conversations", content=bytes(100 * 1024))
    assert answer.status_code == 413


def test_new_conversations_are_throttled_by_address(house_with) -> None:
    house = house_with(Limits(conversations_per_hour=2))
    house.open()
    house.open()
    refused = house.client.post("/v1/conversations", json={"locale": "en"})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert refused.json()["error"]["code"] == "throttled"
    made_by_chat = house.client.post("/v1/chat", json={"text": "hello"})
    assert made_by_chat.status_code == 429
    spoofed = {"X-Forwarded-For": "203.0.113.9"}
    assert house.client.post("/v1/conversations", json={}, headers=spoofed).status_code == 429


def test_a_trusted_proxy_tells_addresses_apart(house_with) -> None:
    house = house_with(Limits(conversations_per_hour=1), trusted_proxy=True)
    for last in (1, 2):
        headers = {"X-Forwarded-For": f"10.0.0.1, 203.0.113.{last}"}
        answer = house.client.post("/v1/conversations", json={}, headers=headers)
        assert answer.status_code == 201


def test_messages_and_uploads_are_throttled_by_conversation(house_with) -> None:
    house = house_with(Limits(messages_per_minute=3, uploads_per_minute=1))
    talk, other = house.open(), house.open()
    house.say(talk, "一", turn="t1", files=[("pictures", ("p.jpg", photo()))])
    refused = house.post(talk, "二", "t2", files=[("pictures", ("p.jpg", photo()))])
    assert refused.status_code == 429
    house.say(talk, "三", turn="t3")
    assert house.post(talk, "四", "t4").status_code == 429
    house.say(other, "五")
    assert b'lingxi_throttled_total{what="uploads"} 1.0' in house.access.metrics.text()


def test_a_conversation_opens_to_its_own_token_only(house: House) -> None:
    talk, other = house.open(), house.open()
    stolen = {"id": talk["id"], "token": other["token"]}
    path = f"/v1/conversations/{talk['id']}/events"
    assert house.client.get(path).status_code == 401
    assert house.client.get(path, headers=bearer(stolen)).status_code == 401
    assert house.client.get(path, headers=bearer({"token": "wrong"})).status_code == 401
    assert house.client.get(path, headers=bearer(talk)).status_code == 200
    assert house.post(stolen, "你好").status_code == 401
    nobody = house.client.get("/v1/conversations/none/events", headers=bearer(talk))
    assert nobody.status_code == 401, "an unknown conversation looks like a closed one"


def test_media_open_to_their_own_conversation_only(house: House) -> None:
    talk, other = house.open(), house.open()
    events = house.say(talk, files=[("pictures", ("p.png", photo("PNG")))])
    url = events[0].data["pictures"][0]["url"]
    mine = house.client.get(url, headers=bearer(talk))
    assert mine.headers["content-type"] == "image/jpeg"
    assert "sandbox" in mine.headers["content-security-policy"]
    assert house.client.get(url).status_code == 401
    assert house.client.get(url, headers=bearer(other)).status_code == 404
    assert house.client.get("/v1/media/none", headers=bearer(talk)).status_code == 404


def test_players_may_ask_for_a_range(house: House) -> None:
    talk = house.open()
    url = house.say(talk, files=[("audio", ("a.wav", tone(1)))])[0].data["audio"]["url"]
    whole = house.client.get(url, headers=bearer(talk)).content
    wanted = {"bytes=0-9": whole[:10], "bytes=10-": whole[10:], "bytes=-5": whole[-5:]}
    for asked, part in wanted.items():
        answer = house.client.get(url, headers={**bearer(talk), "Range": asked})
        assert (answer.status_code, answer.content) == (206, part)
    beyond = {**bearer(talk), "Range": f"bytes={len(whole)}-"}
    assert house.client.get(url, headers=beyond).status_code == 416


def test_pictures_are_kept_without_where_they_were_taken(house: House) -> None:
    buffer = io.BytesIO()
    picture = Image.new("RGB", (40, 20), "red")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Secret Camera"
    picture.save(buffer, "JPEG", exif=exif)
    talk = house.open()
    events = house.say(talk, files=[("pictures", ("p.jpg", buffer.getvalue()))])
    kept = house.client.get(events[0].data["pictures"][0]["url"], headers=bearer(talk)).content
    assert b"Secret" not in kept
    assert Image.open(io.BytesIO(kept)).size == (20, 40), "turned upright"
