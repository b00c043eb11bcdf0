"""The demo shop behind the `Actions` seam, on SQL tables."""

from app.store.shop.actions import SqlActions

__all__ = ["SqlActions"]
