"""From answers to rows: gathers what was fetched and commits it in batches.

One batch is one transaction: titles, search entries, the items' state, the job's counts and the day's counts, what is
known of failures and gaps, so a crash leaves either all of it or nothing.
"""

import asyncio
import contextlib
import logging
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import peewee
from peewee import SqliteDatabase

from gdvg_desktop.core.clock import Clock, to_millis, utc_day
from gdvg_desktop.core.errors import Attempt, RequestError
from gdvg_desktop.core.events import Bus, ErrorsChanged, Event, GapsChanged, JobChanged, JobLogged, TitlesStored
from gdvg_desktop.core.kinds import FailureCategory, MediaType
from gdvg_desktop.store import answers, counts, errors, gaps, jobs
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.titles import TitleRows, Written, title_id_of, write_titles
from gdvg_desktop.sync.mapping import map_title
from gdvg_desktop.tmdb.client import Meter

log = logging.getLogger(__name__)

BATCH_TITLES = 25
BATCH_SECONDS = 0.25
RETRY_AFTER_MS = 3_600_000  # failed titles that may do better later are tried again after an hour
_WORDS = {Written.ADDED: "imported", Written.UPDATED: "updated", Written.UNCHANGED: "unchanged"}
_RETRIED = (FailureCategory.NETWORK, FailureCategory.RATE_LIMIT, FailureCategory.SERVER)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A title's answer, whole JSON, not yet mapped."""

    item: jobs.Item
    body: bytes


@dataclass(frozen=True, slots=True)
class WasGone:
    """TMDb said 404 for a listed title."""

    item: jobs.Item


@dataclass(frozen=True, slots=True)
class Failure:
    """A title that failed after so many attempts. `tries` are those that are known one by one."""

    item: jobs.Item
    category: FailureCategory
    message: str
    attempts: int
    tries: tuple[Attempt, ...] = ()


Outcome = Fetched | WasGone | Failure


@dataclass(frozen=True, slots=True)
class _Line:
    level: str
    text: str


@dataclass(slots=True)
class _Committed:
    """What one transaction did, for the events after it."""

    ids: list[int]
    lines: list[_Line]
    done: int
    events: list[Event]


