"""Audit the library, and mend what was found: at once what is ours, through the queue what TMDb has to say again."""

import asyncio
import contextlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from gdvg_desktop.app import App
from gdvg_desktop.commands import gaps
from gdvg_desktop.commands.queueing import queue
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import StorageError
from gdvg_desktop.core.events import LibraryReplaced
from gdvg_desktop.core.kinds import JobKind
from gdvg_desktop.store import audit as store_audit
from gdvg_desktop.store import audit_rows, audit_search, damage
from gdvg_desktop.store.audit import CheckName, Progress, Report
from gdvg_desktop.store.faults import translated
from gdvg_desktop.store.jobs import Job

MOST_IDS = 20_000  # titles named in one refresh job
_IDS_WRITTEN = 200


@dataclass(frozen=True, slots=True)
class Mended:
    """What was done about a report: rows removed, titles put right in the search (None: the whole index), texts made
    unknown, jobs counted anew, and jobs queued. `told` explains in sentences what is left.
    """

    removed: int
    search: int | None
    emptied: int
    recounted: int
    jobs: tuple[Job, ...]
    told: tuple[str, ...]


async def audit(app: App, on_progress: Progress | None = None) -> Report:
    """Check everything beside all work; minutes for a million titles. `on_progress` is called in another thread."""
    ended = threading.Event()
    now_ms = to_millis(app.clock.now())

    def run() -> Report:
        with translated(app.paths.library, lambda: ()):
            return store_audit.audit(app.paths, app.settings.required_fields, now_ms, on_progress, ended.is_set)

    work = asyncio.ensure_future(asyncio.to_thread(run))
    try:
        report = await asyncio.shield(work)
    except asyncio.CancelledError:
        ended.set()
        await asyncio.gather(work, return_exceptions=True)
        raise
    with contextlib.suppress(StorageError):  # a file too damaged to be written to has its report all the same
        problems = report.check(CheckName.FILE).examples
        await app.store.write(lambda db: damage.note(db, problems, to_millis(app.clock.now())))
    return report


async def mend(app: App, report: Report) -> Mended:
    """Mend what a report found. A damaged file is left alone: put a backup back."""
    if report.damaged:
        return Mended(0, 0, 0, 0, (), (_restore_words(report),))
    found = report.found
    removed = 0
    for orphans in found.orphans:
        while gone := await app.store.write(partial(audit_rows.remove_orphans, found=orphans)):
            removed += gone
    wrong_ids = found.identities
    for start in range(0, len(wrong_ids), _IDS_WRITTEN):
        part = wrong_ids[start : start + _IDS_WRITTEN]
        removed += await app.store.write(partial(audit_rows.remove_wrong_identity, ids=part))
    emptied = 0
    for table in found.shared:
        while changed := await app.store.write(partial(audit_rows.null_empty_texts, table=table)):
            emptied += changed
    search = await _mend_search(app, report)
    recounted = sum([await app.store.write(partial(audit_rows.recount, job_id=one.job_id)) for one in found.jobs])
    queued, told = await _refetch(app, report)
    if report.check(CheckName.IMDB).count:
        told.append("Titles that share an IMDb id do so at TMDb; nothing here can mend that.")
    app.bus.publish(LibraryReplaced())
    return Mended(removed, search, emptied, recounted, tuple(queued), tuple(told))


async def _mend_search(app: App, report: Report) -> int | None:
    faults = report.found.search
    if faults.whole:
        await app.store.write(audit_search.rebuild)
        return None
    mended = 0
    for start in range(0, len(faults.entries), _IDS_WRITTEN):
        part = faults.entries[start : start + _IDS_WRITTEN]
        mended += await app.store.write(partial(audit_search.mend, entries=part))
    return mended


async def _refetch(app: App, report: Report) -> tuple[list[Job], list[str]]:
    """Queue the titles TMDb has to be asked for again, the few by name and the many by the jobs made for many."""
    found = report.found
    queued: list[Job] = []
    told: list[str] = []
    ids = set(found.refetch) | set(found.altered)
    if len(found.lacking) <= MOST_IDS:
        ids |= set(found.lacking)
    elif found.lacking:
        queued.append((await gaps.analyze(app))[0])
        told.append(
            f"{len(found.lacking):,} titles lack required fields: the analysis makes gaps of them; "
            "then fill them with: gdvg gaps fill."
        )
    if len(found.stale) <= MOST_IDS:
        ids |= set(found.stale)
    else:
        queued.append(
            (await queue(app, JobKind.REFRESH, "Refresh titles older than six months", {"older_than_days": 180}))[0]
        )
    listed = sorted(ids)
    for start in range(0, len(listed), MOST_IDS):
        part = listed[start : start + MOST_IDS]
        titles = "1 title" if len(part) == 1 else f"{len(part):,} titles"
        queued.append((await queue(app, JobKind.REFRESH, f"Refresh {titles} found by the audit", {"ids": part}))[0])
    return queued, told


def _restore_words(report: Report) -> str:
    if not report.backups:
        return "The file is damaged and there is no backup: move it away to start anew."
    return "The file is damaged. Put a backup back with: gdvg backup restore latest."


def fault_count(checks: Iterable[store_audit.Check]) -> int:
    """How much is wrong in all."""
    return sum(check.count for check in checks if check.fault)
