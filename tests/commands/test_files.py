"""Files written for a user: whole or not at all, and every reason they cannot be is a clear sentence."""

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gdvg_desktop.commands import preset_files, settings
from gdvg_desktop.commands.files import replacing, write_text
from gdvg_desktop.commands.tables import write_csv
from gdvg_desktop.core.errors import DiskFull, UsageError
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from tests.support.library import app_on

needs_devices = pytest.mark.skipif(sys.platform != "linux", reason="/dev/full and pipes with names are of Linux")


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=10, series=5)) as server:
        yield server


def full_disk_at(path: Path) -> None:
    """Let what is written before it takes the place of `path` meet a full disk."""
    path.with_name(f".{path.name}.part").symlink_to("/dev/full")


def test_what_breaks_off_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "titles.csv"
    write_text(path, "before\n")
    with pytest.raises(RuntimeError), replacing(path) as file:
        file.write("half")
        raise RuntimeError
    assert path.read_text() == "before\n" and list(tmp_path.iterdir()) == [path]
    write_text(path, "after\r\n")
    assert path.read_bytes() == b"after\r\n" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", [".", "/", "folder", "missing/x.csv", "file/x.csv"])
def test_a_place_where_no_file_can_be_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"cannot be written|is a folder") as caught:
        write_csv(Path(name), ["a"], [])
    assert str(Path(name)) in caught.value.message
    assert {one.name for one in tmp_path.iterdir()} == {"folder", "file"}


@needs_devices
def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_text)
        write_text(pipe, "whole\n")
        assert read.result(10) == "whole\n"
    assert pipe.is_fifo() and list(tmp_path.iterdir()) == [pipe]


@needs_devices
@pytest.mark.parametrize(
    "write",
    [lambda path: write_text(path, "x" * 100_000), lambda path: write_csv(path, ["a"], [["x" * 100_000]])],
    ids=["text", "table"],
)
def test_a_full_disk_is_named_and_leaves_the_file_that_was_there(tmp_path: Path, write: Callable[[Path], None]) -> None:
    path = tmp_path / "kept"
    path.write_text("before\n")
    full_disk_at(path)
    with pytest.raises(DiskFull, match="kept could not be written"):
        write(path)
    assert path.read_text() == "before\n" and list(tmp_path.iterdir()) == [path]


@needs_devices
async def test_exported_settings_and_presets_survive_a_full_disk(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path / "data", api_port=9999) as app:
        for name, export in (("settings.toml", settings.export), ("presets.json", preset_files.export)):
            path = tmp_path / name
            await export(app, path)  # type: ignore[operator]
            before = path.read_bytes()
            full_disk_at(path)
            with pytest.raises(DiskFull):
                await export(app, path)  # type: ignore[operator]
            assert path.read_bytes() == before
