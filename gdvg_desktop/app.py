"""The composition root: builds the parts in order and undoes them in reverse.

    settings      read by the caller, because the theme and the language need them before anything else
    store         opened in a thread: it may migrate, back up or find a damaged file
    credentials   the key, loaded in a thread because a keyring may wait for the user
    client        one for all requests, with the pacer
    reference, exports, previewer
    engine        only where this process holds the engine lock

Nothing here knows Qt. Faces (window, command line) hold an `App` and call `commands`.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from gdvg_desktop.core.clock import Clock, SystemClock, to_millis, utc_day
from gdvg_desktop.core.credentials import Credential, CredentialSource, CredentialStore
from gdvg_desktop.core.errors import CredentialError, KeyringUnavailable, StorageError
from gdvg_desktop.core.events import Bus, EngineStopped, JobChanged, JobsReordered, LibraryReplaced, ScheduleChanged
from gdvg_desktop.core.kinds import JobKind
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.core.secrets import SecretStore
from gdvg_desktop.core.settings import Settings, validate
from gdvg_desktop.core.threads import left_behind
from gdvg_desktop.store import counts, damage, jobs, schedule
from gdvg_desktop.store.coverage import CoverageCache
from gdvg_desktop.store.db import Store
from gdvg_desktop.sync import daily_snapshot
from gdvg_desktop.sync.analyze import AnalyzeRun
from gdvg_desktop.sync.delta import DeltaRun
from gdvg_desktop.sync.engine import Engine, RunFactory
from gdvg_desktop.sync.enumerate import ExportTools
from gdvg_desktop.sync.fill import FillRun
from gdvg_desktop.sync.import_titles import ImportRun
from gdvg_desktop.sync.lists import ListRun
from gdvg_desktop.sync.mirror import MirrorRun
from gdvg_desktop.sync.preview import Previewer
from gdvg_desktop.sync.reference import Reference
from gdvg_desktop.sync.refresh import RefreshRun
from gdvg_desktop.sync.title_run import Tools
from gdvg_desktop.tmdb.client import TmdbClient
from gdvg_desktop.tmdb.exports import ExportReader

log = logging.getLogger(__name__)

WATCH_S = 1.0

KINDS: dict[JobKind, RunFactory] = {  # a class a kind of job
    JobKind.IMPORT: ImportRun,
    JobKind.MIRROR: MirrorRun,
    JobKind.LIST: ListRun,
    JobKind.DELTA: DeltaRun,
    JobKind.REFRESH: RefreshRun,
    JobKind.ANALYZE: AnalyzeRun,
    JobKind.FILL: FillRun,
}


@dataclass(slots=True)
class App:
    """The parts of a running program. `engine` is None where another process works the queue."""

    paths: Paths
    settings: Settings
    credentials: CredentialStore
    store: Store
    client: TmdbClient
    reference: Reference
    exports: ExportReader
    previewer: Previewer
    engine: Engine | None
    bus: Bus
    clock: Clock
    coverage: CoverageCache = field(default_factory=CoverageCache, repr=False)
    secrets: SecretStore = field(default_factory=SecretStore, repr=False)
    credential: Credential | None = field(default=None, repr=False)
    credential_source: CredentialSource | None = None
    credential_problem: CredentialError | None = None

    async def load_credential(self) -> None:
        """Read the key from where it is kept; a keyring that does not answer is remembered, not raised."""
        try:
            found = await left_behind(self.credentials.load)
        except CredentialError as problem:
            self.credential, self.credential_source, self.credential_problem = None, None, problem
            return
        self.credential, self.credential_source = found if found else (None, None)
        self.credential_problem = None

    async def key_came(self) -> None:
        """Let work go on that waited for a key, or for another one."""
        self.client.reset_credential()
        if self.engine is not None and self.engine.blocked is not None:
            await self.engine.unblock()

    async def check_library(self) -> None:
        """After a crash, read the whole file beside the work and tell when it is damaged."""
        problems = await asyncio.to_thread(self.store.check)
        with contextlib.suppress(StorageError):  # a file too damaged to be written to is told of all the same
            await self.store.write(lambda db: damage.note(db, problems, to_millis(self.clock.now())))
        if problems:
            log.error("The library is damaged: %s", "; ".join(problems[:5]))
            self.bus.publish(
                EngineStopped(
                    "The library is damaged",
                    f"Reading {self.paths.library} found {len(problems)} problems, the first: {problems[0]}.",
                    "Put the newest backup back in Settings, Database, or with: gdvg backup restore latest.",
                )
            )

    async def watch(self) -> None:
        """Beside another process's engine: tell about rows it changed, until cancelled."""
        seen: dict[int, int] = {}
        planned: tuple[object, ...] = ()
        while True:
            now = {job.id: job.updated_at for job in await self.store.read(jobs.listing)}
            if now.keys() != seen.keys():
                self.bus.publish(JobsReordered())
            changed = [job_id for job_id, at in now.items() if seen.get(job_id) != at]
            for job_id in changed:
                self.bus.publish(JobChanged(job_id))
            if changed and seen:
                self.bus.publish(LibraryReplaced())
            now_planned = await self.store.read(schedule.fingerprint)
            if planned and now_planned != planned:
                self.bus.publish(ScheduleChanged())
            seen, planned = now, now_planned
            await self.clock.sleep(WATCH_S)


