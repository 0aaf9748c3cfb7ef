"""Presets as a JSON file, to be carried to another computer: versioned, and checked as a whole before any is taken."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from gdvg_desktop.app import App
from gdvg_desktop.commands import presets
from gdvg_desktop.commands.files import write_text
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.commands.presets import PresetView
from gdvg_desktop.core.errors import UsageError

FORMAT = "gdvg-presets"
VERSION = 1
MOST_BYTES = 4 * 1024 * 1024  # of a file to import: thousands of presets


async def export(app: App, path: Path, names: Iterable[int | str] | None = None) -> int:
    """Write presets (by default all) to a JSON file, in the place of what is there; returns how many."""
    views = await presets.listing(app) if names is None else [await presets.get(app, one) for one in names]
    document = {
        "format": FORMAT,
        "version": VERSION,
        "presets": [{"name": one.name, "filter": filter_json(one.request)} for one in views],
    }
    await asyncio.to_thread(write_text, path, json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    return len(views)


async def import_(app: App, path: Path) -> list[PresetView]:
    """Take the presets of a file over: all of them or, when anything in it is wrong, none. A name that is taken gets a
    number. Raises UsageError saying what is wrong, and in which preset.
    """
    read = _parse(await asyncio.to_thread(_read, path), path.name)
    try:
        return await presets.add_all(app, [(one.name, one.filter.request()) for one in read])
    except UsageError as error:
        raise UsageError(f"{path.name}: {error.message}", error.hint) from None


class _FileFilter(msgspec.Struct, forbid_unknown_fields=True, rename={"date_from": "from", "date_to": "to"}):
    """The filters of one preset in a file: what `gdvg import start` takes, under the same names."""

    type: str = "all"
    countries: tuple[str, ...] = ()
    date_from: str | None = None
    date_to: str | None = None
    genres: tuple[str, ...] = ()
    match: str = "any"
    priority: int = 100
    existing: str = "skip"
    limit: int | None = None

    def request(self) -> ImportRequest:
        return ImportRequest(**msgspec.structs.asdict(self))


class _FilePreset(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    filter: _FileFilter


class _File(msgspec.Struct):
    format: str
    version: int
    presets: list[_FilePreset]


class _Head(msgspec.Struct):
    format: str = ""
    version: int = 0


def filter_json(request: ImportRequest) -> dict[str, Any]:
    """Filters as files and scripts see them; what says nothing is left out."""
    plain = ImportRequest()
    values = {name: value for name, value in asdict(request).items() if name != "name"}
    short = {name: value for name, value in values.items() if name == "type" or value != getattr(plain, name)}
    renamed = {"date_from": "from", "date_to": "to"}
    return {renamed.get(name, name): list(one) if isinstance(one, tuple) else one for name, one in short.items()}


def _parse(data: bytes, name: str) -> list[_FilePreset]:
    hint = "Choose a file that was written by: gdvg presets export."
    try:
        head = msgspec.json.decode(data, type=_Head)
    except msgspec.DecodeError:
        raise UsageError(f"{name} is not a file of presets.", hint) from None
    if head.format != FORMAT:
        raise UsageError(f"{name} is not a file of presets.", hint)
    if head.version != VERSION:
        raise UsageError(f"{name} has version {head.version} of the format; this program reads {VERSION}.", hint)
    try:
        return msgspec.json.decode(data, type=_File).presets
    except msgspec.DecodeError as error:
        raise UsageError(f"{name} cannot be understood: {error}.", "Correct it, or export it again.") from None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Choose another file.") from None
    if len(data) > MOST_BYTES:
        raise UsageError(f"{path.name} is too large for a file of presets.", "Choose another file.")
    return data
