"""Missing ids as runs of neighbours: "1,100,000 to 1,100,412 (97 ids)". A run that broke off leaves such a hole.

TMDb's ids are sparse, so neighbours are ids with none of the catalogue between them, however far apart their numbers.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import GapKind, MediaType
from gdvg_desktop.store import exports, gaps

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

LONGEST = 500


@dataclass(frozen=True, slots=True)
class IdRun:
    """Neighbouring missing ids, both ends included, and how many they are."""

    first: int
    last: int
    count: int

    @property
    def words(self) -> str:
        """As a reader wants it."""
        if self.count == 1:
            return f"{self.first:,}"
        return f"{self.first:,} to {self.last:,} ({self.count:,} ids)"


def neighbours(ids: BitMap, among: BitMap) -> list[IdRun]:
    """`ids` as runs in order: a run ends where an id of `among` that is none of them lies between."""
    import numpy  # late: a command that lists jobs needs none of it

    if not ids:
        return []
    wanted = _array(ids)
    places = numpy.searchsorted(_array(among | ids), wanted)
    breaks = numpy.flatnonzero(numpy.diff(places) > 1)
    starts = numpy.concatenate(([0], breaks + 1))
    stops = numpy.concatenate((breaks, [len(wanted) - 1]))
    ends = zip(wanted[starts].tolist(), wanted[stops].tolist(), (stops - starts + 1).tolist(), strict=True)
    return [IdRun(first, last, count) for first, last, count in ends]


def sequential(db: SqliteDatabase, media_type: MediaType) -> list[IdRun]:
    """All runs of a type's sequential gaps, in the order of ids."""
    import numpy  # late, see neighbours

    keys = _array(gaps.title_ids(db, GapKind.SEQUENTIAL))
    mine = BitMap((keys[(keys & 1) == int(media_type is MediaType.TV)] >> 1).astype(numpy.uint32))
    known = exports.ids(db, media_type)
    return neighbours(mine, known[0] if known else BitMap())


def longest(db: SqliteDatabase, media_type: MediaType, limit: int = LONGEST) -> list[IdRun]:
    """The longest runs of a type's sequential gaps."""
    return sorted(sequential(db, media_type), key=lambda run: (-run.count, run.first))[:limit]


def run_of(db: SqliteDatabase, media_type: MediaType, tmdb_id: int) -> IdRun | None:
    """The run a missing id is part of; None when it is no sequential gap."""
    return next((run for run in sequential(db, media_type) if run.first <= tmdb_id <= run.last), None)


def _array(ids: BitMap) -> "NDArray[numpy.uint32]":
    import numpy  # late, see neighbours

    return numpy.frombuffer(ids.to_array(), dtype=numpy.uint32)