@contextlib.asynccontextmanager
async def open_app(
    paths: Paths,
    settings: Settings,
    *,
    engine: bool,
    credentials: CredentialStore | None = None,
    bus: Bus | None = None,
    clock: Clock | None = None,
    key_wait_s: float | None = None,
) -> AsyncIterator[App]:
    """Open everything for one data folder; with `engine` this process is to work the queue.

    A keyring that waits for its user is waited for; with `key_wait_s` for so many seconds, and its key counts once it
    comes.
    Raises UsageError for settings out of range and StorageError when the library cannot be opened, among them
    LibraryLocked when another process is the engine.
    """
    validate(settings)
    clock, bus = clock or SystemClock(), bus or Bus()
    async with contextlib.AsyncExitStack() as stack:
        store = await asyncio.to_thread(Store.open, paths, exclusive=engine)
        stack.callback(store.close)
        app: App

        def sent() -> None:
            if app.engine is not None:
                app.engine.count_request()

        client = TmdbClient(settings, lambda: app.credential, clock=clock, bus=bus, on_request=sent)
        exports = ExportReader(settings, clock, paths.data_dir / "exports")
        reference = Reference(store, client, clock)
        tools = Tools(store, client, exports, reference, bus, clock, settings)
        app = App(
            paths=paths,
            settings=settings,
            credentials=credentials or CredentialStore(),
            store=store,
            client=client,
            reference=reference,
            exports=exports,
            previewer=Previewer(client, ExportTools(store, exports, bus, clock)),
            engine=Engine(tools, KINDS, daily_snapshot.after) if engine else None,
            bus=bus,
            clock=clock,
        )
        loading = asyncio.create_task(_load_key(app))
        stack.push_async_callback(_ended, loading)
        await asyncio.wait({loading}, timeout=key_wait_s)
        if loading.done():
            loading.result()
        else:
            problem = KeyringUnavailable(
                "The system's keyring has not answered yet.", "Unlock it; the key counts then."
            )
            log.warning("%s", problem)
            app.credential_problem = problem
        today = utc_day(clock.now())
        sent_today = await store.read(lambda db: counts.daily(db, today, today).get(today, {}).get(counts.REQUESTS, 0))
        client.set_requests_today(sent_today)
        await stack.enter_async_context(client)
        if store.unclean:
            stack.push_async_callback(_ended, asyncio.create_task(app.check_library()))
        yield app


async def _load_key(app: App) -> None:
    await app.load_credential()
    await app.key_came()


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
