"""The list job: a short list of TMDb (popular, now playing, ...) brought up to date.

Titles of the list that are missing are fetched, held ones last checked more than a day ago are fetched again, and what
the scope does not want is left out with the reason. Titles are taken in the order of the list.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.core.clock import to_millis, utc_day
from gdvg_desktop.core.errors import BadAnswer, GaveUp, RequestError, UnreachableError
from gdvg_desktop.core.events import CoverageChanged, JobChanged
from gdvg_desktop.core.kinds import FailureCategory, IdState, JobState, MediaType
from gdvg_desktop.core.scope import Scope
from gdvg_desktop.store import counts, jobs, mirror, skips
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.store.coverage import IdSets, id_sets
from gdvg_desktop.sync.admission import belongs
from gdvg_desktop.sync.title_run import TitleRun, Tools
from gdvg_desktop.tmdb.lists import LISTS, short_list
from gdvg_desktop.tmdb.payloads import DiscoverPage, ListedTitle, decode_discover, decode_title

FRESH_MS = 24 * 3_600_000
LAST_PAGE = 500
TOMBSTONED = "tombstoned"


class ListRun(TitleRun):
    """One run of a list job; its config holds `list` (a name of `tmdb.lists.LISTS`), `region` and `pages`."""

    def __init__(self, tools: Tools, job: jobs.Job, lane: Callable[[], int]) -> None:
        super().__init__(tools, job, lane)
        self._list = LISTS[job.config["list"]]
        self._region: str | None = job.config.get("region")
        self._pages: int = job.config["pages"]
        self._judge: tuple[Scope, IdSets] | None = None

    async def list_titles(self) -> None:
        try:
            rows = await self._read_pages()
        except (GaveUp, RequestError) as error:
            await self._could_not_be_read(error)
            return
        now, media_type = self._tools.clock.now(), self._list.media_type
        now_ms = to_millis(now)
        wanted, skipped = await self._tools.store.read(lambda db: self._decide(db, rows, now_ms))
        told = {reason: len(ids) for reason, ids in skipped.items()}

        def write(db: SqliteDatabase) -> None:
            ids, popularity = [one.id or 0 for one in wanted], [one.popularity or 0.0 for one in wanted]
            mirror.add_ranked(db, self._job_id, media_type, ids, popularity, range(1, len(wanted) + 1))
            for reason, ids in skipped.items():
                skips.add_ids(db, self._job_id, media_type, reason, ids, now_ms)
            jobs.bump(db, self._job_id, now_ms, skipped=sum(told.values()))
            counts.add_daily(db, utc_day(now), {counts.SKIPPED: sum(told.values())})
            jobs.set_summary(db, self._job_id, {"listed": len(rows), "wanted": len(wanted), "skipped": told})
            jobs.settle_total(db, self._job_id, now_ms)
            jobs.set_phase(db, self._job_id, "fetch")

        await self._tools.store.write(write)
        for reason, number in told.items():
            self._say("skip", f"{number:,} of {len(rows):,} titles left out: {reason.replace('_', ' ')}")
        self._tools.bus.publish(JobChanged(self._job_id))

    async def admits(self, item: jobs.Item, body: bytes) -> bool:
        """What neither the export nor a listing of the scope has judged yet is judged by its own details."""
        if self._judge is None:
            self._judge = await self._tools.store.read(lambda db: (scopes.load(db), id_sets(db, item.media_type)))
        scope, sets = self._judge
        if sets.state_of(item.tmdb_id) in (IdState.HELD, IdState.MISSING):
            return True
        return belongs(scope, item.media_type, decode_title(body))

    async def close(self) -> None:
        self._tools.bus.publish(CoverageChanged())

    async def _read_pages(self) -> list[ListedTitle]:
        """The titles of the list in its order; rows move between pages while one reads, so each is taken once."""
        found: dict[int, ListedTitle] = {}
        last = min(self._pages, LAST_PAGE)
        number = left_out = 0
        while number < last:
            number += 1
            try:
                page = await self._tools.client.get(
                    short_list(self._list, number, self._region),
                    lane=self._lane(),
                    meter=self.meter,
                    decode=_page,
                )
            except GaveUp as error:
                if error.category is not FailureCategory.VALIDATION or number == 1:
                    raise
                self._say("warn", f"Page {number} of {self._list.words} is left out: {error.message}")
                if number == left_out + 1:
                    break  # two in a row: the list ends earlier than it says
                left_out = number
                continue
            last = min(last, page.total_pages)
            for row in page.results:
                if row.id is not None:
                    found.setdefault(row.id, row)
        self._say("info", f"{self._list.words}: {len(found):,} titles on {number} pages")
        return list(found.values())

    async def _could_not_be_read(self, error: GaveUp | RequestError) -> None:
        """The job waits for what may be mended by itself (UnreachableError); what TMDb refuses leaves it failed."""
        words = f"{self._list.words} could not be read: {error.message}"
        if error.category in (FailureCategory.NETWORK, FailureCategory.RATE_LIMIT, FailureCategory.SERVER):
            raise UnreachableError(words, error.hint) from None
        args = {"message": words, "category": error.category.value}
        now = self._tools.clock.now()

        def write(db: SqliteDatabase) -> None:
            jobs.set_state(db, self._job_id, JobState.FAILED, to_millis(now), reason="error", args=args)
            counts.add_daily(db, utc_day(now), {counts.FAILED: 1, f"error_{error.category.value}": 1})

        await self._tools.store.write(write)
        self._outcome = JobState.FAILED
        self._say("fail", words)
        self._tools.bus.publish(JobChanged(self._job_id))

    def _decide(
        self, db: SqliteDatabase, rows: Sequence[ListedTitle], now_ms: int
    ) -> tuple[list[ListedTitle], dict[str, list[int]]]:
        """The rows to fetch, and the ids left out by reason."""
        scope = scopes.load(db)
        sets = id_sets(db, self._list.media_type, scope)
        fresh = _checked_since(db, self._list.media_type, [row.id or 0 for row in rows], now_ms - FRESH_MS)
        wanted: list[ListedTitle] = []
        skipped: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            reason = _reason(row, row.id or 0, sets, scope, fresh)
            if reason is None:
                wanted.append(row)
            else:
                skipped[reason].append(row.id or 0)
        return wanted, skipped


def _page(body: bytes) -> DiscoverPage:
    """A page of a list. Raises BadAnswer also for an empty one that others follow: the next try may bring its rows."""
    page = decode_discover(body)
    if not page.results and page.page < page.total_pages:
        raise BadAnswer("TMDb's answer is an empty page in the middle of a list.")
    return page


def _reason(row: ListedTitle, tmdb_id: int, sets: IdSets, scope: Scope, fresh: set[int]) -> str | None:
    """Why a title is left out; None when it is to be fetched."""
    state = sets.state_of(tmdb_id)
    if state is IdState.TOMBSTONED:
        return TOMBSTONED
    if state is IdState.EXCLUDED or (row.adult and not scope.adult) or (row.video and not scope.video):
        return skips.OUT_OF_SCOPE
    return skips.DUPLICATE if tmdb_id in fresh else None


def _checked_since(db: SqliteDatabase, media_type: MediaType, tmdb_ids: Sequence[int], since_ms: int) -> set[int]:
    """Which of some titles are held and were checked since a moment."""
    values: list[Any] = [media_type.value, since_ms]
    found: set[int] = set()
    for first in range(0, len(tmdb_ids), 500):
        part = tmdb_ids[first : first + 500]
        rows = db.execute_sql(
            f"SELECT tmdb_id FROM title WHERE media_type = ? AND checked_at >= ? "
            f"AND tmdb_id IN ({', '.join('?' * len(part))})",
            (*values, *part),
        )
        found.update(row[0] for row in rows)
    return found
