"""Settles what TMDb has deleted, at the end of a mirror or delta run.

A held title is deleted only when the newest trusted export does not name it *and* TMDb answers 404 for it. An export
that was not trusted never comes here: what was trusted last stays the basis, so an empty, cut-off or shrunken file
deletes nothing. When more than 5 % of the held titles of a type would go at once, nothing goes until a user has said
so: the job waits, paused, with the question as its reason. Only an answer to it (`allow`, `confirm`) is a permission;
whatever else sets the job going makes it ask again. A title that comes back loses its tombstone.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import BadRequest, GaveUp, Gone
from gdvg_desktop.core.events import CoverageChanged, EngineStopped, GapsChanged, JobChanged, JobLogged, TitlesStored
from gdvg_desktop.core.kinds import JobState, MediaType, Wanted
from gdvg_desktop.store import ageing, coverage, exports, jobs, tombstones
from gdvg_desktop.store.ageing import in_parts
from gdvg_desktop.store.titles import title_id_of
from gdvg_desktop.store.tombstones import Vanished
from gdvg_desktop.sync.commit import BatchWriter, Fetched, WasGone
from gdvg_desktop.sync.title_run import Tools
from gdvg_desktop.tmdb.client import Meter
from gdvg_desktop.tmdb.details import details
from gdvg_desktop.tmdb.find import find_imdb
from gdvg_desktop.tmdb.payloads import decode_find, whole_title

MOST_AT_ONCE = 0.05  # of the held titles of a type; more waits for a user
ASKED_AT_ONCE = 8
MADE_AT_ONCE = 1_000
MOST_FAILURES = 3  # questions about successors that fail in a row; the rest waits for the next run
_ALL = 1.0
_ALLOWED = "deletions_allowed:"  # and the job's number: a fact


@dataclass(slots=True)
class Settlement:
    """What was settled. `gone` were made tombstones, `back` lost theirs, by media type value.

    `waiting` are the titles by type that a user is to decide about; then `paused` is true and the run returns
    JobState.PAUSED. `undecided` are titles whose answer could not be had, `expired` deleted ones whose data went.
    """

    gone: dict[str, int] = field(default_factory=dict)
    back: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    undecided: int = 0
    expired: int = 0

    @property
    def paused(self) -> bool:
        """Whether the job now waits for its user."""
        return bool(self.waiting)


@dataclass(frozen=True, slots=True)
class _Found:
    """Titles of a type the export does not name, and how many the library holds."""

    media_type: MediaType
    export_date: date
    held: int
    vanished: list[Vanished]

    @property
    def gone(self) -> list[Vanished]:
        return [one for one in self.vanished if one.gone_at is not None]


async def settle(tools: Tools, job_id: int, meter: Meter, lane: Callable[[], int]) -> Settlement:
    """Compare what is held with the newest trusted exports, ask about what they do not name, and act on it.

    To be called in a job's close; begun again after a crash it goes on. When the returned settlement is `paused` the
    job's state has been recorded: the caller returns JobState.PAUSED.
    """
    run = _Settling(tools, job_id, meter, lane)
    return await run.settle()


def confirm(db: SqliteDatabase, job_id: int, now_ms: int, shares: dict[str, float] | None = None) -> None:
    """Allow a job to delete up to a share of the held titles of each type, by default all that have gone."""
    text = json.dumps(shares if shares is not None else {one.value: _ALL for one in MediaType}, sort_keys=True)
    db.execute_sql(
        "INSERT INTO fact (name, value, at) VALUES (?, ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at",
        (_fact(job_id), text, now_ms),
    )


def allow(db: SqliteDatabase, job: jobs.Job, now_ms: int) -> None:
    """Say yes to what a job asks for: what it has shown, and as much again as needs no asking."""
    confirm(db, job.id, now_ms, job.reason_args.get("shares", {}))


def _fact(job_id: int) -> str:
    return f"{_ALLOWED}{job_id}"


class _Settling:
    def __init__(self, tools: Tools, job_id: int, meter: Meter, lane: Callable[[], int]) -> None:
        self._tools = tools
        self._job_id = job_id
        self._meter = meter
        self._lane = lane
        self._done = Settlement()

    async def settle(self) -> Settlement:
        found = [one for media_type in MediaType if (one := await self._find(media_type)) is not None]
        for index, one in enumerate(found):
            unasked = [title for title in one.vanished if title.gone_at is None]
            if unasked:
                await self._ask(one.media_type, unasked)
                found[index] = await self._find(one.media_type) or one
        if await self._waits(found):
            return self._done
        for one in found:
            await self._bury(one)
        await self._tools.store.write(self._forget_permission)
        await self._look_up_successors()
        await self._expire()
        return self._done

    # ------------------------------------------------------------------------------------------- finding

    async def _find(self, media_type: MediaType) -> _Found | None:
        """What the export of a type does not name; tombstones of what it names go."""

        def read(db: SqliteDatabase) -> tuple[_Found, BitMap, bool] | None:
            figures, sets = exports.figures(db, media_type), exports.ids(db, media_type)
            if figures is None or sets is None:
                return None
            named = sets[0] | sets[2]
            held = coverage.library_ids(db, media_type) - coverage.tombstone_ids(db, media_type)
            unnamed = held - named
            of_adults = exports.figures(db, media_type, adult=True)
            if of_adults is None or of_adults.date != figures.date:  # nothing is known of the adult titles held
                unnamed -= _adult(db, media_type, unnamed)
            dropped = exports.dropped(db, media_type)
            vanished = tombstones.candidates(db, media_type, unnamed, figures.date, dropped)
            back = bool(tombstones.returned(db, media_type, named))
            return _Found(media_type, figures.date, len(held), vanished), named, back

        result = await self._tools.store.read(read)
        if result is None:
            self._say("info", f"No export of {_words(media_type)} is trusted yet, so none can be found deleted")
            return None
        found, named, back = result
        if back:
            risen = await self._tools.store.write(lambda db: tombstones.raise_up(db, media_type, named))
            self._done.back[media_type.value] = self._done.back.get(media_type.value, 0) + len(risen)
            self._say("info", f"{len(risen):,} {_words(media_type)} are back at TMDb")
            self._publish(risen)
        return found

    async def _ask(self, media_type: MediaType, unasked: Sequence[Vanished]) -> None:
        """Ask TMDb for titles the export does not name; those it still has are stored, 404 is noted."""
        self._say("info", f"Asking for {len(unasked):,} {_words(media_type)} the export does not name")
        tools = self._tools
        # requests are counted by the run's own writer, titles here
        writer = BatchWriter(
            tools.store, tools.bus, tools.clock, self._job_id, tools.settings.languages, Meter(), lambda items: None
        )
        writing = asyncio.create_task(writer.run())
        asking = asyncio.create_task(self._ask_all(media_type, unasked, writer))
        try:
            await asyncio.wait((writing, asking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            asking.cancel()  # unless it has ended: then the library could not be written, or the job is to stop
            await asyncio.gather(asking, return_exceptions=True)
            writer.close()
            await writing
        asking.result()
        now_ms = self._now_ms()
        await tools.store.write(lambda db: jobs.settle_total(db, self._job_id, now_ms))

    async def _ask_all(self, media_type: MediaType, unasked: Sequence[Vanished], writer: BatchWriter) -> None:
        slots = asyncio.Semaphore(ASKED_AT_ONCE)

        async def one(title: Vanished) -> None:
            async with slots:
                outcome = await self._outcome(media_type, title.tmdb_id)
                if outcome is None:
                    self._done.undecided += 1
                else:
                    await writer.put(outcome)

        for part in in_parts(unasked, 200):
            async with asyncio.TaskGroup() as group:
                for title in part:
                    group.create_task(one(title))

    async def _outcome(self, media_type: MediaType, tmdb_id: int) -> Fetched | WasGone | None:
        request = details(media_type, tmdb_id, self._tools.settings.languages)
        item = jobs.Item(media_type, tmdb_id, 0)
        try:
            body = await self._tools.client.get(
                request,
                lane=self._lane(),
                meter=self._meter,
                decode=lambda body: whole_title(body, media_type, tmdb_id),
            )
            return Fetched(item, body)
        except Gone:
            return WasGone(item)
        except (GaveUp, BadRequest) as error:
            self._say("warn", f"{media_type.value}/{tmdb_id} stays undecided: {error.message}")
            return None

    # ------------------------------------------------------------------------------------------ deciding

    async def _waits(self, found: Sequence[_Found]) -> bool:
        """Pause the job when too much would go at once and nobody has said yes to it."""
        name = _fact(self._job_id)
        row = await self._tools.store.read(
            lambda db: db.execute_sql("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        )
        allowed: dict[str, float] = json.loads(row[0]) if row else {}
        shares = {one.media_type.value: len(one.gone) / one.held for one in found if one.held}
        over = [one for one in found if shares.get(one.media_type.value, 0) > MOST_AT_ONCE]
        over = [one for one in over if shares[one.media_type.value] > allowed.get(one.media_type.value, 0)]
        if not over:
            return False
        self._done.waiting = {one.media_type.value: len(one.gone) for one in over}
        words = " and ".join(f"{len(one.gone):,} of {one.held:,} {_words(one.media_type)}" for one in over)
        message = f"TMDb no longer has {words} of the library, as the export and 404 answers agree."
        asked_for = {one.media_type.value: shares[one.media_type.value] + MOST_AT_ONCE for one in over}
        args: dict[str, Any] = {**self._done.waiting, "message": message, "shares": asked_for}
        now_ms = self._now_ms()

        def write(db: SqliteDatabase) -> None:
            db.execute_sql("UPDATE job SET wanted = ? WHERE id = ?", (Wanted.PAUSE.value, self._job_id))
            jobs.set_state(db, self._job_id, JobState.PAUSED, now_ms, reason=jobs.DELETIONS, args=args)

        await self._tools.store.write(write)
        self._say("warn", f"{message} Waiting for your decision")
        hint = "Resume the job to mark them as deleted; cancel it to keep everything as it is."
        self._tools.bus.publish(EngineStopped("Many titles would be deleted", message, hint))
        self._tools.bus.publish(JobChanged(self._job_id))
        return True

    def _forget_permission(self, db: SqliteDatabase) -> None:
        """The word was for this job; what was said about jobs that ended another way goes as well."""
        db.execute_sql(
            "DELETE FROM fact WHERE name = ?1 || ?2 OR (name LIKE ?1 || '%' AND CAST(substr(name, length(?1) + 1) "
            "AS INTEGER) NOT IN (SELECT id FROM job WHERE state NOT IN ('completed', 'failed', 'cancelled')))",
            (_ALLOWED, self._job_id),
        )

    async def _bury(self, found: _Found) -> None:
        gone = found.gone
        if not gone:
            return
        now_ms = self._now_ms()
        for part in in_parts(gone, MADE_AT_ONCE):

            def write(db: SqliteDatabase, part: tuple[Vanished, ...] = part) -> None:
                tombstones.make(db, found.media_type, part, found.export_date, self._job_id, now_ms)

            await self._tools.store.write(write)
            self._publish([one.title_id for one in part])
        self._tools.bus.publish(GapsChanged())
        self._done.gone[found.media_type.value] = len(gone)
        self._say("info", f"{len(gone):,} {_words(found.media_type)} are deleted at TMDb and marked so")

    async def _look_up_successors(self) -> None:
        """A duplicate that was merged is gone by its id; its IMDb id tells where it went."""
        waiting = await self._tools.store.read(lambda db: tombstones.without_successor(db, 1_000))
        in_a_row = 0
        for title_id, media_type, tmdb_id, imdb_id in waiting:
            try:
                found = await self._tools.client.get(
                    find_imdb(imdb_id), lane=self._lane(), meter=self._meter, decode=decode_find
                )
                in_a_row = 0
            except (Gone, BadRequest):
                found = None
            except GaveUp:  # looked up at a later run
                in_a_row += 1
                if in_a_row == MOST_FAILURES:
                    return
                continue
            keys = (
                [
                    (kind, row.id)
                    for kind, rows in ((MediaType.MOVIE, found.movie_results), (MediaType.TV, found.tv_results))
                    for row in rows or ()
                    if row.id is not None and (kind, row.id) != (media_type, tmdb_id)
                ]
                if found is not None
                else []
            )
            keys.sort(key=lambda key: key[0] is not media_type)
            successor = title_id_of(*keys[0]) if keys else None
            await self._keep_successor(title_id, successor)

    async def _keep_successor(self, title_id: int, successor: int | None) -> None:
        now_ms = self._now_ms()
        await self._tools.store.write(lambda db: tombstones.set_successor(db, title_id, successor, now_ms))

    async def _expire(self) -> None:
        """Data of deleted titles go 180 days after TMDb last confirmed them, posters 180 days after their fetch."""
        now_ms = self._now_ms()
        await asyncio.to_thread(ageing.sweep_files, self._tools.store.paths.posters, now_ms / 1000)
        while True:
            due = await self._tools.store.read(lambda db: tombstones.expired(db, now_ms))
            if not due:
                return
            await self._tools.store.write(partial(tombstones.forget_data, title_ids=due))
            self._done.expired += len(due)
            self._publish(due)

    # ---------------------------------------------------------------------------------------- small things

    def _publish(self, title_ids: Sequence[int]) -> None:
        self._tools.bus.publish(TitlesStored(tuple(title_ids)))
        self._tools.bus.publish(CoverageChanged())

    def _say(self, level: str, text: str) -> None:
        self._tools.bus.publish(JobLogged(self._job_id, self._tools.clock.now(), level, text))

    def _now_ms(self) -> int:
        return to_millis(self._tools.clock.now())


def _adult(db: SqliteDatabase, media_type: MediaType, tmdb_ids: BitMap) -> BitMap:
    found = BitMap()
    for part in in_parts(tmdb_ids, 500):
        keys = [title_id_of(media_type, tmdb_id) for tmdb_id in part]
        marks = ", ".join("?" * len(keys))
        rows = db.execute_sql(f"SELECT tmdb_id FROM title WHERE adult = 1 AND id IN ({marks})", keys)
        found.update(row[0] for row in rows)
    return found


def _words(media_type: MediaType) -> str:
    return "movies" if media_type is MediaType.MOVIE else "TV series"
