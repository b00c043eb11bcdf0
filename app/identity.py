"""Whom the host site vouches for: the signed token that it hands its customer (JWT, RFC 7519)."""

from __future__ import annotations

import re
import time

import jwt

from app.errors import AccessError

ALGORITHM = "HS256"
LEEWAY = 30
"""Seconds by which the site's clock may be off."""
LONGEST = 24 * 3600
"""Seconds from now on that a token may be good for."""
_CUSTOMER = re.compile(r"[A-Za-z0-9._:@-]{1,64}")


def customer_of(token: str, secret: str) -> str:
    """The shop's id of the customer whom `token` vouches for.

    Nothing but the signature, `sub`, `exp` and, where given, `iat` and `nbf` is believed.
    Raises AccessError: identity_off where `secret` is "", identity_expired, identity_invalid.
    """
    if not secret:
        raise AccessError("identity_off")
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            leeway=LEEWAY,
            options={"require": ["sub", "exp"]},
        )
        ends = int(claims["exp"])
    except jwt.ExpiredSignatureError as error:
        raise AccessError("identity_expired") from error
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
        raise AccessError("identity_invalid") from error
    customer = claims["sub"]
    if not _CUSTOMER.fullmatch(customer) or ends > time.time() + LONGEST + LEEWAY:
        raise AccessError("identity_invalid")
    return str(customer)
