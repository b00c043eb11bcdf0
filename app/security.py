"""Secrets compared, cookies set, and who may send an unsafe call from where."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

COOKIE = "lingxi_operator"
COOKIE_SECONDS = 12 * 3600
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal, in time that tells nothing."""
    return hmac.compare_digest(one.encode(), other.encode())


def from_our_pages(headers: Mapping[str, str], public_url: str) -> bool:
    """Whether a cookie-carrying unsafe call was made by a page of this very site.

    Browsers send Origin with such calls; a call without one comes from no browser page.
    """
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    ours = {headers.get("host", ""), urlsplit(public_url).netloc} - {""}
    return urlsplit(origin).netloc in ours


def client_address(peer: str | None, forwarded_for: str | None, *, trusted_proxy: bool) -> str:
    """The address a request counts against; the proxy's word only when it is trusted.

    The last entry of X-Forwarded-For is the one our own proxy wrote. An IPv6 customer
    counts by network (/64), since each owns a whole one.
    """
    told = (forwarded_for or "").rpartition(",")[2].strip() if trusted_proxy else ""
    return _network(told) or _network(peer or "") or peer or "unknown"


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
