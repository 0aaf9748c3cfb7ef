"""`gdvg key ...`: set, test and forget the TMDb key. The key itself is never printed."""

import sys
from typing import Annotated

import typer

from gdvg_desktop.cli.session import Session
from gdvg_desktop.commands import keys

cli = typer.Typer(no_args_is_help=True)


@cli.command("set")
def set_key(
    context: typer.Context,
    from_stdin: Annotated[bool, typer.Option("--stdin", help="Read the key from standard input.")] = False,
) -> None:
    """Keep a key in the system's keyring. It is asked for, so that it stays out of the shell's history."""
    session: Session = context.obj
    if from_stdin or not sys.stdin.isatty():
        text = sys.stdin.readline()
    else:
        text = typer.prompt("TMDb API key or read access token", hide_input=True)

    async def run() -> int:
        async with session.app() as app:
            status = await keys.set_key(app, text)
        _say(session, status)
        return 0

    session.run(run)


@cli.command("status")
def status(context: typer.Context) -> None:
    """Whether there is a key and where it comes from; asks nobody."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await keys.status(app)
        _say(session, found)
        return 0 if found.present else 3

    session.run(run)


@cli.command("test")
def test(context: typer.Context) -> None:
    """Ask TMDb whether it takes the key."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            await keys.test(app)
        if session.as_json:
            session.emit({"valid": True})
        else:
            session.out.print("TMDb takes the key.")
        return 0

    session.run(run)


@cli.command("remove")
def remove(context: typer.Context) -> None:
    """Forget the key in the keyring."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            had = await keys.remove(app)
        if session.as_json:
            session.emit({"removed": had})
        else:
            session.out.print("The key is removed." if had else "There was no key in the keyring.")
        return 0

    session.run(run)


def _say(session: Session, found: keys.KeyStatus) -> None:
    if session.as_json:
        session.emit(
            {
                "present": found.present,
                "kind": found.kind,
                "source": found.source.value if found.source else None,
                "masked": found.masked,
                "problem": found.problem,
            }
        )
        return
    if found.present and found.source:
        words = {"key": "API key", "token": "read access token"}
        session.out.print(f"{words[found.kind or 'key']} {found.masked} from the {found.source.value}.")
    else:
        session.out.print(found.problem or "There is no TMDb key. Save one with: gdvg key set.")
