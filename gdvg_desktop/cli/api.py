"""`gdvg api ...`: the control API of the process that has the engine, switched on and off and given a token."""

from typing import Annotated, Any

import typer

from gdvg_desktop.cli import show
from gdvg_desktop.cli.session import Session
from gdvg_desktop.commands import api
from gdvg_desktop.commands.api import ApiStatus

cli = typer.Typer(no_args_is_help=True)


@cli.command("on")
def on(context: typer.Context) -> None:
    """Switch the control API on; a running window or daemon answers within two seconds."""
    _turn(context, True)


@cli.command("off")
def off(context: typer.Context) -> None:
    """Switch the control API off."""
    _turn(context, False)


@cli.command("token")
def token(
    context: typer.Context,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Make a new token and print it this once; the old one stops working.")
    ] = False,
) -> None:
    """Whether there is a token; it is printed only when it is made."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            made = await api.new_token(app) if rotate else None
            found = await api.status(app)
        if session.as_json:
            session.emit({"token": made, "made_at": show.instant(found.token_made_at), "present": found.has_token})
        elif made is not None:
            _print_token(session, made)
        else:
            session.out.print(_token_words(found))
        return 0

    session.run(run)


@cli.command("status")
def status(context: typer.Context) -> None:
    """Whether the control API is on, where it answers, and why it does not."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await api.status(app)
        if session.as_json:
            session.emit(_json(found))
        else:
            _print(session, found)
        return 0

    session.run(run)


def _turn(context: typer.Context, wanted: bool) -> None:
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            made = None
            if wanted:
                made = await api.turn_on(app)
            else:
                await api.turn_off(app)
            found = await api.status(app)
        if session.as_json:
            session.emit({**_json(found), "token": made})
            return 0
        if made is not None:
            _print_token(session, made)
        if wanted:
            session.out.print(f"The control API is on, at {found.address}, while a window or gdvg daemon runs.")
            session.out.print(f"Its routes are described at {found.documentation}.")
        else:
            session.out.print("The control API is off.")
        return 0

    session.run(run)


def _print_token(session: Session, made: str) -> None:
    session.out.print(made)
    session.err.print("This is the token. It is not shown again; the keyring keeps it for this program.")


def _print(session: Session, found: ApiStatus) -> None:
    if not found.enabled:
        session.out.print("The control API is off. Switch it on with: gdvg api on.")
    elif found.running:
        session.out.print(f"The control API answers at {found.address}; its routes: {found.documentation}.")
    else:
        session.out.print(f"The control API is on, but nothing answers at {found.address}.")
        session.out.print(found.problem or "It answers while a window or gdvg daemon runs.")
    session.out.print(_token_words(found))


def _token_words(found: ApiStatus) -> str:
    if found.token_from_environment:
        return "The token comes from GDVG_API_TOKEN in the environment."
    if not found.has_token:
        return found.problem or "There is no token yet. Make one with: gdvg api token --rotate."
    made = show.local(found.token_made_at)
    return f"The token was made on {made}." if made else "There is a token."


def _json(found: ApiStatus) -> dict[str, Any]:
    return {
        "enabled": found.enabled,
        "running": found.running,
        "address": found.address,
        "documentation": found.documentation,
        "problem": found.problem,
        "has_token": found.has_token,
        "token_made_at": show.instant(found.token_made_at),
        "token_from_environment": found.token_from_environment,
    }
