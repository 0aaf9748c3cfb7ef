"""Gaps and the scope: which rows of the registry the present scope knows nothing of.

The registry is made by an analysis, the scope may change at any moment. What is out of it is neither shown as missing
nor filled, without waiting for the next analysis.
"""

from functools import partial

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.events import CoverageChanged, GapsChanged
from gdvg_desktop.core.kinds import GapKind, MediaType
from gdvg_desktop.gaps.ground import array_of
from gdvg_desktop.gaps.months import ANALYSIS_FACT
from gdvg_desktop.store import counts, coverage, gaps, release_months
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.sync.enumerate import HasExports

OF_MISSING = tuple(kind for kind in GapKind if kind is not GapKind.METADATA)  # held titles are kept whole in any scope
_CHUNK = 5_000


def outside(db: SqliteDatabase, media_type: MediaType, ids: BitMap) -> BitMap:
    """Of some TMDb ids those that are no missing titles of the scope, as far as is known now.

    In it are what the export and the scope say is missing, what the scope's rules list by release month, and, when all
    of the type is wanted, ids that are too new for the export.
    """
    scope, sets = scopes.load(db), coverage.id_sets(db, media_type)
    left = ids - sets.missing
    if scope.covers_all(media_type):
        return left & sets.in_export
    for rule in scope.rules_for(media_type):
        for month in release_months.of_rule(db, scope.listing_key(rule), media_type).values():
            left -= month.ids or BitMap()
    return left


async def follow(tools: HasExports) -> None:
    """The scope is another: forget what the last analysis said of the one before, and the gaps that are now outside.

    What the new scope wants beyond the old one is found by the next analysis.
    """

    def forget(db: SqliteDatabase) -> None:
        counts.forget_fact(db, ANALYSIS_FACT)
        release_months.forget_rules_but(db, scopes.load(db).month_keys())

    await tools.store.write(forget)
    for media_type in MediaType:
        for kind in OF_MISSING:
            gone = array_of(await tools.store.read(partial(_outside, media_type=media_type, kind=kind))).tolist()
            for start in range(0, len(gone), _CHUNK):
                await tools.store.write(partial(gaps.remove, kind=kind, ids=gone[start : start + _CHUNK]))
    tools.bus.publish(CoverageChanged())
    tools.bus.publish(GapsChanged())


def _outside(db: SqliteDatabase, media_type: MediaType, kind: GapKind) -> BitMap:
    """Title ids of the rows of a kind and type that are outside the scope."""
    import numpy  # late: most commands need none of it

    bit = int(media_type is MediaType.TV)
    keys = array_of(gaps.title_ids(db, kind))
    ids = BitMap(keys[keys & 1 == bit] >> numpy.uint32(1))
    return BitMap(array_of(outside(db, media_type, ids)) * numpy.uint32(2) + numpy.uint32(bit)) if ids else BitMap()
