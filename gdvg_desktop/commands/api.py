"""The control API as its user steers it: on or off, its token, and whether it answers.

Any process may call these. The process that has the engine serves; it learns of a change from the settings file and
from a fact that says when the token was last made. The token itself is in the keyring only.
"""

import asyncio
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.commands import settings as setting_commands
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import GdvgError, UsageError
from gdvg_desktop.core.events import ApiChanged
from gdvg_desktop.core.secrets import API_TOKEN, VARIABLES
from gdvg_desktop.store import counts

LOOPBACK = "127.0.0.1"
TOKEN_BYTES = 32
_TOKEN_FACT, _SERVER_FACT = "api_token", "api_server"
_CONNECT_S = 0.5


@dataclass(frozen=True, slots=True)
class ApiStatus:
    """How the control API stands. `token_made_at` is unix milliseconds, None for a token of the environment.

    `running` says whether it answers now; `problem` why it does not although it is switched on, or why the token
    cannot be read.
    """

    enabled: bool
    address: str
    running: bool
    problem: str | None
    has_token: bool
    token_made_at: int | None
    token_from_environment: bool

    @property
    def documentation(self) -> str:
        """The page that describes every route."""
        return f"{self.address}/docs"


@dataclass(frozen=True, slots=True)
class Listening:
    """What a process that serves says of itself."""

    port: int
    problem: str | None


def address_of(port: int) -> str:
    """Where the control API answers."""
    return f"http://{LOOPBACK}:{port}"


async def status(app: App) -> ApiStatus:
    """Everything there is to know of the control API, in whichever process it runs."""
    token, trouble = None, None
    try:
        token = await read_token(app)
    except GdvgError as error:
        trouble = str(error)
    made, listening = await app.store.read(lambda db: (counts.fact(db, _TOKEN_FACT), _listening(db)))
    enabled, port = app.settings.api_enabled, app.settings.api_port
    running, problem = False, trouble
    if enabled and listening is not None:
        running = listening.problem is None and await _answers(listening.port)
        problem = trouble or listening.problem
    from_environment = app.secrets.from_environment(API_TOKEN)
    return ApiStatus(
        enabled=enabled,
        address=address_of(listening.port if running and listening is not None else port),
        running=running,
        problem=problem,
        has_token=token is not None,
        token_made_at=made.at if made is not None and token is not None and not from_environment else None,
        token_from_environment=from_environment,
    )


async def turn_on(app: App) -> str | None:
    """Switch the control API on. Returns the token when one had to be made: it is shown this once.

    Raises UsageError where the environment sets it and KeyringUnavailable when a token cannot be kept; then nothing
    changes.
    """
    made = await new_token(app) if await read_token(app) is None else None
    await setting_commands.change(app, api_enabled=True)
    return made


async def turn_off(app: App) -> None:
    """Switch the control API off; the token stays. Raises UsageError where the environment sets it."""
    await setting_commands.change(app, api_enabled=False)


async def new_token(app: App) -> str:
    """Make a token in place of the one there is, which stops working. It cannot be shown again later.

    Raises UsageError where the environment gives the token, and KeyringUnavailable.
    """
    if app.secrets.from_environment(API_TOKEN):
        raise UsageError(f"The token comes from {VARIABLES[API_TOKEN]} in the environment.", "Change it there.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await asyncio.to_thread(app.secrets.save, API_TOKEN, token)
    now_ms = to_millis(app.clock.now())
    mark = secrets.token_hex(8)  # another one even when two are made within a millisecond; says nothing of the token
    await app.store.write(lambda db: counts.set_fact(db, _TOKEN_FACT, mark, now_ms))
    return token


async def read_token(app: App) -> str | None:
    """The token, None when there is none yet. Raises KeyringUnavailable."""
    return await asyncio.to_thread(app.secrets.load, API_TOKEN)


async def token_mark(app: App) -> str:
    """Another text whenever the token was made anew."""
    found = await app.store.read(lambda db: counts.fact(db, _TOKEN_FACT))
    return found.value if found is not None else ""


async def tell(app: App, listening: Listening | None) -> None:
    """Say whether this process serves, for every process to see; None when it does not want to."""
    now_ms = to_millis(app.clock.now())
    values = {"port": listening.port, "problem": listening.problem} if listening is not None else {}
    await app.store.write(lambda db: counts.set_fact(db, _SERVER_FACT, json.dumps(values), now_ms))
    app.bus.publish(ApiChanged(listening.problem or "" if listening is not None else ""))


def _listening(db: SqliteDatabase) -> Listening | None:
    found = counts.fact(db, _SERVER_FACT)
    values = json.loads(found.value) if found is not None else {}
    return Listening(values["port"], values["problem"]) if values else None


async def _answers(port: int) -> bool:
    """Whether anybody listens there: a process that was killed could not say that it ceased to."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(LOOPBACK, port), _CONNECT_S)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True
