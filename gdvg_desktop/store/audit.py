"""The audit: is the file sound, do its rows fit each other, is what it says of titles well-formed, complete and fresh?

It reads the whole library on a connection of its own beside all work, in short reads, and writes nothing. What it finds
is mended by `commands.audit`, in small transactions and through the queue.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store import audit_rows, audit_search, compare, fields, health
from gdvg_desktop.store.ageing import DAY_MS, KEEP_DAYS
from gdvg_desktop.store.audit_rows import Orphans, WrongCount
from gdvg_desktop.store.audit_search import SearchFaults
from gdvg_desktop.store.backup import good_backups
from gdvg_desktop.store.title_rows import CHILD_TABLES

EXAMPLES = 5
_MOST_ID = 2**32

Progress = Callable[[str], None]


class CheckName(StrEnum):
    """What is checked, in this order."""

    FILE = "file"
    ORPHANS = "orphans"
    REFERENCES = "references"
    MALFORMED = "malformed"
    DUPLICATES = "duplicates"
    SEARCH = "search"
    REQUIRED = "required_fields"
    CONTENT = "content"
    STALE = "stale"
    JOBS = "job_counts"
    IMDB = "shared_imdb_ids"


class Mend(StrEnum):
    """How a finding can be mended."""

    RESTORE = "restore"  # a backup is put back
    REMOVE = "remove"
    REFETCH = "refetch"  # the titles are fetched again through the queue
    REBUILD = "rebuild"
    RECOUNT = "recount"
    NOTHING = "nothing"  # TMDb's own; only told


@dataclass(frozen=True, slots=True)
class Check:
    """One check's outcome: how much was found, a few examples, and how it is mended."""

    name: CheckName
    count: int
    examples: tuple[str, ...]
    mend: Mend

    @property
    def fault(self) -> bool:
        """Whether something is wrong here, and not only remarkable."""
        return self.count > 0 and self.mend is not Mend.NOTHING


@dataclass(slots=True)
class _Found:
    """What the mending needs of the findings."""

    orphans: list[Orphans] = field(default_factory=list)
    search: SearchFaults = field(default_factory=lambda: SearchFaults(0, ()))
    identities: list[int] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    refetch: BitMap = field(default_factory=BitMap)
    lacking: BitMap = field(default_factory=BitMap)
    altered: BitMap = field(default_factory=BitMap)
    stale: BitMap = field(default_factory=BitMap)
    jobs: list[WrongCount] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of an audit. `backups` are paths of good backups when the file is damaged, newest first.

    A damaged file is not looked into any further: only the first check is in `checks` then.
    """

    titles: int
    checks: tuple[Check, ...]
    found: _Found
    backups: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not any(check.fault for check in self.checks)

    @property
    def damaged(self) -> bool:
        """Whether the file itself is damaged, so that only a backup helps."""
        return any(check.name is CheckName.FILE and check.count for check in self.checks)

    def check(self, name: CheckName) -> Check:
        """One check's outcome. KeyError for one that was not made."""
        for check in self.checks:
            if check.name is name:
                return check
        raise KeyError(name)


@dataclass(slots=True)
class _Tally:
    """Findings as a count, the titles concerned and a few examples: there may be millions."""

    count: int = 0
    ids: BitMap = field(default_factory=BitMap)
    examples: list[str] = field(default_factory=list)

    def add(self, text: str, title_id: int | None, count: int = 1) -> None:
        self.count += count
        if title_id is not None and 0 < title_id < _MOST_ID:  # nothing can be fetched for any other
            self.ids.add(title_id)
        if len(self.examples) < EXAMPLES:
            self.examples.append(text)


class Cancelled(Exception):
    """Nobody wants the report any more."""


