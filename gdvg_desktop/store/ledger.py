"""The month ledger: how far each release month of each type is, one row a (type, month) and one for the undated.

It is no table. A month is judged by what is known of it, best evidence first: what discover reported and listed for it
(`release_month`), the listing windows of imports that nothing narrowed, and the export when all its ids are held. The
last three months and those to come stay open, because TMDb still adds to them. It never decides how anything is
listed: windows are as large as the page cap allows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.release_months import recent_from

NOTE_LENGTH = 500
PAGE = 20
_FIRST, _LAST = "0000-00", "9999-99"


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A row of the ledger. `year` and `month` are None for titles without a date. `last_synced` is unix milliseconds.

    `held` counts held titles, `listed` what TMDb reports (None: never asked). Pages are of 20 titles and None where
    the month was never listed by itself.
    """

    media_type: MediaType
    year: int | None
    month: int | None
    is_complete: bool
    last_completed_page: int | None
    total_pages: int | None
    notes: str
    last_synced: int | None
    held: int
    listed: int | None


@dataclass(frozen=True, slots=True)
class ExportState:
    """How the newest export of a type stands: its date, how many of its ids in the scope are not held."""

    date: date
    missing: int
    held: BitMap
    read_at: int


@dataclass(slots=True)
class _Evidence:
    """What is known of one month beside the held titles."""

    listed: int | None = None
    complete: bool = False
    last_page: int | None = None
    pages: int | None = None
    synced: int | None = None
    notes: list[str] = field(default_factory=list)


_Month = tuple[MediaType, str]


def months(
    db: SqliteDatabase,
    today: date,
    exports: Mapping[MediaType, ExportState],
    types: Iterable[MediaType] = tuple(MediaType),
) -> list[MonthRow]:
    """The ledger, newest month first, movies before TV, the undated last. Three index reads, no page is fetched."""
    held = held_by_month(db)
    evidence: defaultdict[_Month, _Evidence] = defaultdict(_Evidence)
    known = {key for key in held if key[1]}
    _read_windows(db, known, evidence)
    _read_release_months(db, held, exports, evidence)
    open_from = recent_from(f"{today:%Y-%m}")
    wanted = set(types)
    keys = sorted((known | evidence.keys()), key=lambda key: (key[1], key[0] is MediaType.MOVIE), reverse=True)
    rows = [
        _row(key, held.get(key, 0), evidence.get(key), exports.get(key[0]), key[1] >= open_from)
        for key in keys
        if key[0] in wanted
    ]
    return rows + [_undated(kind, held.get((kind, ""), 0), exports.get(kind)) for kind in MediaType if kind in wanted]


def held_by_month(db: SqliteDatabase) -> dict[_Month, int]:
    """Held titles by type and month (YYYY-MM, "" without a date), titles TMDb deleted left out.

    Jumps from month to month on the index of dates; the lowest bit of a title's id says its type.
    """
    rows = db.execute_sql(
        "WITH RECURSIVE each (month) AS (SELECT substr(min(release_date), 1, 7) FROM title WHERE release_date > '' "
        "UNION ALL "
        "SELECT (SELECT substr(min(release_date), 1, 7) FROM title WHERE release_date > month || '~') FROM each "
        "WHERE month IS NOT NULL) "
        "SELECT month, (SELECT count(*) << 32 | sum(id & 1) FROM title WHERE release_date >= month "
        "AND release_date < month || '~') FROM each WHERE month IS NOT NULL "
        "UNION ALL SELECT '', count(*) << 32 | coalesce(sum(id & 1), 0) FROM title "
        "WHERE coalesce(release_date, '') = ''"
    )
    found: dict[_Month, int] = {}
    for month, both in rows:  # both counts in one number, so that each month is read once
        titles, series = divmod(both, 1 << 32)
        found[MediaType.MOVIE, month], found[MediaType.TV, month] = titles - series, series
    gone = db.execute_sql(
        "SELECT t.id & 1, coalesce(substr(t.release_date, 1, 7), ''), count(*) FROM tombstone AS s "
        "JOIN title AS t ON t.id = s.title_id GROUP BY 1, 2"
    )
    for is_series, month, titles in gone:
        found[MediaType.TV if is_series else MediaType.MOVIE, month] -= titles
    return {key: titles for key, titles in found.items() if titles}


def _row(key: _Month, held: int, known: _Evidence | None, export: ExportState | None, is_open: bool) -> MonthRow:
    media_type, month = key
    known = known or _Evidence()
    complete, synced, notes = known.complete, known.synced, list(known.notes)
    if not complete and known.listed is None and export is not None and not export.missing:
        complete, synced = True, export.read_at
        notes.append(f"Every id of the export of {export.date} is held.")
    if is_open:
        complete = False
        notes.insert(0, "Stays open: TMDb still adds to it.")
    if not notes:
        notes.append("Never listed by itself.")
    return MonthRow(
        media_type=media_type,
        year=int(month[:4]),
        month=int(month[5:7]),
        is_complete=complete,
        last_completed_page=known.last_page,
        total_pages=known.pages,
        notes=" ".join(notes)[:NOTE_LENGTH],
        last_synced=synced,
        held=held,
        listed=known.listed,
    )


