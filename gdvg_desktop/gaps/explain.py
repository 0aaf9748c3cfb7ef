"""Why a title is missing or incomplete: what every source knows of it, as dated lines.

Nothing is guessed here; a line says what was read, asked or answered and when. Everything is one title's rows, so it
is quick at any size of library.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import GapKind, GapStatus, IdState, MediaType
from gdvg_desktop.gaps import runs
from gdvg_desktop.store import coverage, exports, gaps, skips
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.store.titles import title_id_of

_FEW = 10  # failed tries shown
_STATES = {
    IdState.HELD: "Inside the scope of the mirror, and held",
    IdState.MISSING: "Inside the scope of the mirror, and missing",
    IdState.TOMBSTONED: "Inside the scope of the mirror, but deleted at TMDb",
    IdState.EXCLUDED: "Outside the scope of the mirror",
    IdState.UNDETERMINED: "Nobody can say yet whether it belongs to the scope of the mirror",
}
_SKIPPED = {
    skips.DUPLICATE: "the library had it",
    skips.CLAIMED: "another job was fetching it",
    skips.OUT_OF_SCOPE: "outside the scope",
    skips.OVER_LIMIT: "beyond the number the job was to fetch",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of evidence. `about` is export, scope, held, answer, attempt, change, skip, tombstone or gap; `at` is
    unix ms, None for what has no moment of its own."""

    about: str
    text: str
    at: int | None = None


def evidence(db: SqliteDatabase, media_type: MediaType, tmdb_id: int, kind: GapKind | None = None) -> list[Line]:
    """What is known of a title, in the order a reader asks: is it there, was it asked for, what became of it."""
    title_id = title_id_of(media_type, tmdb_id)
    return [
        *_export(db, media_type, tmdb_id),
        *_scope(db, media_type, tmdb_id),
        *_held(db, title_id),
        *_answers(db, media_type, tmdb_id, title_id),
        *_changes(db, media_type, tmdb_id),
        *_skips(db, media_type, tmdb_id),
        *_tombstone(db, title_id),
        *_gaps(db, title_id, kind),
    ]


def _export(db: SqliteDatabase, media_type: MediaType, tmdb_id: int) -> Iterator[Line]:
    sets = exports.ids(db, media_type)
    of_adults = exports.figures(db, media_type, adult=True)
    read = exports.figures(db, media_type)
    if sets is None or read is None:
        yield Line("export", "No export of this type has been read yet.")
        return
    every, video, adult = sets
    if tmdb_id in adult and of_adults is not None:
        read = of_adults
    if tmdb_id not in every:
        yield Line("export", f"Not in TMDb's export of {read.date}.", read.read_at)
        return
    kind = "an adult title" if tmdb_id in adult else "a video entry" if tmdb_id in video else ""
    yield Line("export", f"In TMDb's export of {read.date}{f' as {kind}' if kind else ''}.", read.read_at)


def _scope(db: SqliteDatabase, media_type: MediaType, tmdb_id: int) -> Iterator[Line]:
    sets = coverage.id_sets(db, media_type)
    state = sets.state_of(tmdb_id)
    if state is None:
        return
    why = sets.reason_of(tmdb_id)
    yield Line("scope", f"{_STATES[state]}{f': {why}' if why else ''}.")
    scope = scopes.load(db)
    for rule in scope.rules_for(media_type):
        listing = scopes.listing(db, scope.listing_key(rule), media_type)
        if listing is not None and tmdb_id in listing.ids:
            yield Line(
                "scope",
                f"Listed by discover for the rule {rule.words} on {_day(listing.listed_at)}.",
                listing.listed_at,
            )


def _held(db: SqliteDatabase, title_id: int) -> Iterator[Line]:
    row = db.execute_sql(
        "SELECT title, created_at, fetched_at, checked_at FROM title WHERE id = ?", (title_id,)
    ).fetchone()
    if row is None:
        yield Line("held", "Not in the library.")
        return
    name, created, fetched, checked = row
    yield Line("held", f"In the library as {name or 'a title without a name'}, added {_moment(created)}.", created)
    yield Line("held", f"Last fetched {_moment(fetched)}, last checked {_moment(checked)}.", checked)


