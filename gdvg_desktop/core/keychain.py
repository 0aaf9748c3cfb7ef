"""The operating system's keyring, where the secrets of this program lie under one service."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from gdvg_desktop.core.errors import KeyringUnavailable

SERVICE = "gdvg-desktop"


class Keychain:
    """Reads and writes passwords by account. It blocks (an unlock prompt waits for the user): use it in a thread.

    Every method raises KeyringUnavailable, with `hint` as what to do about it.
    """

    def __init__(self, hint: str) -> None:
        self._hint = hint
        self._lock = threading.Lock()

    def get(self, account: str) -> str | None:
        """The password of an account, or None."""
        import keyring  # late, here and below: it costs 0.3 s and the first paint does not need it

        with self._translated():
            return keyring.get_password(SERVICE, account)

    def put(self, account: str, password: str) -> None:
        """Keep a password, in place of the one there is."""
        import keyring

        with self._translated():
            keyring.set_password(SERVICE, account, password)
            kept = keyring.get_password(SERVICE, account)
        if kept != password:  # the null backend accepts and forgets
            raise KeyringUnavailable("The system's keyring did not keep it.", self._hint)

    def delete(self, account: str) -> bool:
        """Forget a password; True when there was one."""
        import keyring

        with self._translated():
            if keyring.get_password(SERVICE, account) is None:
                return False
            keyring.delete_password(SERVICE, account)
        return True

    @contextmanager
    def _translated(self) -> Iterator[None]:
        import keyring.errors

        try:
            with self._lock:
                yield
        except keyring.errors.KeyringError as error:
            raise KeyringUnavailable(
                f"The system's keyring cannot be used: {type(error).__name__}.", self._hint
            ) from None
