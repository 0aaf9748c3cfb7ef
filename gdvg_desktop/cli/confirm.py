"""Asking before something that cannot be taken back: yes or no, or a word to type; scripts say it as an option."""

import sys

from gdvg_desktop.cli.session import Session
from gdvg_desktop.core.errors import UsageError


def sure(session: Session, question: str, yes: bool) -> None:
    """Go on after a yes. Raises UsageError after a no, or where there is nobody to ask and no --yes."""
    if yes:
        return
    if not sys.stdin.isatty() or session.as_json:
        raise UsageError(f"{question} Nobody is there to answer.", "Give --yes to go on.")
    session.err.print(f"{question} [y/N] ", end="")
    if sys.stdin.readline().strip().casefold() not in ("y", "yes"):
        raise UsageError("Nothing was changed.", title="Not confirmed")


def typed(session: Session, what: str, word: str, given: str | None) -> None:
    """Go on once the word was typed. Raises UsageError for another one, or where there is nobody to type it."""
    if given is None:
        if not sys.stdin.isatty() or session.as_json:
            raise UsageError(f"{what} This must be confirmed.", f"Give --confirm {word} to go on.")
        session.err.print(f"{what}\nType {word} to go on: ", end="")
        given = sys.stdin.readline().strip()
    if given != word:
        raise UsageError(f"Nothing was changed: {given or 'nothing'} is not {word}.", title="Not confirmed")
