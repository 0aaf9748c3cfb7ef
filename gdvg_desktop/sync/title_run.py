"""What every job that fetches titles shares: its phases, the fetching of its items in order, and its end.

    plan -> list -> order -> fetch -> close -> done

Each phase is recorded with the job, so a job that died goes on in the phase it was in. What is fetched is committed
with its item, so at most the batch in memory and the requests in flight are asked again. A job kind says in its own
file what is listed, in which order, and what is to be done when all is fetched.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field

from peewee import SqliteDatabase

from gdvg_desktop.core.clock import Clock, to_millis, utc_day
from gdvg_desktop.core.errors import CredentialError, GaveUp, Gone, RequestError
from gdvg_desktop.core.events import Bus, JobChanged, JobLogged
from gdvg_desktop.core.kinds import JobState, MediaType
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.store import counts, jobs, runs, skips, windows
from gdvg_desktop.store.db import Store
from gdvg_desktop.sync.commit import BatchWriter, Failure, Fetched, WasGone
from gdvg_desktop.sync.reference import Reference
from gdvg_desktop.tmdb.client import Meter, TmdbClient
from gdvg_desktop.tmdb.details import details
from gdvg_desktop.tmdb.exports import ExportReader
from gdvg_desktop.tmdb.payloads import whole_title

log = logging.getLogger(__name__)

LEASE = 256
POLL_S = 0.1
SETTLE_S = 5.0  # how long a stop waits for answers on the wire, so that nothing is asked twice


TitleKey = tuple[MediaType, int]


@dataclass(frozen=True, slots=True)
class Tools:
    """What a job works with. `claimed` are the titles the engine's jobs are fetching, so that no other asks as well."""

    store: Store
    client: TmdbClient
    exports: ExportReader
    reference: Reference
    bus: Bus
    clock: Clock
    settings: Settings
    claimed: set[TitleKey] = field(default_factory=set)


