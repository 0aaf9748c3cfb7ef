"""The coverage certificate row by row: every id of the exports once, with its state and the reason."""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.clock import from_millis
from gdvg_desktop.core.kinds import IdState, MediaType
from gdvg_desktop.store.coverage import IdSets
from gdvg_desktop.store.titles import title_id_of

_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One id of an export."""

    media_type: MediaType
    tmdb_id: int
    state: IdState
    reason: str


def rows(
    read: Callable[[Callable[[SqliteDatabase], dict[int, str]]], dict[int, str]], media_type: MediaType, sets: IdSets
) -> Iterator[CertificateRow]:
    """The rows of a type in ascending order of ids. `read` runs a function on the library, a short while for a chunk.

    The states are those of `sets`; only what is said about single ids is read meanwhile.
    """
    every: array[int] = sets.in_export.to_array()
    states = sets.states()
    for start in range(0, len(every), _CHUNK):
        ids = BitMap(every[start : start + _CHUNK])
        said = read(partial(_said, media_type=media_type, first=ids.min(), last=ids.max()))
        found: dict[int, tuple[IdState, str]] = {}
        for state, members in states.items():
            for tmdb_id in ids & members:
                found[tmdb_id] = state, _reason(state, said.get(tmdb_id))
        for reason in sets.reasons:
            for tmdb_id in ids & reason.ids:
                found[tmdb_id] = reason.state, reason.text
        for tmdb_id in ids:
            state, text = found[tmdb_id]
            yield CertificateRow(media_type, tmdb_id, state, text)


def _reason(state: IdState, said: str | None) -> str:
    match state:
        case IdState.HELD:
            return "in the library"
        case IdState.MISSING:
            return said or "not fetched yet"
        case IdState.TOMBSTONED:
            return said or "deleted by TMDb"
        case _:
            return ""


def _said(db: SqliteDatabase, media_type: MediaType, first: int, last: int) -> dict[int, str]:
    """What is known of single ids of a range: the last answer that was no title, and tombstones."""
    ends = (media_type.value == "tv", title_id_of(media_type, first), title_id_of(media_type, last))
    found: dict[int, str] = {}
    for title_id, answer, asked_at, message in db.execute_sql(
        "SELECT title_id, answer, asked_at, message FROM title_answer "
        "WHERE (title_id & 1) = ? AND title_id BETWEEN ? AND ?",
        ends,
    ):
        day = f"{from_millis(asked_at):%Y-%m-%d}"
        if answer == "gone":
            text = f"TMDb answered on {day} that there is no such title; it still stands in the export"
        else:
            text = f"asked for on {day} and failed: {message or 'no reason given'}"
        found[title_id >> 1] = text
    for title_id, gone_at, export_date in db.execute_sql(
        "SELECT title_id, gone_at, export_date FROM tombstone WHERE (title_id & 1) = ? AND title_id BETWEEN ? AND ?",
        ends,
    ):
        day = f"{from_millis(gone_at):%Y-%m-%d}"
        found[title_id >> 1] = f"deleted by TMDb: absent from the export of {export_date}, no such title on {day}"
    return found