class BatchWriter:
    """Commits a job's outcomes, about 25 titles or 250 ms at a time.

    `put` waits while two batches are unwritten, so fetching never runs ahead of the disk by more than that.
    `on_committed` hears which items are no longer pending. `max_tries` is how often a gap is tried before it is given
    up.
    """

    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Clock,
        job_id: int,
        languages: Sequence[str],
        meter: Meter,
        on_committed: Callable[[Sequence[jobs.Item]], None],
        *,
        max_tries: int = 5,
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._job_id = job_id
        self._languages = tuple(languages)
        self._meter = meter
        self._on_committed = on_committed
        self._max_tries = max_tries
        self._counted = 0
        self._waiting: deque[Outcome] = deque()
        self._room = asyncio.Semaphore(2 * BATCH_TITLES)
        self._some = asyncio.Event()
        self._full = asyncio.Event()
        self._closing = False
        self._recent: deque[tuple[float, int]] = deque(maxlen=240)

    async def put(self, outcome: Outcome) -> None:
        """Hand over one outcome."""
        await self._room.acquire()
        self._waiting.append(outcome)
        self._some.set()
        if len(self._waiting) >= BATCH_TITLES:
            self._full.set()

    def close(self) -> None:
        """Let `run` commit what it holds and end."""
        self._closing = True
        self._some.set()
        self._full.set()

    def titles_per_second(self, span_s: float = 30.0) -> float:
        """Titles done a second, over the last `span_s` seconds of commits."""
        now = self._clock.monotonic()
        recent = [(at, done) for at, done in self._recent if now - at <= span_s]
        if not recent:
            return 0.0
        return sum(done for _, done in recent) / max(1.0, now - recent[0][0])

    async def run(self) -> None:
        """Commit until closed. Raises StorageError when the library cannot be written; nothing is half written."""
        while self._waiting or not self._closing:
            await self._some.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BATCH_SECONDS):
                    await self._full.wait()
            batch = [self._waiting.popleft() for _ in range(min(BATCH_TITLES, len(self._waiting)))]
            await self._commit(batch)
            for _ in batch:
                self._room.release()
            if not self._closing:
                if len(self._waiting) < BATCH_TITLES:
                    self._full.clear()
                if not self._waiting:
                    self._some.clear()
        await self._commit([])

    async def _commit(self, batch: list[Outcome]) -> None:
        sent = self._meter.requests
        requests, now = sent - self._counted, self._clock.now()
        if not batch and not requests:
            return
        result = await self._store.write(lambda db: self._write(db, batch, requests, now))
        self._counted = sent
        self._on_committed([outcome.item for outcome in batch])
        self._recent.append((self._clock.monotonic(), result.done))
        if result.ids:
            self._bus.publish(TitlesStored(tuple(result.ids)))
        for line in result.lines:
            self._bus.publish(JobLogged(self._job_id, now, line.level, line.text))
        for event in result.events:
            self._bus.publish(event)
        self._bus.publish(JobChanged(self._job_id))

    def _write(self, db: SqliteDatabase, batch: list[Outcome], requests: int, now: float) -> _Committed:
        now_ms = to_millis(now)
        tally: Counter[str] = Counter()
        daily: Counter[str] = Counter()
        result = _Committed([], [], len(batch), [])
        mapped: list[tuple[jobs.Item, TitleRows]] = []
        failures: list[Failure] = []
        gone: list[jobs.Item] = []
        for outcome in batch:
            match outcome:
                case Fetched(item, body):
                    try:
                        mapped.append((item, map_title(body, item.media_type, self._languages)))
                    except Exception as error:  # one bad title never stops a job
                        failures.append(self._mapping_failure(item, error))
                case WasGone(item):
                    gone.append(item)
                case Failure():
                    failures.append(outcome)
        stored = self._store_titles(db, mapped, failures, now_ms)
        for item, rows, written in stored:
            tally[written.value] += 1
            if written is Written.ADDED:
                daily[counts.ADDED_MOVIE if item.media_type is MediaType.MOVIE else counts.ADDED_TV] += 1
            result.ids.append(rows.title_id)
            result.lines.append(_Line("ok", f"{rows.label} {_WORDS[written]}"))
        for item in gone:
            tally["gone"] += 1
            result.lines.append(_Line("info", f"{_name(item)} is gone from TMDb"))
        for failure in failures:
            tally["failed"] += 1
            daily[f"error_{failure.category.value}"] += 1
            jobs.item_failed(db, self._job_id, self._failed_row(failure, now_ms))
            result.lines.append(_Line("fail", f"{_name(failure.item)}: {failure.message}"))
        self._settle(db, [item for item, _, _ in stored], gone, failures, now_ms, result)
        jobs.bump(db, self._job_id, now_ms, requests=requests, **tally)
        daily.update({name: tally[name] for name in (counts.UPDATED, counts.UNCHANGED, counts.FAILED, counts.GONE)})
        counts.add_daily(db, utc_day(now), daily)
        return result

    def _settle(
        self,
        db: SqliteDatabase,
        stored: list[jobs.Item],
        gone: list[jobs.Item],
        failures: list[Failure],
        now_ms: int,
        result: _Committed,
    ) -> None:
        """Bring in line what is known beside the titles: items, failures, last answers, gaps."""
        jobs.items_done(db, self._job_id, _keys(stored + gone))
        recovered = errors.resolved(db, self._job_id, _keys(stored), now_ms)
        errors.resolved(db, self._job_id, _keys(gone), now_ms, gone=True)
        answers.forget(db, result.ids)
        touched = bool(result.ids) and gaps.resolved(db, result.ids, now_ms) > 0
        for item in gone:
            title_id = title_id_of(item.media_type, item.tmdb_id)
            answers.note_gone(db, title_id, self._job_id, now_ms)
            touched |= self._gap_tried(db, title_id, FailureCategory.NOT_FOUND, answers.GONE_MESSAGE, now_ms)
        for failure in failures:
            item = failure.item
            title_id = title_id_of(item.media_type, item.tmdb_id)
            errors.tried(
                db, self._job_id, item.media_type, item.tmdb_id, failure.tries or (_only_try(failure, now_ms),)
            )
            answers.note_failed(db, title_id, failure.category, failure.message, self._job_id, now_ms)
            touched |= self._gap_tried(db, title_id, failure.category, failure.message, now_ms)
        if touched:
            result.events.append(GapsChanged())
        if failures or recovered.by_itself or recovered.asked:
            result.events.append(ErrorsChanged())

    def _gap_tried(
        self, db: SqliteDatabase, title_id: int, category: FailureCategory, message: str, now_ms: int
    ) -> bool:
        return gaps.tried(db, title_id, category.value, message, now_ms, self._max_tries) is not None

    def _store_titles(
        self,
        db: SqliteDatabase,
        mapped: list[tuple[jobs.Item, TitleRows]],
        failures: list[Failure],
        now_ms: int,
    ) -> list[tuple[jobs.Item, TitleRows, Written]]:
        if not mapped:
            return []
        try:
            with db.atomic():
                written = write_titles(db, [rows for _, rows in mapped], self._job_id, now_ms)
            return [(item, rows, one) for (item, rows), one in zip(mapped, written, strict=True)]
        except (peewee.IntegrityError, peewee.InterfaceError, peewee.DataError, OverflowError):
            log.exception("A batch was refused by the library; storing its titles one by one")
        stored = []
        for item, rows in mapped:
            try:
                with db.atomic():
                    written = write_titles(db, [rows], self._job_id, now_ms, clean=True)
                stored.append((item, rows, written[0]))
            except (peewee.IntegrityError, peewee.InterfaceError, peewee.DataError, OverflowError) as error:
                failures.append(Failure(item, FailureCategory.STORAGE, f"The library refused it: {error}", 1))
        return stored

    @staticmethod
    def _mapping_failure(item: jobs.Item, error: Exception) -> Failure:
        if isinstance(error, RequestError):
            return Failure(item, FailureCategory.VALIDATION, error.message, 1)
        log.error("Mapping %s failed", _name(item), exc_info=error)
        return Failure(item, FailureCategory.VALIDATION, f"The answer could not be read: {error}", 1)

    @staticmethod
    def _failed_row(failure: Failure, now_ms: int) -> jobs.FailedItem:
        return jobs.FailedItem(
            media_type=failure.item.media_type,
            tmdb_id=failure.item.tmdb_id,
            category=failure.category,
            message=failure.message,
            attempts=failure.attempts,
            failed_at=now_ms,
            next_try_at=now_ms + RETRY_AFTER_MS if failure.category in _RETRIED else None,
        )


def _keys(items: Sequence[jobs.Item]) -> list[tuple[MediaType, int]]:
    return [(item.media_type, item.tmdb_id) for item in items]


def _only_try(failure: Failure, now_ms: int) -> Attempt:
    """What failed here, after TMDb had answered."""
    return Attempt(now_ms / 1000, failure.category, failure.message)


def _name(item: jobs.Item) -> str:
    return f"{item.media_type.value}/{item.tmdb_id}"