class TitleRun:
    """One run of a job, from wherever it stands to its end or until it is stopped. To be derived from.

    A derived class gives `plan` and `list_titles`, each of which ends by recording the phase that follows
    (`_next_phase`, in the transaction that finishes its work), and may give `rank` and `close`.
    """

    skips_held = False
    """Whether titles that another job has stored since the listing are skipped."""

    def __init__(self, tools: Tools, job: jobs.Job, lane: Callable[[], int]) -> None:
        self._tools = tools
        self._job_id = job.id
        self._lane = lane
        self._stop = asyncio.Event()
        self._phase: asyncio.Task[None] | None = None
        self._leased: set[TitleKey] = set()
        self._trouble: BaseException | None = None
        self._outcome: JobState | None = None
        self._entered = ""
        self.meter = Meter()
        self.writer = BatchWriter(
            tools.store,
            tools.bus,
            tools.clock,
            job.id,
            tools.settings.languages,
            self.meter,
            self._committed,
            max_tries=tools.settings.gap_max_tries,
        )

    def stop(self) -> None:
        """Begin nothing new; `run` returns once the answers on the wire are stored."""
        self._stop.set()
        if self._phase is not None:
            self._phase.cancel()

    async def run(self) -> JobState | None:
        """Work until the end. Returns the job's final state, or None when stopped before it.

        Raises CredentialError, StorageError or a bug; what had been fetched by then is stored.
        """
        writing = asyncio.create_task(self.writer.run())
        writing.add_done_callback(self._task_ended)
        try:
            while not self._stop.is_set() and self._outcome is None:
                job = await self._tools.store.read(lambda db: jobs.get(db, self._job_id))
                await self._enter(job.phase)
                match job.phase:
                    case "plan":
                        await self._run_phase(self.plan)
                    case "list":
                        await self._run_phase(self.list_titles)
                    case "order":
                        await self._run_phase(self.put_in_order)
                    case "fetch":
                        await self._fetch()
                        if self._stop.is_set() or not await self._leave_fetch():
                            return None
                    case "close":
                        await self._run_phase(self._close)
                        break
                    case _:
                        break
        finally:
            self.writer.close()
            try:
                await writing
            finally:
                self._release(tuple(self._leased))
        if self._outcome is not None:
            return self._outcome
        return None if self._stop.is_set() else await self._finish()

    # ------------------------------------------------------------------------------- what a job kind gives

    async def plan(self) -> None:
        """Say what is to be listed."""
        await self._next_phase("list")

    async def list_titles(self) -> None:
        """Fill the job's items (`store.jobs.add_listed`)."""
        await self._next_phase("order")

    def rank(self, db: SqliteDatabase) -> None:
        """Rank the listed items as pending, where the listing has not done so. Runs in a transaction."""

    async def put_in_order(self) -> None:
        """Give the titles their places; the total is what is pending."""
        now_ms = to_millis(self._tools.clock.now())

        def write(db: SqliteDatabase) -> None:
            self.rank(db)
            jobs.settle_total(db, self._job_id, now_ms)
            jobs.set_phase(db, self._job_id, "fetch")

        await self._tools.store.write(write)
        self._tools.bus.publish(JobChanged(self._job_id))

    async def close(self) -> JobState | None:
        """What is to be done once every title has been fetched. May be begun again after a crash.

        Returns None to complete the job, or the state this has recorded itself, such as paused for a decision.
        """
        return None

    def is_over(self, db: SqliteDatabase) -> bool:
        """Whether the job may end now that it has closed; else it begins another run. In the write that ends it."""
        return True

    async def admits(self, item: jobs.Item, body: bytes) -> bool:
        """Whether the scope wants a title, now that its details are known; one that it does not counts as skipped.

        May raise BadAnswer for details that cannot be read: the title then counts as failed.
        """
        return True

    async def _enter(self, phase: str) -> None:
        """Keep for the history of the run when a phase began."""
        if phase != self._entered and phase != "done":
            now_ms = to_millis(self._tools.clock.now())
            await self._tools.store.write(lambda db: runs.enter(db, self._job_id, phase, now_ms))
        self._entered = phase

    async def _next_phase(self, phase: str) -> None:
        await self._tools.store.write(lambda db: jobs.set_phase(db, self._job_id, phase))
        self._tools.bus.publish(JobChanged(self._job_id))

    def _say(self, level: str, text: str) -> None:
        """Add a line to the job's live log; `level` is ok, info, skip, warn or fail."""
        self._tools.bus.publish(JobLogged(self._job_id, self._tools.clock.now(), level, text))

    async def _close(self) -> None:
        self._outcome = await self.close()

    # ------------------------------------------------------------------------------------------ phases

    async def _run_phase(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Run a phase that may be begun again anywhere; a stop cancels it."""
        if self._stop.is_set():
            return
        self._phase = asyncio.create_task(work())
        try:
            await self._phase
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if not self._stop.is_set() or (current is not None and current.cancelling()):
                raise
        finally:
            self._phase = None

    def _committed(self, items: Sequence[jobs.Item]) -> None:
        self._release([(item.media_type, item.tmdb_id) for item in items])

    def _release(self, keys: Sequence[TitleKey]) -> None:
        self._leased.difference_update(keys)
        self._tools.claimed.difference_update(keys)

    async def _fetch(self) -> None:
        """Fetch pending titles in order, as many at once as there are connections, and a few waiting behind them.

        Titles waiting for a retry do not count: their place is free for others meanwhile.
        """
        tasks: set[asyncio.Task[None]] = set()
        try:
            await self._fetch_with(tasks)
        finally:  # broken off: nothing may go on asking on behalf of a run that is no more
            for task in tuple(tasks):
                task.cancel()
        if self._trouble is not None:
            raise self._trouble

    async def _fetch_with(self, tasks: set["asyncio.Task[None]"]) -> None:
        width = self._tools.settings.max_connections + 4
        ready: deque[jobs.Item] = deque()
        after = 0
        while not self._stop.is_set() and self._trouble is None:
            if not ready:
                fresh, elsewhere = await self._lease(after)
                ready.extend(fresh)
                if ready:
                    after = ready[-1].rank
                elif after:
                    after = 0  # a retried title may have a place we already passed
                    continue
                elif not tasks and not elsewhere:
                    break
            more = bool(ready)
            while ready and len(tasks) - self.meter.sleeping < width:
                item = ready.popleft()
                task = asyncio.create_task(self._fetch_one(item))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
                task.add_done_callback(self._task_ended)
            if tasks:
                until = asyncio.FIRST_COMPLETED if more else asyncio.ALL_COMPLETED
                await asyncio.wait(tasks, timeout=POLL_S, return_when=until)
            else:
                await asyncio.sleep(POLL_S)
        await self._settle(tasks)

    async def _lease(self, after: int) -> tuple[list[jobs.Item], bool]:
        """The next titles after a rank, and whether some were left to another job that is fetching them just now.

        Where existing titles are skipped, those another job has added since the listing are skipped here.
        """
        spares_held, elsewhere = self.skips_held, False

        def read(db: SqliteDatabase) -> tuple[list[jobs.Item], set[TitleKey]]:
            found = jobs.lease(db, self._job_id, after, LEASE)
            return found, jobs.already_held(db, found) if spares_held else set()

        while True:
            # what is committed while we read still reads as pending and as not held
            leased, claimed = frozenset(self._leased), frozenset(self._tools.claimed)
            items, held = await self._tools.store.read(read)
            if not items:
                return [], elsewhere
            after = items[-1].rank
            unleased = [(item, (item.media_type, item.tmdb_id)) for item in items]
            unleased = [(item, key) for item, key in unleased if key not in leased]
            unwanted = [key for _, key in unleased if key in held]
            others = claimed | self._tools.claimed if spares_held else frozenset[TitleKey]()
            fresh = {key: item for item, key in unleased if key not in held and key not in others}
            elsewhere = elsewhere or len(fresh) + len(unwanted) < len(unleased)
            self._leased.update(fresh)
            self._tools.claimed.update(fresh)
            if unwanted:
                await self._skip(unwanted, skips.DUPLICATE)
            if fresh:
                return list(fresh.values()), elsewhere

    async def _skip(self, keys: Sequence[TitleKey], reason: str) -> None:
        now = self._tools.clock.now()

        def write(db: SqliteDatabase) -> None:
            jobs.items_done(db, self._job_id, keys)
            skips.add(db, self._job_id, reason, keys, to_millis(now))
            jobs.bump(db, self._job_id, to_millis(now), skipped=len(keys))
            counts.add_daily(db, utc_day(now), {counts.SKIPPED: len(keys)})

        await self._tools.store.write(write)

    async def _settle(self, tasks: set["asyncio.Task[None]"]) -> None:
        client, clock = self._tools.client, self._tools.clock
        ends = clock.monotonic() + SETTLE_S
        while len(tasks) > self.meter.sleeping and clock.monotonic() < ends:
            if client.status().outage_since is not None:
                break  # nothing is on the wire that could still be answered
            if self._trouble is not None and not isinstance(self._trouble, CredentialError):
                break  # what is answered could not be stored; a key that is gone spoils no answer on its way
            await asyncio.wait(tasks, timeout=0.05, return_when=asyncio.FIRST_COMPLETED)
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _task_ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None and self._trouble is None:
            self._trouble = task.exception()

    async def _fetch_one(self, item: jobs.Item) -> None:
        kind, tmdb_id = item.media_type, item.tmdb_id
        request = details(kind, tmdb_id, self._tools.settings.languages)
        outcome: Fetched | WasGone | Failure
        try:
            body = await self._tools.client.get(
                request, lane=self._lane(), meter=self.meter, decode=lambda body: whole_title(body, kind, tmdb_id)
            )
            if not await self.admits(item, body):
                await self._skip([(kind, tmdb_id)], skips.OUT_OF_SCOPE)
                self._release([(kind, tmdb_id)])
                return
            outcome = Fetched(item, body)
        except Gone:
            outcome = WasGone(item)
        except GaveUp as error:
            outcome = Failure(item, error.category, error.message, len(error.attempts), error.attempts)
        except RequestError as error:  # not accepted, or an answer of which no sense can be made
            outcome = Failure(item, error.category, error.message, 1)
        await self.writer.put(outcome)

    async def _leave_fetch(self) -> bool:
        """Go to the close when nothing is left; False when titles or listings were put back meanwhile."""

        def write(db: SqliteDatabase) -> bool:
            if windows.any_waiting(db, self._job_id):
                jobs.set_phase(db, self._job_id, "list")
                return False
            if jobs.count_items(db, self._job_id, "pending"):
                return False
            jobs.set_phase(db, self._job_id, "close")
            return True

        return await self._tools.store.write(write)

    async def _finish(self) -> JobState | None:
        """The job is complete only when every window is; a listing that failed leaves it failed, to be retried.

        None when failed titles or listings were put back in the queue while the last ones were fetched, or when what
        was to be done is another by now.
        """
        now_ms = to_millis(self._tools.clock.now())

        def write(db: SqliteDatabase) -> JobState | None:
            if windows.any_waiting(db, self._job_id):
                jobs.set_phase(db, self._job_id, "list")
                return None
            if jobs.count_items(db, self._job_id, "pending"):
                jobs.set_phase(db, self._job_id, "fetch")
                return None
            if not self.is_over(db):
                return None
            if windows.any_failed(db, self._job_id):
                jobs.set_phase(db, self._job_id, "done")
                jobs.set_state(db, self._job_id, JobState.FAILED, now_ms, reason="listing_incomplete")
                return JobState.FAILED
            jobs.forget_done(db, self._job_id)
            jobs.set_phase(db, self._job_id, "done")
            jobs.set_state(db, self._job_id, JobState.COMPLETED, now_ms)
            return JobState.COMPLETED

        state = await self._tools.store.write(write)
        self._tools.bus.publish(JobChanged(self._job_id))
        return state
