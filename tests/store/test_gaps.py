"""The registry's rows."""

from collections.abc import Iterable

import pytest

from gdvg_desktop.core.kinds import GapKind, GapStatus, MediaType
from gdvg_desktop.store import fields, gaps
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.gaps import BACK_OFF_MS, Gap, GapFilter, NewGap
from tests.support.titles import rows, write

NOW = 1_700_000_000_000


def put(store: Store, kind: GapKind, ids: Iterable[int], month: str | None = None) -> None:
    new = [NewGap(one, one / 10, one / 10, 1.0, name=f"Title {one}", month=month) for one in ids]
    store.write_now(lambda db: gaps.put(db, kind, new, NOW))


def of(store: Store, title_id: int) -> dict[GapKind, Gap]:
    return {one.kind: one for one in store.read_now(lambda db: gaps.of_title(db, title_id))}


def listed(store: Store, **chosen: object) -> list[int]:
    found = store.read_now(lambda db: gaps.keys(db, GapFilter(**chosen)))  # type: ignore[arg-type]
    return [gaps.of_key(int(key))[0] for key in found]


def test_keys_name_rows_best_score_first(store: Store) -> None:
    put(store, GapKind.SEQUENTIAL, range(10, 20))
    put(store, GapKind.TEMPORAL, [12, 13], month="2003-03")
    assert listed(store, kinds=(GapKind.SEQUENTIAL,)) == list(range(19, 9, -1))
    assert listed(store, month="2003-03") == [13, 12]
    assert listed(store, media_types=(MediaType.TV,), kinds=(GapKind.SEQUENTIAL,)) == [19, 17, 15, 13, 11]
    assert listed(store, min_score=1.85) == [19]
    assert listed(store, text="tle 17") == [17] and listed(store, text="movie/8") == [17, 16]
    keys = [gaps.key_of(11, GapKind.SEQUENTIAL), gaps.key_of(99, GapKind.METADATA), gaps.key_of(13, GapKind.TEMPORAL)]
    found = store.read_now(lambda db: gaps.rows(db, keys))
    assert [(one.tmdb_id, one.media_type, one.kind) for one in found] == [
        (5, MediaType.TV, GapKind.SEQUENTIAL),
        (6, MediaType.TV, GapKind.TEMPORAL),
    ]
    assert [one.key for one in found] == [keys[0], keys[2]]


def test_a_gap_put_again_keeps_its_history(store: Store) -> None:
    put(store, GapKind.SEQUENTIAL, [10])
    store.write_now(lambda db: gaps.tried(db, 10, "network", "no answer", NOW + 5, 5))
    store.write_now(lambda db: gaps.ignore(db, [gaps.key_of(10, GapKind.SEQUENTIAL)]))
    again = [NewGap(10, 55.0, 60.0, 0.9)]
    store.write_now(lambda db: gaps.put(db, GapKind.SEQUENTIAL, again, NOW + 1_000_000))
    row = of(store, 10)[GapKind.SEQUENTIAL]
    assert (row.score, row.popularity, row.recency) == (55.0, 60.0, 0.9)
    assert (row.status, row.tries, row.found_at, row.name) == (GapStatus.IGNORED, 1, NOW, "Title 10")


def test_what_became_of_a_title_since_it_was_looked_at_is_no_gap(store: Store) -> None:
    write(store, rows(5, title="Stored meanwhile"), now_ms=NOW + 1)
    write(store, rows(6, title="Held"), rows(7, title="Deleted meanwhile"), now_ms=NOW)
    store.write_now(
        lambda db: db.execute_sql(
            "INSERT INTO tombstone (title_id, media_type, tmdb_id, gone_at, export_date, made_at) "
            "SELECT 2 * column1, 'movie', column1, 1, '2023-11-14', 1 FROM (VALUES (7), (8))"
        )
    )
    put(store, GapKind.SEQUENTIAL, [10, 12, 14, 16, 18])
    put(store, GapKind.METADATA, [10, 12, 14, 16, 18])
    assert listed(store, kinds=(GapKind.SEQUENTIAL,)) == [18], "neither held nor deleted"
    assert listed(store, kinds=(GapKind.METADATA,)) == [12], "held, and not fetched since"


def test_rests_grow_until_it_is_given_up_with_the_reason(store: Store) -> None:
    put(store, GapKind.SEQUENTIAL, [10])
    put(store, GapKind.POPULARITY, [10])
    for number in range(1, 8):
        became = store.write_now(lambda db: gaps.tried(db, 10, "server", "500", NOW, 8))
        assert became is GapStatus.OPEN
        assert {one.next_try_at for one in of(store, 10).values()} == {
            NOW + BACK_OFF_MS[min(number, len(BACK_OFF_MS)) - 1]
        }
    assert listed(store, due_at=NOW) == []
    assert listed(store, due_at=NOW + BACK_OFF_MS[-1]) == [10, 10]
    assert store.write_now(lambda db: gaps.tried(db, 10, "server", "still 500", NOW, 8)) is GapStatus.GAVE_UP
    for row in of(store, 10).values():
        assert (row.status, row.tries, row.message, row.next_try_at) == (GapStatus.GAVE_UP, 8, "still 500", None)
    assert store.write_now(lambda db: gaps.tried(db, 11, "server", "500", NOW, 8)) is None


@pytest.mark.parametrize("known", [True, False])
def test_a_stored_title_is_mended_but_for_fields_nobody_knows_of(store: Store, known: bool) -> None:
    for kind in (GapKind.SEQUENTIAL, GapKind.POPULARITY, GapKind.TEMPORAL):
        put(store, kind, [10, 12])
    write(store, rows(5, title="Held"))
    mask = fields.mask_of(["poster"])
    store.write_now(lambda db: gaps.put(db, GapKind.METADATA, [NewGap(10, 1, 1, 1, fields=mask)], NOW))
    assert of(store, 10)[GapKind.METADATA].fields == ("poster",)
    if not known:
        store.write_now(lambda db: db.execute_sql("UPDATE title SET unavailable = NULL"))
    gone = store.write_now(lambda db: gaps.resolved(db, [10], NOW))
    assert gone == (4 if known else 3)
    assert set(of(store, 10)) == (set() if known else {GapKind.METADATA})
    assert len(of(store, 12)) == 3


def test_counts_and_reset(store: Store) -> None:
    put(store, GapKind.SEQUENTIAL, range(10, 20))
    put(store, GapKind.POPULARITY, [10, 11])
    write(store, rows(20, title="Held"))
    put(store, GapKind.METADATA, [40])
    store.write_now(lambda db: gaps.ignore(db, [gaps.key_of(10, GapKind.POPULARITY)]))
    assert store.read_now(gaps.counts) == {
        (GapKind.SEQUENTIAL, GapStatus.OPEN): 10,
        (GapKind.POPULARITY, GapStatus.OPEN): 1,
        (GapKind.POPULARITY, GapStatus.IGNORED): 1,
        (GapKind.METADATA, GapStatus.OPEN): 1,
    }
    assert store.read_now(gaps.open_titles) == (10, 1)
    assert store.write_now(lambda db: gaps.reset(db, [GapKind.SEQUENTIAL], [MediaType.MOVIE])) == 5
    assert store.write_now(lambda db: gaps.reset(db, limit=3)) == 3
    assert store.write_now(gaps.reset) == 5
