"""Secrets other than the TMDb key: tokens and the addresses alerts are sent to, each under a name.

They live in the environment (where a name has a variable, it wins) or in the operating system's keyring, never in a
file. Whatever is read or kept is hidden from every log (`core.credentials.redact`).
"""

import os
from collections.abc import Mapping

from gdvg_desktop.core.credentials import hide
from gdvg_desktop.core.keychain import Keychain

API_TOKEN, GITHUB_TOKEN = "api-token", "github-token"
VARIABLES = {API_TOKEN: "GDVG_API_TOKEN", GITHUB_TOKEN: "GDVG_GITHUB_TOKEN"}


class SecretStore:
    """Named secrets. The keyring blocks (an unlock prompt waits for the user): call every method in a thread."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._keychain = Keychain("Unlock or install a keyring and try again.")

    def from_environment(self, name: str) -> bool:
        """Whether the environment gives this secret, so that it cannot be changed here."""
        return bool(self._given(name))

    def load(self, name: str) -> str | None:
        """The secret, or None when there is none. Raises KeyringUnavailable."""
        found = self._given(name) or self._keychain.get(name) or ""
        hide(found)
        return found or None

    def save(self, name: str, secret: str) -> None:
        """Keep a secret in the keyring, in place of the one it has. Raises KeyringUnavailable."""
        hide(secret)
        self._keychain.put(name, secret)

    def remove(self, name: str) -> bool:
        """Forget a secret; True when the keyring had one. Raises KeyringUnavailable."""
        return self._keychain.delete(name)

    def _given(self, name: str) -> str:
        variable = VARIABLES.get(name)
        return self._environ.get(variable, "").strip() if variable else ""
