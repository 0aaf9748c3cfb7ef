"""Tables as files: CSV that appears only when it is whole."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from gdvg_desktop.core.clock import from_millis
from gdvg_desktop.core.errors import StorageError


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table with its column names (UTF-8). Raises StorageError when the file cannot be written."""
    partial = path.with_name(f"{path.name}.part")
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(rows)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StorageError(f"{path} cannot be written: {error}.", "Choose another folder.") from error


def instant(millis: int | None) -> str:
    """A stored instant as ISO 8601 in UTC; "" for none."""
    return from_millis(millis).isoformat(timespec="seconds").replace("+00:00", "Z") if millis is not None else ""
