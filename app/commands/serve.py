"""`lingxi serve`: the whole product on one port."""

from __future__ import annotations

import gc
import secrets
import socket
import time

import typer
import uvicorn
from rich.console import Console

from app import logs
from app.arenas import share_arenas
from app.commands.output import loading
from app.config import Settings
from app.house import House, open_settings, settle
from app.live.protocol import LARGEST
from app.main import create_app
from app.store.staff import Staff

FIRST_OPERATOR = "admin"


def serve() -> None:
    """Serves the chat, the widget, the operators' panel and the API."""
    share_arenas()
    started = time.perf_counter()
    gc.disable()  # until all is loaded: what loads stays, and looking through it took a tenth
    settings = Settings()
    logs.configure(settings.log_level)
    # First of all: two servers at one database would answer the same turns.
    with taken(settings.host, settings.port) as door:
        with loading() as progress:
            house = open_settings(settings, progress)
        app = create_app(house=house)
        settle()
        _announce(house, time.perf_counter() - started)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            proxy_headers=False,  # app.security alone decides whom to believe
            server_header=False,
            ws="websockets-sansio",
            ws_max_size=LARGEST,
            timeout_graceful_shutdown=10,
        )
        uvicorn.Server(config).run(sockets=[door])


def taken(host: str, port: int) -> socket.socket:
    """The door at `host` and `port`: who comes early waits. BadParameter where it is not free."""
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(kind)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
        door.listen()
    except (OSError, OverflowError) as error:
        door.close()
        raise typer.BadParameter(
            f"Nothing can listen at {host}, port {port}: {error}. "
            "Set LINGXI_PORT or LINGXI_HOST to another one."
        ) from error
    return door


def _announce(house: House, seconds: float) -> None:
    settings = house.settings
    site = settings.public_url or f"http://{settings.host}:{settings.port}"
    console = Console(stderr=True)
    console.print(f"\n[bold]灵犀 Lingxi[/] is ready after {seconds:.1f} s\n")
    pages = {"chat": "/", "widget demo": "/widget/demo", "admin": "/admin", "API": "/docs"}
    if settings.shows_playground:
        pages["playground"] = "/playground"
    for name, path in pages.items():
        console.print(f"  {name:<12} {site}{path}")
    if password := first_operator(Staff(house.database)):
        console.print(
            f"\n  Sign in to /admin as [bold]{FIRST_OPERATOR}[/] with [bold]{password}[/]"
            "\n  It is shown only now; `lingxi operator add` makes others.\n"
        )


def first_operator(staff: Staff) -> str:
    """Makes the first operator and returns the password; "" when there is one already."""
    if staff.names():
        return ""
    password = secrets.token_urlsafe(12)
    staff.add(FIRST_OPERATOR, password)
    return password
