"""Reset what was worked out (cursor, ledger, gaps), and purge all of TMDb's data. Each asks for a word to be typed.

The word is the kind itself, or "purge": faces ask for it, `reset` and `purge` check it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from gdvg_desktop.app import App
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.events import CoverageChanged, GapsChanged, JobsReordered
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.gaps.months import ANALYSIS_FACT
from gdvg_desktop.store import counts
from gdvg_desktop.store import reset as store_reset
from gdvg_desktop.store.db import Progress, Store
from gdvg_desktop.store.purge import Purged
from gdvg_desktop.store.reset import ResetKind

PURGE_WORD = "purge"


@dataclass(frozen=True, slots=True)
class ResetDone:
    """How many rows were forgotten."""

    kind: ResetKind
    media_types: tuple[MediaType, ...]
    forgotten: int


async def count(app: App, kind: ResetKind, media_types: Sequence[MediaType] = tuple(MediaType)) -> int:
    """How many rows a reset would forget."""
    return await app.store.read(lambda db: store_reset.count(db, kind, media_types))


async def reset(app: App, kind: ResetKind, word: str, media_types: Sequence[MediaType] = tuple(MediaType)) -> ResetDone:
    """Forget the rows of a kind, beside all work. Raises UsageError unless `word` is the kind's name."""
    _check(word, kind.value)
    if kind is ResetKind.GAPS:  # an empty registry says nothing until the next analysis
        await app.store.write(lambda db: counts.forget_fact(db, ANALYSIS_FACT))
    total = 0
    while gone := await app.store.write(lambda db: store_reset.forget(db, kind, media_types)):
        total += gone
    app.bus.publish(GapsChanged() if kind is ResetKind.GAPS else CoverageChanged())
    app.bus.publish(JobsReordered())
    return ResetDone(kind, tuple(media_types), total)


async def purge(paths: Paths, word: str, on_progress: Progress | None = None) -> Purged:
    """Remove all of TMDb's data for good. Nobody may have the library open.

    Raises UsageError unless `word` is "purge", LibraryLocked naming an engine, LibraryBusy for another program.
    """
    _check(word, PURGE_WORD)
    return await asyncio.to_thread(Store.purge, paths, on_progress)


def _check(word: str, expected: str) -> None:
    if word != expected:
        raise UsageError(f"Nothing was changed: {word or 'nothing'} is not {expected}.", title="Not confirmed")
