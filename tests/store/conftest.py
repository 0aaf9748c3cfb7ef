"""A library on disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gdvg_desktop.core.paths import Paths, open_paths
from gdvg_desktop.store.db import Store


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return open_paths(tmp_path / "data")


@pytest.fixture
def store(paths: Paths) -> Iterator[Store]:
    opened = Store.open(paths, exclusive=True)
    yield opened
    opened.close()
