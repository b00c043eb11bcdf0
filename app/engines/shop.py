"""The shop that acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.config import Settings
from dialogue.engines import Actions

if TYPE_CHECKING:
    from app.store.database import Database


def build_actions(settings: Settings, database: Database) -> Actions:
    """The shop: our own tables, or the shop's API."""
    match settings.shop.actions:
        case "sql":
            from app.store.shop.actions import SqlActions

            return SqlActions(database)
        case "http":
            from app.shop_http import HttpActions

            shop = settings.shop
            return HttpActions(shop.url, shop.secret.get_secret_value(), shop.timeout)
