"""The audit finds what was broken by hand, each under its own check, and nothing in a library that is sound."""

import contextlib
import random
import sqlite3
import threading
from collections.abc import Iterator

import pytest

from gdvg_desktop.core.kinds import JobKind, JobState, MediaType
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store import audit, audit_rows, audit_search, jobs
from gdvg_desktop.store.audit import CheckName, Report
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.title_rows import TitleRows
from tests.support.titles import NOW, fetch, rows, write

WORDS = [
    "Quiet", "Übermut", "기생충", "Paris,", "Texas", "Ångström", "東京物語", "M*A*S*H", "naïve", "spider-man", "лес",
]  # fmt: skip


@pytest.fixture
def filled(paths: Paths) -> Iterator[Store]:
    """A closed library of 300 titles with people, genres, releases and searchable names."""
    store = Store.open(paths, exclusive=True)
    chance = random.Random(7)
    for number in range(1, 301):
        credits = {"cast": [{"id": 5, "name": "Somebody", "character": "X", "order": 0, "credit_id": f"c{number}"}]}
        releases = {
            "results": [{"iso_3166_1": "AT", "release_dates": [{"type": 3, "release_date": "2020-01-05T00:00"}]}]
        }
        write(
            store,
            rows(
                number,
                MediaType.TV if number % 3 == 0 else MediaType.MOVIE,
                title=" ".join(chance.choices(WORDS, k=4)),
                release_date="2020-01-05",
                genres=[{"id": 18, "name": "Drama"}],
                origin_country=["KR"],
                credits=credits,
                release_dates=releases,
                overview="There is one.",
            ),
        )
    yield store
    store.close()


