"""Operators: who may sign in, who has, and what they did."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from app.store.database import Database, one_at_a_time
from app.store.instants import Clock, iso, utc_now
from app.store.staff_tables import AuditRow, LoginAttemptRow, OperatorRow, SessionRow

SESSION = timedelta(hours=12)
WINDOW = timedelta(minutes=5)
"""In which failed sign-ins are counted."""
ATTEMPTS = 5
SHORTEST_PASSWORD = 8


class TooManyAttemptsError(RuntimeError):
    """Too many failed sign-ins; `seconds` until the next may be made."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many failed sign-ins; wait {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class SignIn:
    """A session of an operator."""

    operator: str
    """The name."""
    token: str
    """For the cookie; "" where the session was only looked up."""
    csrf: str
    expires_at: datetime


class Staff:
    """Operators' accounts, sessions and audit log. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        clock: Clock = utc_now,
        hasher: PasswordHasher | None = None,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._database = database
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        self._attempts = attempts
        # Checked where there is no such operator, so that both answers take as long.
        self._decoy = self._hasher.hash(secrets.token_urlsafe())

    def add(self, name: str, password: str) -> None:
        """Makes an operator, or gives an existing one a new password and ends their sessions."""
        if not 0 < len(name) <= 64:
            raise ValueError(f"An operator's name has 1 to 64 characters, not {len(name)}")
        if len(password) < SHORTEST_PASSWORD:
            raise ValueError(f"A password has at least {SHORTEST_PASSWORD} characters")
        hashed = self._hasher.hash(password)
        with self._database.writing() as session:
            row = _operator(session, name)
            if row is None:
                row = OperatorRow(name=name, password_hash=hashed, created_at=self._clock())
                session.add(row)
                return
            row.password_hash, row.active = hashed, True
            session.execute(delete(SessionRow).where(SessionRow.operator_id == row.id))

    def names(self) -> tuple[str, ...]:
        """The operators who may sign in, by name."""
        wanted = select(OperatorRow.name).where(OperatorRow.active).order_by(OperatorRow.name)
        with self._database.reading() as session:
            return tuple(session.scalars(wanted))

    def sign_in(self, name: str, password: str, address: str = "") -> SignIn | None:
        """A new session, or None when name or password are wrong.

        TooManyAttemptsError after five failures of that name from that address in 5 minutes.
        The try is counted before the password is looked at, so that guesses made at the same
        time count too.
        """
        name, address = name[:64], address[:64]
        attempt, kept = self._count(name, address)
        if not self._matches(kept or self._decoy, password) or kept is None:
            return None
        return self._open((name, address, attempt), password, kept)

    def session(self, token: str) -> SignIn | None:
        """The session that `token` opens, or None when there is none or it has ended."""
        with self._database.reading() as session:
            found = session.execute(
                select(SessionRow, OperatorRow.name)
                .join(OperatorRow, OperatorRow.id == SessionRow.operator_id)
                .where(SessionRow.token_sha256 == _sha256(token), OperatorRow.active)
            ).one_or_none()
        if found is None or found[0].expires_at <= self._clock():
            return None
        return SignIn(found[1], "", found[0].csrf, found[0].expires_at)

    def sign_out(self, token: str) -> None:
        """Ends the session; nothing happens where there is none."""
        with self._database.writing() as session:
            session.execute(delete(SessionRow).where(SessionRow.token_sha256 == _sha256(token)))

    def audit(
        self,
        operator: str,
        action: str,
        conversation_id: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Notes that `operator` did `action`."""
        with self._database.writing() as session:
            entry = AuditRow(at=self._clock(), operator=operator, action=action)
            entry.conversation_id, entry.details = conversation_id, dict(details or {})
            session.add(entry)

    def audited(self, limit: int = 100) -> tuple[dict[str, Any], ...]:
        """The newest entries of the audit log, newest first."""
        wanted = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
        with self._database.reading() as session:
            return tuple(
                {
                    "at": iso(r.at),
                    "operator": r.operator,
                    "action": r.action,
                    "conversation_id": r.conversation_id,
                    "details": r.details,
                }
                for r in session.scalars(wanted)
            )

    def _count(self, name: str, address: str) -> tuple[int, str | None]:
        now = self._clock()
        theirs = (LoginAttemptRow.name == name, LoginAttemptRow.address == address)
        with self._database.writing() as session:
            one_at_a_time(session, f"sign-in {name} {address}")
            session.execute(delete(LoginAttemptRow).where(LoginAttemptRow.at <= now - WINDOW))
            attempt = LoginAttemptRow(name=name, address=address, at=now)
            session.add(attempt)
            session.flush()
            count, first = session.execute(
                select(func.count(), func.min(LoginAttemptRow.at)).where(*theirs)
            ).one()
            if count > self._attempts:
                raise TooManyAttemptsError(max(1, int((first + WINDOW - now).total_seconds())))
            row = _operator(session, name)
            return attempt.id, row.password_hash if row and row.active else None

    def _open(self, attempt: tuple[str, str, int], password: str, kept: str) -> SignIn:
        name, now, token = attempt[0], self._clock(), secrets.token_urlsafe(32)
        signed_in = SignIn(name, token, secrets.token_urlsafe(32), now + SESSION)
        with self._database.writing() as session:
            row = _operator(session, name)
            assert row is not None
            if self._hasher.check_needs_rehash(kept):
                row.password_hash = self._hasher.hash(password)
            session.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
            session.execute(delete(LoginAttemptRow).where(*_before(attempt)))
            session.add(
                SessionRow(
                    token_sha256=_sha256(token),
                    operator_id=row.id,
                    csrf=signed_in.csrf,
                    created_at=now,
                    expires_at=signed_in.expires_at,
                )
            )
            session.add(AuditRow(at=now, operator=name, action="sign_in"))
        return signed_in

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password.encode("utf-8", "replace"))
        except (VerificationError, InvalidHashError):
            return False


def _operator(session: Session, name: str) -> OperatorRow | None:
    return session.scalar(select(OperatorRow).where(OperatorRow.name == name))


def _before(attempt: tuple[str, str, int]) -> tuple[ColumnElement[bool], ...]:
    name, address, number = attempt
    theirs = (LoginAttemptRow.name == name, LoginAttemptRow.address == address)
    return (*theirs, LoginAttemptRow.id <= number)


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
