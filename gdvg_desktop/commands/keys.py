"""The TMDb key: set it, test it, forget it."""

import asyncio
from dataclasses import dataclass

from gdvg_desktop.app import App
from gdvg_desktop.core.credentials import CredentialSource, parse_credential
from gdvg_desktop.core.errors import CredentialError


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """Whether there is a key, of which kind, where from, and its last four characters; `problem` of the keyring."""

    present: bool
    kind: str | None
    source: CredentialSource | None
    masked: str | None
    problem: str | None


async def status(app: App) -> KeyStatus:
    """What is known of the key without asking TMDb."""
    credential, problem = app.credential, app.credential_problem
    return KeyStatus(
        present=credential is not None,
        kind=credential.kind.value if credential else None,
        source=app.credential_source,
        masked=credential.masked if credential else None,
        problem=str(problem) if problem else None,
    )


async def test(app: App, text: str | None = None) -> None:
    """Ask TMDb whether it takes the key given, or the one in use. Raises CredentialError or UnreachableError."""
    credential = parse_credential(text) if text is not None else app.credential
    if credential is None:
        raise app.credential_problem or no_key()
    await app.client.check_credential(credential)


async def set_key(app: App, text: str, *, session_only: bool = False) -> KeyStatus:
    """Keep a key in the keyring, or in memory for this session. Work that waited for a key goes on."""
    credential = parse_credential(text)
    await asyncio.to_thread(app.credentials.save, credential, session_only=session_only)
    await app.load_credential()
    await app.key_came()
    return await status(app)


async def remove(app: App) -> bool:
    """Forget the stored key; True when there was one."""
    had = await asyncio.to_thread(app.credentials.remove)
    await app.load_credential()
    app.client.reset_credential()
    return had


def no_key() -> CredentialError:
    """The error of a missing key."""
    return CredentialError(
        "There is no TMDb key.", "Save one with: gdvg key set, or set TMDB_API_KEY in the environment."
    )