@contextlib.contextmanager
def by_hand(paths: Paths) -> Iterator[sqlite3.Connection]:
    """The file as another program changes it, with nothing watched."""
    with contextlib.closing(sqlite3.connect(paths.library, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        yield connection


def audited(paths: Paths, required: tuple[str, ...] = ("overview",), now_ms: int = NOW) -> Report:
    return audit.audit(paths, required, now_ms)


def counts(report: Report) -> dict[str, int]:
    """What was found, without the checks that found nothing."""
    return {check.name.value: check.count for check in report.checks if check.count}


def test_a_sound_library_is_clean(filled: Store, paths: Paths) -> None:
    report = audited(paths)
    assert counts(report) == {} and report.clean and report.titles == 300
    assert [check.name for check in report.checks] == list(CheckName)


def test_an_empty_library_is_clean(store: Store, paths: Paths) -> None:
    assert audited(paths).clean


def test_orphans_are_found_and_removed(filled: Store, paths: Paths) -> None:
    with by_hand(paths) as file:
        file.execute("DELETE FROM title WHERE id IN (2, 4)")
        left = sum(
            file.execute(f"SELECT count(*) FROM {table} WHERE title_id IN (2, 4)").fetchone()[0]
            for table in ("title_genre", "origin_country", "credit", "title_release", "title_search")
        )
        file.execute("INSERT INTO job_item (job_id, media_type, tmdb_id, state) VALUES (99, 'movie', 1, 'pending')")
    report = audited(paths)
    assert counts(report) == {"orphans": left + 1} and left == 10
    assert any("credit without title (title_id 2)" in str(one) for one in report.found.orphans)
    for orphans in report.found.orphans:
        while filled.write_now(lambda db, orphans=orphans: audit_rows.remove_orphans(db, orphans)):  # type: ignore[misc]
            pass
    assert audited(paths).clean
    assert fetch(filled, "SELECT count(*) FROM title_fts WHERE title_fts MATCH 'quiet' AND rowid IN (2, 4)") == [0]


def test_keys_that_cannot_be_are_no_trouble(filled: Store, paths: Paths) -> None:
    with by_hand(paths) as file:
        for title_id in (-5, 10**12):
            file.execute("INSERT INTO title_search (title_id, text) VALUES (?, 'odd one')", (title_id,))
            file.execute("INSERT INTO title_keyword (title_id, position, keyword_id) VALUES (?, 0, 7)", (title_id,))
    report = audited(paths)
    assert counts(report) == {"orphans": 4, "references": 2}
    assert len(report.found.refetch) == 0
    for orphans in report.found.orphans:
        filled.write_now(lambda db, orphans=orphans: audit_rows.remove_orphans(db, orphans))  # type: ignore[misc]
    assert audited(paths).clean


def test_missing_people_are_fetched_with_their_titles(filled: Store, paths: Paths) -> None:
    with by_hand(paths) as file:
        file.execute("DELETE FROM person")
        file.execute("DELETE FROM genre WHERE media_type = 'tv'")
    report = audited(paths)
    assert counts(report) == {"references": 300 + 100}
    assert len(report.found.refetch) == 300


def test_malformed_rows_are_found_by_rule(filled: Store, paths: Paths) -> None:
    with by_hand(paths) as file:
        file.execute("UPDATE title SET release_date = '2020-02-30' WHERE id = 2")
        file.execute("UPDATE title SET release_date = 'soon', tagline = '' WHERE id = 4")
        file.execute("UPDATE title SET fetched_at = ? WHERE id = 8", (NOW * 1000,))
        file.execute("UPDATE title SET vote_average = 17 WHERE id = 10")
        file.execute("UPDATE credit SET character = '' WHERE title_id = 14")
        file.execute("UPDATE title_release SET release_date = '5.1.2020' WHERE title_id = 16")
        file.execute("UPDATE person SET original_name = ''")
    report = audited(paths)
    assert counts(report) == {"malformed": 8}
    assert sorted(report.found.refetch) == [2, 4, 8, 10, 14, 16]
    assert report.found.shared == ["person"]
    assert filled.write_now(lambda db: audit_rows.null_empty_texts(db, "person")) == 1
    assert filled.write_now(lambda db: audit_rows.null_empty_texts(db, "person")) == 0
    assert fetch(filled, "SELECT original_name FROM person") == [None]


def test_a_row_under_another_titles_id_is_removed_and_fetched(filled: Store, paths: Paths) -> None:
    with by_hand(paths) as file:
        file.execute("UPDATE title SET tmdb_id = 900 WHERE id = 20")
    report = audited(paths)
    assert report.damaged or counts(report) == {"malformed": 1}
    # quick_check itself names the broken rule of the table: the file then counts as damaged
    assert not report.clean


def test_values_there_twice_are_found(filled: Store, paths: Paths) -> None:
    with by_hand(paths) as file:
        file.execute("INSERT INTO title_genre (title_id, position, genre_id) VALUES (2, 1, 36)")
        file.execute("UPDATE title SET imdb_id = 'tt1' WHERE id IN (4, 8)")
    report = audited(paths)
    assert counts(report) == {"duplicates": 1, "content": 2, "shared_imdb_ids": 1}
    assert list(report.found.refetch) == [2]
    assert report.check(CheckName.IMDB).examples == ("tt1 on 2 titles",)


def spoil_the_index(paths: Paths) -> None:
    """Make the index wrong about six titles in four ways, behind the back of the triggers."""
    with by_hand(paths) as file:
        triggers = file.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            file.execute(f"DROP TRIGGER {name}")
        file.execute("UPDATE title_search SET text = 'altered name' WHERE title_id = 2")
        file.execute("UPDATE title_search SET text = text || ' more' WHERE title_id = 4")
        file.execute("INSERT INTO title_fts (rowid, text) VALUES (4000, 'ghost title')")
        file.execute("INSERT INTO title_fts (rowid, text) VALUES (1999999, 'far ghost')")
        text = file.execute("SELECT text FROM title_search WHERE title_id = 8").fetchone()[0]
        file.execute("INSERT INTO title_fts (title_fts, rowid, text) VALUES ('delete', 8, ?)", (text,))
        file.execute("UPDATE title_search SET text = 'b a c' WHERE title_id = 10")
        for _, sql in triggers:
            file.execute(sql)


def test_the_search_index_is_compared_word_by_word_and_mended(filled: Store, paths: Paths) -> None:
    spoil_the_index(paths)
    report = audited(paths)
    assert {one.title_id for one in report.found.search.entries} == {2, 4, 8, 10, 4000, 1_999_999}
    assert counts(report) == {"search": 6}
    assert filled.write_now(lambda db: audit_search.mend(db, report.found.search.entries)) == 6
    assert audited(paths).clean
    assert fetch(filled, "SELECT rowid FROM title_fts WHERE title_fts MATCH '\"altered name\"'") == [2]
    assert fetch(filled, "SELECT rowid FROM title_fts WHERE title_fts MATCH 'ghost'") == []
    # SQLite's own judgement, on the real thing
    filled.write_now(lambda db: db.execute_sql("INSERT INTO title_fts (title_fts, rank) VALUES ('integrity-check', 1)"))


def test_an_index_wrong_about_many_is_made_anew(filled: Store, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_search, "MOST", 3)
    spoil_the_index(paths)
    report = audited(paths)
    assert report.found.search.whole and counts(report) == {"search": 6}
    filled.write_now(audit_search.rebuild)
    assert audited(paths).clean


def test_what_is_written_meanwhile_is_no_fault(filled: Store, paths: Paths) -> None:
    spoil_the_index(paths)
    turns = 0

    def say(text: str) -> None:
        nonlocal turns
        turns += 1
        write(filled, rows(turns % 50 * 3 + 1, title=f"Renamed {turns}"), rows(1000 + turns, title="New one"))

    report = audit.audit(paths, (), NOW, say)
    assert turns > 10
    assert report.check(CheckName.SEARCH).count <= 6
    assert {one.title_id for one in report.found.search.entries} <= {2, 4, 8, 10, 4000, 1_999_999}


def test_chunks_of_words_and_texts_add_up(filled: Store, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_search, "_ROWS", 7)
    monkeypatch.setattr(audit_search, "_PART", 5)
    monkeypatch.setattr(audit_search, "_SPAN", 11)
    monkeypatch.setattr(audit_rows, "SPAN", 13)
    assert audited(paths).clean
    spoil_the_index(paths)
    assert counts(audited(paths)) == {"search": 6}


def test_titles_without_a_search_entry_a_field_or_a_check_for_long_are_found(filled: Store, paths: Paths) -> None:
    with by_hand(paths) as file:
        file.execute("DELETE FROM title_search WHERE title_id = 2")
        file.execute("UPDATE title SET overview = NULL WHERE id IN (4, 8)")
        file.execute("UPDATE title SET checked_at = ? WHERE id IN (10, 14, 16)", (NOW - 181 * 86_400_000,))
        file.execute(
            "INSERT INTO tombstone (title_id, media_type, tmdb_id, gone_at, export_date, made_at) "
            "VALUES (16, 'movie', 8, 1, '2026-01-01', 1)"
        )
    report = audited(paths, ("overview", "genres"))
    assert counts(report) == {"malformed": 1, "required_fields": 2, "stale": 2}
    assert (list(report.found.refetch), list(report.found.lacking)) == ([2], [4, 8])
    assert list(report.found.stale) == [10, 14]
    assert "overview" in report.check(CheckName.REQUIRED).examples[0]


def test_counts_of_jobs_that_do_not_add_up_are_counted_anew(filled: Store, paths: Paths) -> None:
    def queue(db: object) -> int:
        job, _ = jobs.add(db, JobKind.IMPORT, "Half", {}, NOW)  # type: ignore[arg-type]
        jobs.add_listed(db, job.id, None, [(MediaType.MOVIE, n, 1.0, None) for n in range(3)])  # type: ignore[arg-type]
        jobs.put_in_order(db, job.id, 100, None)  # type: ignore[arg-type]
        jobs.settle_total(db, job.id, NOW)  # type: ignore[arg-type]
        jobs.set_phase(db, job.id, "fetch")  # type: ignore[arg-type]
        return job.id

    job_id = filled.write_now(queue)
    assert audited(paths).clean
    with by_hand(paths) as file:
        file.execute("UPDATE job SET total = 17")
    report = audited(paths)
    assert counts(report) == {"job_counts": 1}
    assert filled.write_now(lambda db: audit_rows.recount(db, job_id))
    assert not filled.write_now(lambda db: audit_rows.recount(db, job_id))
    assert filled.read_now(lambda db: jobs.get(db, job_id)).left == 3
    filled.write_now(lambda db: jobs.set_state(db, job_id, JobState.PAUSED, NOW))
    assert audited(paths).clean


def test_a_damaged_file_offers_its_backups(filled: Store, paths: Paths) -> None:
    made = filled.backup("manual")
    filled.close()
    data = bytearray(paths.library.read_bytes())
    place = data.index(b"There is one.") // 4096 * 4096
    data[place : place + 4096] = b"\xaa" * 4096
    paths.library.write_bytes(data)
    report = audited(paths)
    assert report.damaged and not report.clean and report.backups == (str(made),)
    assert [check.name for check in report.checks] == [CheckName.FILE]


def test_an_audit_nobody_wants_any_more_ends(filled: Store, paths: Paths) -> None:
    ended = threading.Event()

    def say(text: str) -> None:
        if text.startswith("Looking for malformed"):
            ended.set()

    with pytest.raises(audit.Cancelled):
        audit.audit(paths, (), NOW, say, ended.is_set)


# ----------------------------------------------------------------------------------------------- altered content


def _full(number: int, kind: MediaType, **more: object) -> TitleRows:
    """A title with rows in most tables."""
    person = {"id": 5, "name": "Somebody", "order": 0}
    return rows(
        number,
        kind,
        title="Quiet Lives",
        release_date="2020-01-05",
        overview="There is one.",
        genres=[{"id": 18, "name": "Drama"}, {"id": 36, "name": "History"}],
        video=False,
        adult=False,
        in_production=True,
        images={"posters": [{"file_path": "/a.jpg", "aspect_ratio": 0.667, "width": 500, "height": 750}]},
        videos={
            "results": [{"id": "v1", "site": "YouTube", "key": "k", "official": True, "published_at": "2020-01-05"}]
        },
        credits={"cast": [{**person, "character": "X", "credit_id": f"c{number}"}]},
        translations={"translations": [{"iso_639_1": "de", "iso_3166_1": "DE", "data": {"title": "Leise Leben"}}]},
        seasons=[{"id": 9, "season_number": 1, "name": "One", "episode_count": 8, "vote_average": 7}],
        last_episode_to_air={
            "id": 70 + 2 * number + (kind is MediaType.TV),
            "season_number": 1,
            "episode_number": 8,
            "name": "End",
            "runtime": 50,
        },
        **more,
    )


_ALTERED = [
    "UPDATE title SET overview = 'Another one.' WHERE id = 3",
    "UPDATE title SET overview = CAST(x'6fff' AS TEXT) WHERE id = 3",
    "UPDATE title SET adult = 1 WHERE id = 3",
    "UPDATE title SET release_date = NULL WHERE id = 3",
    "UPDATE title SET completeness = 1 WHERE id = 3",
    "UPDATE title SET content_hash = CAST(x'0300000000000000000000000000000000' AS BLOB) WHERE id = 3",
    "DELETE FROM title_genre WHERE title_id = 3 AND position = 1",
    "UPDATE credit SET character = 'Y' WHERE title_id = 3",
    "UPDATE credit SET character = CAST(x'ff' AS TEXT) WHERE title_id = 3",
    "UPDATE image SET width = 1 WHERE title_id = 3",
    "UPDATE video SET official = 0 WHERE title_id = 3",
    "DELETE FROM translation WHERE title_id = 3",
    "UPDATE season SET episode_count = 9 WHERE title_id = 3",
    "UPDATE episode SET name = 'Beginning' WHERE title_id = 3",
    "DELETE FROM episode WHERE title_id = 3",
]


@pytest.mark.parametrize("damage", _ALTERED)
def test_content_altered_by_hand_is_found_and_fetched_again(store: Store, paths: Paths, damage: str) -> None:
    for number in (1, 2):
        write(store, _full(number, MediaType.TV))
        write(store, _full(number, MediaType.MOVIE))
    assert counts(audited(paths, ())) == {}
    with by_hand(paths) as file:
        assert file.execute(damage).rowcount == 1
    report = audited(paths, ())
    assert counts(report) == {"content": 1} and set(report.found.altered) == {3}
    write(store, _full(1, MediaType.TV))
    assert counts(audited(paths, ())) == {}


def test_what_moves_or_cannot_be_told_is_no_altered_content(store: Store, paths: Paths) -> None:
    write(store, _full(1, MediaType.TV))
    write(store, _full(2, MediaType.MOVIE))
    with by_hand(paths) as file:
        file.execute("UPDATE title SET popularity = 4, vote_count = 9, vote_average = 3 WHERE id = 3")
        file.execute("UPDATE season SET vote_average = 3")
        file.execute("INSERT INTO episode (id, title_id, name) VALUES (999, 3, 'An earlier one')")
        file.execute("UPDATE title SET content_hash = zeroblob(16), overview = 'Of the first version' WHERE id = 4")
    assert counts(audited(paths, ())) == {}
    write(store, _full(2, MediaType.MOVIE))  # its hash is of today from here on
    with by_hand(paths) as file:
        file.execute("UPDATE title SET overview = 'Altered'")
        file.execute(
            "INSERT INTO tombstone (title_id, media_type, tmdb_id, gone_at, export_date, made_at) "
            "VALUES (3, 'tv', 1, 1, '2026-11-20', 1)"
        )
    assert set(audited(paths, ()).found.altered) == {4}
