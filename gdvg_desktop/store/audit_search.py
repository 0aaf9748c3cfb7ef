"""Audit of the search index against the texts it was made from, without FTS5's own check, which is a write.

The words of the index are read through `fts5vocab` in short reads, and each title's words and their places become one
checksum. The texts are broken into words by the same tokenizer in memory, and become checksums as well. Titles that
differ are read a second time, word by word, so that what was written meanwhile is not taken for a fault.
"""

import contextlib
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peewee import SqliteDatabase

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Sums = NDArray[numpy.uint64]

MOST = 5_000  # titles mended one by one; with more the whole index is made anew
_ROWS = 200_000  # about so many words are read in one statement
_PART = 10_000  # words dealt with at once: Python's lock is held meanwhile
_SPAN = 20_000  # title ids whose texts are broken into words at once
_MOST_ID = 20_000_000  # titles beyond, if there are any, are compared word by word
_VOCAB = "CREATE VIRTUAL TABLE temp.audit_words USING fts5vocab(main, title_fts, instance)"

Word = tuple[str, int, int]  # the word, the title's id, its place in the text


@dataclass(frozen=True, slots=True)
class WrongEntry:
    """A title whose entries in the index are not those of its text (None: it has no text).

    `words` are the words that are indexed for it, in their order.
    """

    title_id: int
    text: str | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchFaults:
    """How many titles the index is wrong about, and which, unless they are too many to mend one by one."""

    count: int
    entries: tuple[WrongEntry, ...]

    @property
    def whole(self) -> bool:
        """Whether the whole index has to be made anew."""
        return self.count > len(self.entries)


def look(connection: sqlite3.Connection, on_part: Callable[[str], None]) -> SearchFaults:
    """Compare the index with the texts. `connection` may write to nothing but its own temporary tables.

    `on_part` is called between short reads and may raise to end it.
    """
    connection.execute(_VOCAB)
    try:
        suspects = _suspects(connection, on_part)
        if len(suspects) > MOST:
            return SearchFaults(len(suspects), ())
        entries = tuple(_confirmed(connection, suspects, on_part)) if suspects else ()
        return SearchFaults(len(entries), entries)
    finally:
        connection.execute("DROP TABLE temp.audit_words")


def mend(db: SqliteDatabase, entries: Sequence[WrongEntry]) -> int:
    """Put the entries of some titles right; returns how many. Titles that were written meanwhile are left alone."""
    mended = 0
    for one in entries:
        row = db.execute_sql("SELECT text FROM title_search WHERE title_id = ?", (one.title_id,)).fetchone()
        if (row[0] if row else None) != one.text:
            continue
        if one.words:
            db.execute_sql(
                "INSERT INTO title_fts (title_fts, rowid, text) VALUES ('delete', ?, ?)",
                (one.title_id, " ".join(one.words)),
            )
        if one.text is not None:
            db.execute_sql("INSERT INTO title_fts (rowid, text) VALUES (?, ?)", (one.title_id, one.text))
        mended += 1
    return mended


def rebuild(db: SqliteDatabase) -> None:
    """Make the whole index anew in one transaction: about a minute for a million titles, in which writing waits."""
    db.execute_sql("INSERT INTO title_fts (title_fts) VALUES ('rebuild')")


# --------------------------------------------------------------------------------------------------------- inside


def _suspects(connection: sqlite3.Connection, on_part: Callable[[str], None]) -> list[int]:
    import numpy  # late: a command that lists jobs needs none of it

    last = connection.execute("SELECT coalesce(max(title_id), 0) FROM title_search").fetchone()[0]
    last = max(0, min(last, _MOST_ID))
    indexed = numpy.zeros(last + 1, dtype=numpy.uint64)
    beyond: set[int] = set()
    for words in _words(connection, "temp.audit_words"):
        on_part("Reading the search index")
        indexed, more = _added(indexed, words)
        beyond |= more
    suspects = sorted(beyond)
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as memory:
        _make_index(connection, memory)
        for first in range(0, last + 1, _SPAN):
            on_part("Reading the texts of the search")
            span = numpy.zeros(min(_SPAN, last + 1 - first), dtype=numpy.uint64)
            rows = connection.execute(
                "SELECT title_id - ?1, text FROM title_search WHERE title_id >= ?1 AND title_id < ?1 + ?2",
                (first, _SPAN),
            ).fetchall()
            for words in _tokens(memory, rows):
                span, _ = _added(span, words)
            wrong = numpy.flatnonzero(span != indexed[first : first + len(span)]) + first
            suspects += [int(one) for one in wrong]
    return suspects


