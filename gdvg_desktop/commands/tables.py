"""Tables as CSV files."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from gdvg_desktop.commands.files import replacing
from gdvg_desktop.core.clock import from_millis


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table with its column names (UTF-8). Raises UsageError where no file can be written, and DiskFull."""
    with replacing(path) as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def instant(millis: int | None) -> str:
    """A stored instant as ISO 8601 in UTC; "" for none."""
    return from_millis(millis).isoformat(timespec="seconds").replace("+00:00", "Z") if millis is not None else ""