def _undated(media_type: MediaType, held: int, export: ExportState | None) -> MonthRow:
    """Titles without a date come from the export alone: no listing by date names them."""
    if export is None:
        note = "No export has been read."
    elif export.missing:
        note = f"{export.missing:,} ids of the export of {export.date} are not held; their dates are not known."
    else:
        note = f"Every id of the export of {export.date} is held."
    return MonthRow(
        media_type=media_type,
        year=None,
        month=None,
        is_complete=export is not None and not export.missing,
        last_completed_page=None,
        total_pages=None,
        notes=note,
        last_synced=export.read_at if export else None,
        held=held,
        listed=None,
    )


# ------------------------------------------------------------------------------------------- evidence


def _read_release_months(
    db: SqliteDatabase,
    held: Mapping[_Month, int],
    exports: Mapping[MediaType, ExportState],
    evidence: defaultdict[_Month, _Evidence],
) -> None:
    """What discover says of a month goes before any window. Of several rules the month is complete when all are."""
    rows = db.execute_sql("SELECT media_type, month, reported, asked_at, listed_at, ids, note FROM release_month")
    by_month: defaultdict[_Month, list[tuple[int, int, int | None, BitMap | None, str | None]]] = defaultdict(list)
    for kind, month, reported, asked_at, listed_at, ids, note in rows:
        found = BitMap.deserialize(ids) if ids else None
        by_month[MediaType(kind), month].append((reported, asked_at, listed_at, found, note))
    for key, parts in by_month.items():
        export = exports.get(key[0])
        listed = sum(reported for reported, *_ in parts)
        pages = -(-listed // PAGE)
        complete = True
        missing = 0
        for reported, _, listed_at, ids, _ in parts:
            if ids is not None and listed_at is not None and export is not None:
                missing += len(ids - export.held)
                complete = complete and not ids - export.held
            else:
                complete = complete and held.get(key, 0) >= reported
        notes = [note for *_, note in parts if note]
        if missing:
            notes.insert(0, f"{missing:,} of the titles listed are not held.")
        elif not complete:
            notes.insert(0, f"TMDb reports {listed:,}, {held.get(key, 0):,} are held.")
        all_listed = all(listed_at is not None for _, _, listed_at, _, _ in parts)
        evidence[key] = _Evidence(
            listed=listed,
            complete=complete,
            last_page=pages if complete or all_listed else 0,
            pages=pages,
            synced=min(asked_at for _, asked_at, _, _, _ in parts),
            notes=notes or [f"Complete: TMDb reports {listed:,}."],
        )


def _read_windows(db: SqliteDatabase, known: set[_Month], evidence: defaultdict[_Month, _Evidence]) -> None:
    """Windows of imports that nothing narrowed but the period, the latest first. What they listed is held once the
    import ended without a failure."""
    rows = db.execute_sql(
        "SELECT w.media_type, w.date_from, w.date_to, sum(min(w.last_page, 500)), "
        "sum(min(coalesce(w.total_pages, 1), 500)), min(w.complete) AND j.state = 'completed' AND j.failed = 0, "
        "max(w.last_synced_at), group_concat(DISTINCT w.note) "
        "FROM listing_window AS w JOIN job AS j ON j.id = w.job_id "
        "WHERE j.kind = 'import' AND w.undated <> 'only' AND w.last_synced_at IS NOT NULL "
        "AND coalesce(json_array_length(j.config, '$.countries'), 0) = 0 "
        "AND coalesce(json_array_length(j.config, '$.genres'), 0) = 0 AND json_extract(j.config, '$.limit') IS NULL "
        "GROUP BY w.job_id, w.media_type, w.date_from, w.date_to ORDER BY w.job_id DESC, w.date_from"
    ).fetchall()
    by_type: dict[MediaType, list[str]] = {
        kind: sorted({month for one, month in known if one is kind}) for kind in MediaType
    }
    within: defaultdict[_Month, list[tuple[int, int, bool, int]]] = defaultdict(list)
    for kind, first, last, done, pages, complete, synced, note in rows:
        media_type = MediaType(kind)
        one_month = first is not None and last is not None and first[:7] == last[:7]
        if one_month:
            within[media_type, first[:7]].append((done, pages, bool(complete), synced))
            continue
        low, high = _whole_months(first, last)
        for month in by_type[media_type]:
            key = (media_type, month)
            if low <= month <= high and not (key in evidence and evidence[key].complete):
                words = f"Listed with {first or 'the first'} to {last or 'the last'}, {done:,} of {pages:,} pages."
                evidence[key] = _Evidence(
                    complete=bool(complete), synced=synced, notes=[words, *([note] if note else [])]
                )
    for key, parts in within.items():
        done, pages = sum(part[0] for part in parts), sum(part[1] for part in parts)
        complete = all(part[2] for part in parts) or (key in evidence and evidence[key].complete)
        evidence[key] = _Evidence(
            complete=complete, last_page=done, pages=pages, synced=max(part[3] for part in parts),
            notes=[f"{done:,} of {pages:,} pages listed."],
        )  # fmt: skip


def _whole_months(first: str | None, last: str | None) -> tuple[str, str]:
    """The months that lie whole between two days; an open end reaches to the last known month."""
    low, high = _FIRST, _LAST
    if first is not None:
        day = date.fromisoformat(first)
        low = f"{day:%Y-%m}" if day.day == 1 else _next_month(day)
    if last is not None:
        day = date.fromisoformat(last)
        after = date.fromordinal(day.toordinal() + 1)
        high = f"{day:%Y-%m}" if after.day == 1 else f"{date.fromordinal(day.replace(day=1).toordinal() - 1):%Y-%m}"
    return low, high


def _next_month(day: date) -> str:
    return f"{day.year + day.month // 12:04d}-{day.month % 12 + 1:02d}"
