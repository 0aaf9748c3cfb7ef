"""The last answer about a title that TMDb did not give: gone (404) or failed. One row a title, gone once it is stored.

What was tried of one failed title of a job, try by try, is `store.errors`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from peewee import SqliteDatabase

from gdvg_desktop.core.kinds import FailureCategory

GONE_MESSAGE = "TMDb does not have this title any more."
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """When a title was asked for last (unix milliseconds) and what came of it.

    `answer` is gone or failed; `category` and `message` say why. `tries` counts the times in a row, by whatever job.
    """

    title_id: int
    asked_at: int
    answer: str
    category: FailureCategory
    message: str
    tries: int
    job_id: int | None


def note_gone(db: SqliteDatabase, title_id: int, job_id: int | None, now_ms: int) -> None:
    """TMDb said 404."""
    _note(db, title_id, "gone", FailureCategory.NOT_FOUND, GONE_MESSAGE, job_id, now_ms)


def note_failed(
    db: SqliteDatabase, title_id: int, category: FailureCategory, message: str, job_id: int | None, now_ms: int
) -> None:
    """A title could not be had; the message is for the user."""
    _note(db, title_id, "failed", category, message, job_id, now_ms)


def forget(db: SqliteDatabase, title_ids: Iterable[int]) -> None:
    """These titles were stored, in this very transaction."""
    db.connection().executemany("DELETE FROM title_answer WHERE title_id = ?", [(one,) for one in title_ids])


def of(db: SqliteDatabase, title_id: int) -> Answer | None:
    """The last answer about a title, None when it was never asked for or was given."""
    return get(db, [title_id]).get(title_id)


def get(db: SqliteDatabase, title_ids: Iterable[int]) -> dict[int, Answer]:
    """The last answers about some titles, by id; those without one are left out."""
    wanted, found = list(title_ids), dict[int, Answer]()
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        rows = db.execute_sql(
            "SELECT title_id, asked_at, answer, category, message, tries, job_id FROM title_answer "
            f"WHERE title_id IN ({', '.join('?' * len(part))})",
            part,
        )
        found |= {row[0]: Answer(row[0], row[1], row[2], FailureCategory(row[3]), *row[4:]) for row in rows}
    return found


def _note(
    db: SqliteDatabase,
    title_id: int,
    answer: str,
    category: FailureCategory,
    message: str,
    job_id: int | None,
    now_ms: int,
) -> None:
    db.execute_sql(
        "INSERT INTO title_answer (title_id, asked_at, answer, category, message, tries, job_id) "
        "VALUES (?, ?, ?, ?, ?, 1, ?) ON CONFLICT (title_id) DO UPDATE SET asked_at = excluded.asked_at, "
        "tries = CASE WHEN answer = excluded.answer THEN tries + 1 ELSE 1 END, answer = excluded.answer, "
        "category = excluded.category, message = excluded.message, job_id = excluded.job_id",
        (title_id, now_ms, answer, category.value, message[:500], job_id),
    )
