"""Money: exact yuan in Python, whole fen in the database."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Dialect, Integer
from sqlalchemy.types import TypeDecorator

CENT = Decimal("0.01")


def yuan(amount: Decimal) -> str:
    """`amount` with two decimals, as facts carry it."""
    return str(amount.quantize(CENT))


class Yuan(TypeDecorator[Decimal]):
    """An amount of yuan, kept in fen: SQLite has no exact decimals."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Whole fen; fractions of a fen are refused."""
        if value is None:
            return None
        fen = value * 100
        if fen != int(fen):
            raise ValueError(f"{value} yuan is not a whole number of fen")
        return int(fen)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Yuan with two decimals."""
        return None if value is None else (Decimal(value) / 100).quantize(CENT)