def _added(sums: "Sums", words: list[Word]) -> "tuple[Sums, set[int]]":
    """Checksums with more words in them, and titles beyond their end."""
    import numpy  # late, see _suspects

    terms, ids, places = zip(*words, strict=True)
    where = numpy.fromiter(ids, numpy.int64, len(words))
    hashes = numpy.fromiter(map(hash, terms), numpy.int64, len(words)).astype(numpy.uint64)
    spread = numpy.fromiter(places, numpy.uint64, len(words)) * numpy.uint64(0x9E3779B97F4A7C15)
    value = (hashes ^ spread) * numpy.uint64(0xD6E8FEB86659FD93)
    value ^= value >> numpy.uint64(32)
    inside = (where >= 0) & (where < len(sums))
    numpy.add.at(sums, where[inside], value[inside])
    return sums, {int(one) for one in numpy.unique(where[~inside])}


def _confirmed(
    connection: sqlite3.Connection, suspects: Sequence[int], on_part: Callable[[str], None]
) -> Iterator[WrongEntry]:
    """Those of the suspects whose text stayed the same while the index was read again, and still differs from it."""
    before = _texts(connection, suspects)
    wanted = set(suspects)
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for words in _words(connection, "temp.audit_words"):
        on_part("Reading the search index again")
        for term, title_id, place in words:
            if title_id in wanted:
                found[title_id].append((place, term))
    after = _texts(connection, suspects)
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as memory:
        _make_index(connection, memory)
        for title_id in suspects:
            text = before.get(title_id)
            if text != after.get(title_id):
                continue
            expected = [
                (place, term)
                for words in _tokens(memory, [(0, text)] if text is not None else [])
                for term, _, place in words
            ]
            if sorted(found[title_id]) != sorted(expected):
                yield WrongEntry(title_id, text, tuple(term for _, term in sorted(found[title_id])))


def _texts(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, str]:
    texts: dict[int, str] = {}
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        marks = ", ".join("?" * len(part))
        texts.update(
            connection.execute(f"SELECT title_id, text FROM title_search WHERE title_id IN ({marks})", part).fetchall()
        )
    return texts


def _words(connection: sqlite3.Connection, table: str) -> Iterator[list[Word]]:
    """All words of an index in lists of some thousand. Each word is read whole in one of several short statements."""
    start = ""
    while True:
        with contextlib.closing(
            connection.execute(f"SELECT term, doc, offset FROM {table} WHERE term >= ? ORDER BY term", (start,))
        ) as cursor:
            taken = 0
            while words := cursor.fetchmany(_PART):
                taken += len(words)
                last = words[-1][0]
                if taken >= _ROWS and words[0][0] != last:
                    start = last  # perhaps not to its end: it is read again, from its beginning
                    yield words[: next(place for place, word in enumerate(words) if word[0] == last)]
                    break
                yield words
            else:
                return


def _make_index(connection: sqlite3.Connection, memory: sqlite3.Connection) -> None:
    """An empty index in memory that breaks texts into words as the library's does."""
    made = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'title_fts'").fetchone()[0]
    match = re.search(r'tokenize\s*=\s*("[^"]*")', made)
    assert match is not None
    memory.execute(f"CREATE VIRTUAL TABLE words USING fts5 (text, content = '', tokenize = {match[1]})")
    memory.execute("CREATE VIRTUAL TABLE each_word USING fts5vocab(words, instance)")


def _tokens(memory: sqlite3.Connection, rows: Sequence[Any]) -> Iterator[list[Word]]:
    """The words of texts given as (id, text)."""
    memory.execute("BEGIN")
    memory.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", rows)
    memory.execute("COMMIT")
    yield from _words(memory, "each_word")
    memory.execute("INSERT INTO words (words) VALUES ('delete-all')")
