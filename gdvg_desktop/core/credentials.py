"""TMDb credentials: what they look like, where they are kept, and how they stay out of every text.

They live in the environment (`TMDB_API_KEY`, which wins) or the operating system's keyring, or for one session in
memory. They are never written to a file.
"""

import base64
import binascii
import json
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gdvg_desktop.core.errors import CredentialError
from gdvg_desktop.core.keychain import Keychain

ENV_NAME = "TMDB_API_KEY"
ACCOUNT = "tmdb"
_V3 = re.compile(r"[0-9a-f]{32}")
_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class CredentialKind(StrEnum):
    """TMDb's two credentials of equal power."""

    KEY = "key"  # v3 API key, sent as api_key in the query
    TOKEN = "token"  # v4 read access token, sent as Bearer


class CredentialSource(StrEnum):
    """Where the credential in use comes from."""

    ENVIRONMENT = "environment"
    KEYRING = "keyring"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Credential:
    """A key or token told apart by its shape. Its text form is masked."""

    kind: CredentialKind
    secret: str

    def __repr__(self) -> str:
        return f"Credential({self.kind.value}, {self.masked})"

    @property
    def masked(self) -> str:
        """The last four characters, enough to tell two keys apart."""
        return f"…{self.secret[-4:]}"


def parse_credential(text: str) -> Credential:
    """Read what a user pasted: whitespace and a leading "Bearer " are removed.

    A v3 key is 32 hexadecimal characters; a v4 token is a JWT (TMDB.md 1). Raises CredentialError.
    """
    cleaned = "".join(text.split())
    if cleaned.lower().startswith("bearer"):
        cleaned = cleaned[len("bearer") :]
    if _V3.fullmatch(cleaned.lower()):
        return Credential(CredentialKind.KEY, cleaned.lower())
    if _JWT.fullmatch(cleaned) and _has_json_header(cleaned):
        return Credential(CredentialKind.TOKEN, cleaned)
    if not cleaned:
        raise CredentialError("No TMDb key was given.", "Paste the API key or the API read access token.")
    raise CredentialError(
        f"This is neither a TMDb API key nor a read access token ({len(cleaned)} characters).",
        "An API key has 32 characters 0-9 and a-f; a read access token is long and starts with eyJ.",
    )


def _has_json_header(token: str) -> bool:
    head = token.split(".", 1)[0]
    try:
        return isinstance(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))), dict)
    except (binascii.Error, ValueError):
        return False


_SECRETS: set[str] = set()
_SECRETS_LOCK = threading.Lock()
_KEY_IN_URL = re.compile(r"(?i)((?:api_key|apikey|session_id|access_token)=)[^&\s\"'<>]+")
_BEARER = re.compile(r"(?i)(bearer\s+)[A-Za-z0-9._-]{8,}")
_TOKEN_SHAPE = re.compile(r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def hide(secret: str) -> None:
    """Make `redact` replace this very text from now on."""
    if secret:
        with _SECRETS_LOCK:
            _SECRETS.add(secret)


def redact(text: str) -> str:
    """The same text without keys: known secrets, api_key values, Bearer values and anything of a token's shape."""
    with _SECRETS_LOCK:
        known = sorted(_SECRETS, key=len, reverse=True)
    for secret in known:
        text = text.replace(secret, "[hidden]")
    text = _KEY_IN_URL.sub(r"\1[hidden]", text)
    text = _BEARER.sub(r"\1[hidden]", text)
    return _TOKEN_SHAPE.sub("[hidden]", text)


class CredentialStore:
    """The credential in use: environment, then session, then keyring.

    The keyring blocks (an unlock prompt waits for the user), so `load`, `save` and `remove` are to be called in a
    thread.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._session: Credential | None = None
        self._keychain = Keychain(
            "Unlock or install a keyring, use the key for this session only, or set TMDB_API_KEY."
        )

    def load(self) -> tuple[Credential, CredentialSource] | None:
        """The credential in use and its source, or None. Raises KeyringUnavailable, CredentialError on a bad shape."""
        given = self._environ.get(ENV_NAME, "").strip()
        if given:
            return self._known(parse_credential(given)), CredentialSource.ENVIRONMENT
        if self._session is not None:
            return self._session, CredentialSource.SESSION
        stored = self._keychain.get(ACCOUNT)
        return (self._known(parse_credential(stored)), CredentialSource.KEYRING) if stored else None

    def save(self, credential: Credential, *, session_only: bool = False) -> CredentialSource:
        """Keep the credential in the keyring, or in memory only. Raises KeyringUnavailable."""
        self._known(credential)
        if session_only:
            self._session = credential
            return CredentialSource.SESSION
        self._keychain.put(ACCOUNT, credential.secret)
        self._session = None
        return CredentialSource.KEYRING

    def remove(self) -> bool:
        """Forget the stored and the session credential; True when there was one. Raises KeyringUnavailable."""
        had = self._session is not None
        self._session = None
        return self._keychain.delete(ACCOUNT) or had

    @staticmethod
    def _known(credential: Credential) -> Credential:
        hide(credential.secret)
        return credential