def audit(
    paths: Paths,
    required: Iterable[str],
    now_ms: int,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Report:
    """Check everything. Blocking, minutes for a million titles. Raises Cancelled once `cancelled()` is true."""
    return _Audit(paths, tuple(required), now_ms, on_progress or (lambda _text: None), cancelled).run()


class _Audit:
    """One audit under way."""

    def __init__(
        self, paths: Paths, required: tuple[str, ...], now_ms: int, say: Progress, cancelled: Callable[[], bool]
    ) -> None:
        self._paths = paths
        self._required = required
        self._now_ms = now_ms
        self._tell = say
        self._cancelled = cancelled
        self._found = _Found()
        self._checks: list[Check] = []
        self._connection = health.connect(paths.library)
        self._connection.text_factory = compare.lossy
        self._said = ""

    def run(self) -> Report:
        with contextlib.closing(self._connection):
            self._connection.set_progress_handler(lambda: int(self._cancelled()), 1_000_000)
            try:
                return self._run()
            except sqlite3.OperationalError:
                if self._cancelled():
                    raise Cancelled from None
                raise

    def _run(self) -> Report:
        self._say("Reading the whole file")
        problems = health.whole_check(self._connection)
        self._add(CheckName.FILE, len(problems), problems, Mend.RESTORE)
        if problems:
            return Report(0, tuple(self._checks), self._found, good_backups(self._paths))
        self._references()
        self._titles()
        self._found.search = audit_search.look(self._connection, self._say)
        wrong = self._found.search
        self._add(CheckName.SEARCH, wrong.count, [f"title {one.title_id}" for one in wrong.entries], Mend.REBUILD)
        self._required_fields()
        self._content()
        self._say("Looking for titles older than six months")
        self._found.stale = audit_rows.stale(self._connection, self._now_ms - KEEP_DAYS * DAY_MS)
        self._add(CheckName.STALE, len(self._found.stale), self._named(self._found.stale), Mend.REFETCH)
        self._say("Counting the titles of jobs")
        self._found.jobs = audit_rows.wrong_counts(self._connection)
        self._add(CheckName.JOBS, len(self._found.jobs), map(str, self._found.jobs), Mend.RECOUNT)
        shared = audit_rows.shared_imdb_ids(self._connection)
        self._add(CheckName.IMDB, len(shared), (f"{imdb} on {count} titles" for imdb, count in shared), Mend.NOTHING)
        return Report(self._one("SELECT count(*) FROM title"), tuple(self._checks), self._found)

    # ---------------------------------------------------------------------------------------------- the checks

    def _references(self) -> None:
        """Rows whose parent is gone: those that mean nothing without it, and those whose parent can be fetched."""
        owned = self._found.orphans
        others = _Tally()
        for reference in audit_rows.references(self._connection):
            of_title = reference.table == "title" or reference.table in CHILD_TABLES
            for start, end in audit_rows.spans_of(self._connection, reference):
                self._say(f"Looking for rows of {reference.table} without {reference.parent}")
                found = audit_rows.orphans(self._connection, reference, start, end)
                if reference.owned:
                    owned += found
                    continue
                for one in found:
                    others.add(str(one), one.key if of_title else None, one.count)
        self._found.refetch |= others.ids
        self._add(CheckName.ORPHANS, sum(one.count for one in owned), map(str, owned), Mend.REMOVE)
        self._add(CheckName.REFERENCES, others.count, others.examples, Mend.REFETCH)

    def _titles(self) -> None:
        malformed, twice = _Tally(), _Tally()
        for start, end in audit_rows.spans(self._connection, "title", "id"):
            self._say("Looking for malformed rows")
            for one in audit_rows.malformed(self._connection, self._now_ms, start, end):
                malformed.add(str(one), one.key, one.count)
            for one in audit_rows.duplicates(self._connection, start, end):
                twice.add(str(one), one.key, one.count)
            for title_id in audit_rows.wrong_identity(self._connection, start, end):
                self._found.identities.append(title_id)
                malformed.add(f"title {title_id}: its id is another title's", title_id)
            for title_id in audit_rows.without_search_entry(self._connection, start, end):
                malformed.add(f"title {title_id}: no entry in the search", title_id)
        self._found.refetch |= malformed.ids | twice.ids
        for shared in audit_rows.empty_texts_of_shared(self._connection):
            self._found.shared.append(shared.table)
            malformed.add(str(shared), None, shared.count)
        self._add(CheckName.MALFORMED, malformed.count, malformed.examples, Mend.REFETCH)
        self._add(CheckName.DUPLICATES, twice.count, twice.examples, Mend.REFETCH)

    def _required_fields(self) -> None:
        """Titles that lack a required field though TMDb has it."""
        mask = fields.mask_of(self._required)
        db = _Reading(self._connection)
        examples: list[str] = []
        for start, end in audit_rows.spans(self._connection, "title", "id"):
            self._say("Looking for missing fields")
            lacking = fields.lacking(db, mask, start, end)
            self._found.lacking |= BitMap(lacking)
            for title_id, missing in lacking.items():
                if len(examples) < EXAMPLES:
                    examples.append(f"{self._named([title_id])[0]}: {', '.join(fields.names_of(missing))}")
        self._add(CheckName.REQUIRED, len(self._found.lacking), examples, Mend.REFETCH)

    def _content(self) -> None:
        """Titles whose rows are not what was stored, and about which no check before has said anything."""
        told = self._found.refetch | self._found.lacking
        for start, end in audit_rows.spans(self._connection, "title", "id", audit_rows.TITLES):
            self._say("Comparing the rows of titles with their hashes")
            self._found.altered.update(
                one for one in audit_rows.altered(self._connection, start, end) if one not in told
            )
        self._add(CheckName.CONTENT, len(self._found.altered), self._named(self._found.altered), Mend.REFETCH)

    # ------------------------------------------------------------------------------------------------ small things

    def _add(self, name: CheckName, count: int, examples: Iterable[str], mend: Mend) -> None:
        few = tuple(text for text, _ in zip(examples, range(EXAMPLES), strict=False))
        self._checks.append(Check(name, count, few, mend))

    def _say(self, text: str) -> None:
        if self._cancelled():
            raise Cancelled
        if text != self._said:
            self._said = text
            self._tell(text)

    def _one(self, select: str) -> int:
        return int(self._connection.execute(select).fetchone()[0])

    def _named(self, ids: Iterable[int]) -> list[str]:
        """A few titles in words."""
        few = [title_id for title_id, _ in zip(ids, range(EXAMPLES), strict=False)]
        rows = self._connection.execute(
            "SELECT media_type || '/' || tmdb_id || coalesce(' ' || title, '') FROM title "
            f"WHERE id IN ({', '.join('?' * len(few))})",
            few,
        ).fetchall()
        return [row[0] for row in rows]


class _Reading(SqliteDatabase):
    """Another's connection, for functions that take an open database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(None)
        self._own = connection

    def execute_sql(self, sql: str, params: Sequence[object] | None = None) -> sqlite3.Cursor:
        return self._own.execute(sql, params or ())
