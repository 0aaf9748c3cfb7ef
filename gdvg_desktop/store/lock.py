"""The engine lock: one engine a data folder. The operating system frees it when its holder ends, however it ends."""

import os
import sys
import time
from pathlib import Path
from typing import IO

from gdvg_desktop.core.errors import LibraryLocked, StorageError

PATIENCE_S = 1.0
_BYTE = 1 << 30  # the locked byte lies beyond the text, because Windows locks keep others from reading


class EngineLock:
    """An exclusive lock on a file whose text names the holder: process id, then program."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def acquire(self, patience_s: float = PATIENCE_S) -> None:
        """Take the lock or raise LibraryLocked naming the process that holds it.

        A program that only looks holds the lock for a moment when it makes a new library, so a little patience is due.
        """
        try:
            file = self._path.open("a+b", buffering=0)
        except OSError as error:
            raise StorageError(
                f"The lock file {self._path} cannot be opened: {error.strerror}.", "Check the folder's permissions."
            ) from None
        if not _locked_within(file, patience_s):
            holder = _holder(file)
            file.close()
            raise LibraryLocked(
                f"The library in {self._path.parent} is in use by {holder}.",
                "Close that program, or leave the work to it: it starts what is queued (--queue) by itself.",
            )
        self._file = file
        file.truncate(0)
        file.write(f"{os.getpid()}\n{_program()}\n".encode())

    def release(self) -> None:
        """Give the lock back. The file stays: removing it could take a lock from under another process."""
        if self._file is not None:
            self._file.truncate(0)
            _unlock(self._file)
            self._file.close()
            self._file = None


def _locked_within(file: IO[bytes], patience_s: float) -> bool:
    """Lock the file, trying again for a while: the system offers no lock with a time-out."""
    ends = time.monotonic() + patience_s
    while True:
        try:
            _lock(file)
        except OSError:
            if time.monotonic() >= ends:
                return False
            time.sleep(0.05)
        else:
            return True


def _program() -> str:
    if not sys.argv or sys.argv[0] in ("", "-c"):
        return Path(sys.executable).name
    started = Path(sys.argv[0])
    return started.parent.name if started.name == "__main__.py" else started.name  # python -m names the file


def _holder(file: IO[bytes]) -> str:
    file.seek(0)
    lines = file.read(1000).decode(errors="replace").splitlines()
    if len(lines) >= 2 and lines[0].isdigit():
        return f"{lines[1]} (process {lines[0]})"
    return "another program"


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

    def _unlock(file: IO[bytes]) -> None:
        file.seek(_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
