"""Secrets other than the TMDb key: tokens and the addresses alerts are sent to, each under a name.

They live in the environment (where a name has a variable, it wins) or in the operating system's keyring, never in a
file. Whatever is read or kept is hidden from every log (`core.credentials.redact`).
"""

import os
import threading
from collections.abc import Mapping

from gdvg_desktop.core.credentials import SERVICE, hide
from gdvg_desktop.core.errors import KeyringUnavailable

API_TOKEN, GITHUB_TOKEN = "api-token", "github-token"
VARIABLES = {API_TOKEN: "GDVG_API_TOKEN", GITHUB_TOKEN: "GDVG_GITHUB_TOKEN"}


class SecretStore:
    """Named secrets. The keyring blocks (an unlock prompt waits for the user): call every method in a thread."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._lock = threading.Lock()

    def from_environment(self, name: str) -> bool:
        """Whether the environment gives this secret, so that it cannot be changed here."""
        return bool(self._given(name))

    def load(self, name: str) -> str | None:
        """The secret, or None when there is none. Raises KeyringUnavailable."""
        found = self._given(name)
        if not found:
            with self._lock:
                import keyring  # late: 0.3 s the first paint does not need
                import keyring.errors

                try:
                    found = keyring.get_password(SERVICE, name) or ""
                except keyring.errors.KeyringError as error:
                    raise _unavailable(error) from None
        hide(found)
        return found or None

    def save(self, name: str, secret: str) -> None:
        """Keep a secret in the keyring, in place of the one it has. Raises KeyringUnavailable."""
        hide(secret)
        with self._lock:
            import keyring  # late, see load
            import keyring.errors

            try:
                keyring.set_password(SERVICE, name, secret)
                kept = keyring.get_password(SERVICE, name)
            except keyring.errors.KeyringError as error:
                raise _unavailable(error) from None
        if kept != secret:  # the null backend accepts and forgets
            raise KeyringUnavailable("The keyring did not keep the secret.", "Unlock or install a keyring.")

    def remove(self, name: str) -> bool:
        """Forget a secret; True when the keyring had one. Raises KeyringUnavailable."""
        with self._lock:
            import keyring  # late, see load
            import keyring.errors

            try:
                if keyring.get_password(SERVICE, name) is None:
                    return False
                keyring.delete_password(SERVICE, name)
            except keyring.errors.KeyringError as error:
                raise _unavailable(error) from None
        return True

    def _given(self, name: str) -> str:
        variable = VARIABLES.get(name)
        return self._environ.get(variable, "").strip() if variable else ""


def _unavailable(error: Exception) -> KeyringUnavailable:
    return KeyringUnavailable(
        f"The system's keyring cannot be used: {type(error).__name__}.", "Unlock or install a keyring and try again."
    )
