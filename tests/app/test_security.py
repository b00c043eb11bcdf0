"""Throttles, addresses and origins."""

from __future__ import annotations

import pytest

from app.errors import AccessError
from app.security import client_address, from_our_pages, same
from app.throttle import Throttle


class Clock:
    """A clock that stands until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_throttle_lets_through_again_as_its_window_slides() -> None:
    clock = Clock()
    throttle = Throttle("t", 2, 10, clock=clock)
    throttle.count("a")
    clock.now = 6
    throttle.count("a")
    with pytest.raises(AccessError) as refused:
        throttle.count("a")
    assert refused.value.retry_after == 4
    clock.now = 10.5
    throttle.count("a")
    with pytest.raises(AccessError):
        throttle.count("a")


def test_keys_are_throttled_apart_and_forgotten_on_request() -> None:
    throttle = Throttle("t", 1, 10, clock=Clock())
    throttle.count("a")
    throttle.count("b")
    throttle.forget("a")
    throttle.count("a")


def test_a_throttle_remembers_a_bounded_number_of_keys() -> None:
    throttle = Throttle("t", 1, 10, keys=100, clock=Clock())
    for n in range(1000):
        throttle.count(str(n))
    assert len(throttle._times) == 100


@pytest.mark.parametrize(
    ("peer", "told", "trusted", "address"),
    [
        ("192.0.2.1", None, False, "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", False, "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", True, "203.0.113.9"),
        ("192.0.2.1", "6.6.6.6, 203.0.113.9", True, "203.0.113.9"),
        ("192.0.2.1", "nonsense", True, "192.0.2.1"),
        ("2001:db8:1:2:3::4", None, False, "2001:db8:1:2::/64"),
        (None, None, False, "unknown"),
    ],
)
def test_a_request_counts_against_the_right_address(
    peer: str | None, told: str | None, trusted: bool, address: str
) -> None:
    assert client_address(peer, told, trusted_proxy=trusted) == address


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"host": "shop.example"}, True),
        ({"host": "shop.example", "origin": "https://shop.example"}, True),
        ({"host": "app:7860", "origin": "https://chat.example"}, True),
        ({"host": "shop.example", "origin": "https://evil.example"}, False),
        ({"host": "shop.example", "origin": "null"}, False),
        ({"host": "shop.example", "sec-fetch-site": "cross-site"}, False),
        ({"host": "shop.example", "sec-fetch-site": "same-site"}, False),
    ],
)
def test_only_our_own_pages_may_change_things(headers: dict[str, str], ours: bool) -> None:
    assert from_our_pages(headers, "https://chat.example") is ours


def test_secrets_are_compared_whole() -> None:
    assert same("abc", "abc")
    assert not same("abc", "ab")
    assert not same("密", "abc")
