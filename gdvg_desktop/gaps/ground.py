"""What detectors look at: the catalogue of one type, the library beside it, and what discover listed by month."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.gaps import scoring
from gdvg_desktop.store import coverage, exports, release_months
from gdvg_desktop.store.coverage import IdSets
from gdvg_desktop.store.exports import ExportSet

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Ids = NDArray[numpy.uint32]
    Floats = NDArray[numpy.float32]
    Months = NDArray[numpy.int32]


_PART = 65_536  # ids scored at once: what is only needed on the way stays small beside the result


@dataclass(frozen=True, slots=True)
class Wish:
    """The settings that decide what is a gap, and the day it is. `fields` is a mask of `store.fields`."""

    popular_threshold: float
    popular_top: int
    fields: int
    today: date


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """One media type as it stands. `listed` are ids of TMDb's popular lists with their popularity.

    `by_month` are the ids discover listed that the library lacks, by month (yyyymm), whether the export names them
    already or not; `buried` are ids deleted at TMDb.
    """

    media_type: MediaType
    export: ExportSet
    sets: IdSets
    wish: Wish
    listed: Mapping[int, float] = field(default_factory=dict)
    by_month: Mapping[int, BitMap] = field(default_factory=dict)
    buried: BitMap = field(default_factory=BitMap)

    @property
    def highest(self) -> float:
        """The popularity of the catalogue's first."""
        return float(self.export.popularity.max(initial=0.0))

    def can_be_missing(self, ids: BitMap) -> BitMap:
        """Of some ids those that are missing, also where the export does not name them yet."""
        sets = self.sets
        unknown = ids - sets.in_export - sets.beyond - self.buried
        return (ids & sets.missing) | unknown

    def month_of(self, ids: BitMap) -> "Months":
        """The release month (yyyymm) of ids in ascending order, 0 where no listing has told."""
        import numpy  # late: most commands need none of it

        wanted = array_of(ids)
        months = numpy.zeros(len(wanted), numpy.int32)
        for month, listed in self.by_month.items():
            if common := listed & ids:
                months[numpy.searchsorted(wanted, array_of(common))] = month
        return months

    def popularity_of(self, ids: BitMap) -> "Floats":
        """The popularity of ids in ascending order: the export's, or that of TMDb's popular lists, else 0."""
        import numpy  # late, see month_of

        known, wanted = self.export.ids_array(), array_of(ids)
        found = numpy.zeros(len(wanted), numpy.float32)
        for part in _slices(len(wanted) if len(known) else 0):
            some = wanted[part]
            places = numpy.minimum(numpy.searchsorted(known, some), len(known) - 1)
            found[part] = numpy.where(known[places] == some, self.export.popularity[places], numpy.float32(0))
        if extra := BitMap(self.listed) & ids:
            places = numpy.searchsorted(wanted, array_of(extra))
            found[places] = numpy.maximum(found[places], [self.listed[one] for one in extra])
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a detector found of one type: TMDb ids and, in their ascending order, both factors of the score.

    `months` (yyyymm, 0 = none) and `fields` (masks) belong to the kinds that have them.
    """

    ids: BitMap
    popularity: "Floats"
    recency: "Floats"
    months: "Months | None" = None
    fields: "NDArray[numpy.uint32] | None" = None


Detector = Callable[[SqliteDatabase, Ground], Found]


def look(
    db: SqliteDatabase, media_type: MediaType, wish: Wish, listed: Mapping[int, float], rules: list[str]
) -> Ground | None:
    """Read the ground of a type; None when no export of it was ever trusted. `rules` are keys of release months."""
    export = exports.newest(db, media_type)
    if export is None:
        return None
    sets = coverage.id_sets(db, media_type)
    ground = Ground(media_type, export, sets, wish, listed, {}, coverage.tombstone_ids(db, media_type))
    by_month: dict[int, BitMap] = {}
    for rule in rules:
        for name, one in release_months.of_rule(db, rule, media_type).items():
            ids = one.still_listed(sets.in_export, sets.export_date)
            # what discover lists for a rule of the scope is inside it, decided or not
            if missing := ground.can_be_missing(ids) | (ids & sets.undetermined):
                month = int(name[:4]) * 100 + int(name[5:])
                by_month[month] = by_month.get(month, BitMap()) | missing
    return Ground(media_type, export, sets, wish, listed, by_month, ground.buried)


def found_missing(ground: Ground, ids: BitMap) -> Found:
    """Missing ids with their factors."""
    months = ground.month_of(ids)
    return Found(ids, *factors(ground, array_of(ids), ground.popularity_of(ids), months), months)


def factors(ground: Ground, ids: "Ids", popularity: "Floats", months: "Months") -> "tuple[Floats, Floats]":
    """Both factors of the score of ids, given their popularity and release months (0 = unknown)."""
    import numpy  # late, see Ground.month_of

    highest, last = ground.highest, int(ground.export.ids.max()) if ground.export.ids else 0
    popular, recent = numpy.zeros(len(ids), numpy.float32), numpy.zeros(len(ids), numpy.float32)
    for part in _slices(len(ids)):
        popular[part] = scoring.popularity_factor(popularity[part], highest)
        recent[part] = scoring.recency(ids[part], months[part], last, ground.wish.today)
    return popular, recent


def _slices(length: int) -> "Iterator[slice]":
    for start in range(0, length, _PART):
        yield slice(start, start + _PART)


def array_of(ids: BitMap) -> "Ids":
    """A set as an ascending array."""
    import numpy  # late, see Ground.month_of

    return numpy.frombuffer(ids.to_array(), dtype=numpy.uint32)
