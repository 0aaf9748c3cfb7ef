"""Tracked files name no package index by address and no path of the machine they were written on."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
INDEX = re.compile(r"https?://[\w.-]*(pypi|pythonhosted|npmjs|debian)\.[a-z]+|index-url|--find-links")
MACHINE = re.compile(r"(?<![\w.:/])/((home|Users)/[a-z]\w*|root)/")


def tracked_texts() -> Iterator[tuple[str, str]]:
    """Path and content of every tracked text file but this one, which spells out what it looks for."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=True
    ).stdout
    for name in listing.decode().split("\0")[:-1]:
        path = CHECKOUT / name
        # A file may be removed and that not committed yet.
        if path.is_file() and path != Path(__file__) and b"\0" not in (content := path.read_bytes()):
            yield name, content.decode()


def test_no_tracked_file_names_a_package_index() -> None:
    assert [name for name, text in tracked_texts() if INDEX.search(text)] == []


def test_no_tracked_file_names_a_path_of_this_machine() -> None:
    folder = CHECKOUT.parent if CHECKOUT.parent != Path("/") else CHECKOUT
    here = re.compile(rf"(?<![\w.:/]){re.escape(str(folder))}/")
    assert [name for name, text in tracked_texts() if MACHINE.search(text) or here.search(text)] == []


def test_the_locks_hold_a_hash_for_every_package() -> None:
    for lock in CHECKOUT.glob("requirements/*.lock"):
        packages = re.split(r"\n(?=[a-z])", lock.read_text(encoding="utf-8"))[1:]
        assert packages and all("--hash=sha256:" in package for package in packages), lock.name