def _answers(db: SqliteDatabase, media_type: MediaType, tmdb_id: int, title_id: int) -> Iterator[Line]:
    row = db.execute_sql(
        "SELECT asked_at, answer, category, message, tries, job_id FROM title_answer WHERE title_id = ?", (title_id,)
    ).fetchone()
    if row is not None:
        at, answer, category, message, tries, job_id = row
        said = "404, no such title" if answer == "gone" else f"{category or 'failed'}: {message or 'no answer'}"
        by = f" by job {job_id}" if job_id else ""
        yield Line("answer", f"Requested {_moment(at)}{by} (try {tries}): {said}.", at)
    rows = db.execute_sql(
        "SELECT at, job_id, category, message FROM attempt WHERE media_type = ? AND tmdb_id = ? "
        "AND job_id IN (SELECT id FROM job) ORDER BY at DESC LIMIT ?",
        (media_type.value, tmdb_id, _FEW),
    ).fetchall()
    for at, job_id, category, message in rows:
        yield Line("attempt", f"Failed try {_moment(at)} in job {job_id}, {category}: {message}", at)
    waiting = db.execute_sql(
        "SELECT job.id, job.name, job_item.state FROM job CROSS JOIN job_item ON job_item.job_id = job.id "
        "AND media_type = ? AND tmdb_id = ? WHERE job_item.state IN ('listed', 'pending', 'failed') ORDER BY job.id",
        (media_type.value, tmdb_id),
    ).fetchall()
    for job_id, name, state in waiting:
        yield Line("answer", f"{'Failed' if state == 'failed' else 'Waits to be fetched'} in job {job_id}, {name}.")
    if row is None and not rows and not waiting:
        yield Line("answer", "No failed request is known.")


def _changes(db: SqliteDatabase, media_type: MediaType, tmdb_id: int) -> Iterator[Line]:
    for day, at, ids, fetched in db.execute_sql(
        "SELECT day, last_at, ids, fetched FROM change_day WHERE media_type = ? ORDER BY day DESC", (media_type.value,)
    ).fetchall():
        if tmdb_id in BitMap.deserialize(ids):
            done = "fetched on its account" if tmdb_id in BitMap.deserialize(fetched) else "not fetched for it yet"
            yield Line("change", f"In TMDb's change list of {day}, {done}.", at)


def _skips(db: SqliteDatabase, media_type: MediaType, tmdb_id: int) -> Iterator[Line]:
    for job_id, reason, at, ids in db.execute_sql(
        "SELECT job_id, reason, at, ids FROM skip WHERE media_type = ? ORDER BY at DESC LIMIT 200", (media_type.value,)
    ).fetchall():
        if tmdb_id in BitMap.deserialize(ids):
            yield Line("skip", f"Skipped by job {job_id} on {_day(at)}: {_SKIPPED.get(reason, reason)}.", at)


def _tombstone(db: SqliteDatabase, title_id: int) -> Iterator[Line]:
    row = db.execute_sql(
        "SELECT gone_at, export_date, made_at, successor_id FROM tombstone WHERE title_id = ?", (title_id,)
    ).fetchone()
    if row is not None:
        gone_at, export_date, made_at, successor = row
        yield Line(
            "tombstone",
            f"Deleted at TMDb: 404 on {_day(gone_at)} and absent from the export of {export_date}.",
            made_at,
        )
        if successor:
            kind = MediaType.TV if successor & 1 else MediaType.MOVIE
            yield Line("tombstone", f"Its IMDb id now belongs to {kind.value}/{successor >> 1}.")


def _gaps(db: SqliteDatabase, title_id: int, kind: GapKind | None) -> Iterator[Line]:
    found = [one for one in gaps.of_title(db, title_id) if kind in (None, one.kind)]
    for one in found:
        why = (
            f" of {one.month}" if one.month else f": no {', '.join(one.fields).replace('_', ' ')}" if one.fields else ""
        )
        yield Line(
            "gap",
            f"{one.kind.value.capitalize()} gap{why}, found {_moment(one.found_at)}, score {one.score:.1f} = "
            f"{one.popularity:.0f} x {one.recency:.2f}.",
            one.found_at,
        )
        if one.kind is GapKind.SEQUENTIAL:
            run = runs.run_of(db, one.media_type, one.tmdb_id)
            if run is not None and run.count > 1:
                yield Line("gap", f"One of the neighbouring missing ids {run.words}.", one.found_at)
        if one.tries:
            last = f"{one.category}: {one.message}" if one.message else one.category or ""
            yield Line("gap", f"Tried {one.tries} times, last {_moment(one.last_try_at)}: {last}", one.last_try_at)
        if one.status is GapStatus.GAVE_UP:
            yield Line("gap", f"Given up after {one.tries} tries. It is tried again when you fill it by hand.")
        elif one.status is GapStatus.IGNORED:
            yield Line("gap", "Ignored by you.")
        elif one.next_try_at:
            yield Line("gap", f"Due again {_moment(one.next_try_at)}.", one.next_try_at)
    if not found:
        yield Line("gap", "No gap is known.")


def _day(millis: int | None) -> str:
    return datetime.fromtimestamp((millis or 0) / 1000, UTC).strftime("%Y-%m-%d")


def _moment(millis: int | None) -> str:
    return datetime.fromtimestamp((millis or 0) / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
