"""Poster files kept on disk: bounded in bytes and age, oldest out first.

Used by the poster thread alone. Trouble with the disk means a poster is fetched again, never more.
"""

import contextlib
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

MAX_BYTES = 64 * 1024 * 1024
MAX_AGE_S = 150 * 86_400  # TMDb's terms end at six months, images included (TMDB.md 9)
_KEEP_SHARE = 0.8


class PosterFiles:
    """A folder of image files by size and TMDb path."""

    def __init__(self, folder: Path, *, max_bytes: int = MAX_BYTES, now: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._now = now
        self._bytes: int | None = None  # counted when first needed

    def read(self, size: str, path: str) -> bytes | None:
        """The file as it was fetched, or None when it is not here or too old."""
        file = self._file(size, path)
        try:
            if self._now() - file.stat().st_mtime > MAX_AGE_S:
                return None
            return file.read_bytes()
        except OSError:
            return None

    def write(self, size: str, path: str, data: bytes) -> None:
        """Keep a file; it appears whole or not at all."""
        file = self._file(size, path)
        partial = file.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(data)
            partial.replace(file)
            at = self._now()
            os.utime(file, (at, at))
        except OSError:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            return
        self._bytes = self._bytes + len(data) if self._bytes is not None else self._measure()
        if self._bytes > self._max_bytes:
            self.prune()

    def forget(self, size: str, path: str) -> None:
        """Take away a file that turned out to be no image."""
        with contextlib.suppress(OSError):
            self._file(size, path).unlink(missing_ok=True)

    def prune(self) -> None:
        """Remove what is too old, then the oldest until a fifth of the room is free again."""
        oldest_first = sorted(self._files())
        total = sum(size for _at, size, _file in oldest_first)
        goal = self._max_bytes * _KEEP_SHARE if total > self._max_bytes else total
        for at, size, file in oldest_first:
            if total <= goal and self._now() - at <= MAX_AGE_S:
                break
            with contextlib.suppress(OSError):
                file.unlink()
                total -= size
        self._bytes = total

    def _measure(self) -> int:
        return sum(size for _at, size, _file in self._files())

    def _files(self) -> list[tuple[float, int, Path]]:
        """Every kept file as (when fetched, bytes, where)."""
        found = []
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    with contextlib.suppress(OSError):
                        status = entry.stat()
                        found.append((status.st_mtime, status.st_size, Path(entry.path)))
        except OSError:
            return []
        return found

    def _file(self, size: str, path: str) -> Path:
        """The path comes from outside, so it names the file only through its digest."""
        digest = hashlib.blake2b(f"{size}{path}".encode(), digest_size=16).hexdigest()
        return self._folder / f"{digest}.img"
