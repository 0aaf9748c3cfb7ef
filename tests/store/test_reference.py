"""TMDb's lists, kept for as long as the caller says."""

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import reference
from gdvg_desktop.store.db import Store
from tests.support.titles import NOW, fetch, rows, write

MOVIE, TV = MediaType.MOVIE, MediaType.TV


def test_lists_are_there_until_they_are_too_old(store: Store) -> None:
    store.write_now(lambda db: reference.set_countries(db, [("KR", "South Korea", ""), ("AT", "Austria", "Öst")], NOW))
    store.write_now(lambda db: reference.set_languages(db, [("xx", "No Language", None), ("", "x", "x")], NOW))
    assert store.read_now(lambda db: reference.countries(db, NOW)) == {"AT": "Austria", "KR": "South Korea"}
    assert store.read_now(lambda db: reference.languages(db, NOW)) == {"xx": "No Language"}
    assert store.read_now(lambda db: reference.countries(db, NOW + 1)) == {}
    assert fetch(store, "SELECT native_name FROM country WHERE code = 'KR'") == [None]


def test_genres_of_the_two_types_are_kept_apart(store: Store) -> None:
    store.write_now(lambda db: reference.set_genres(db, MOVIE, [(18, "Drama"), (28, "Action")], NOW))
    store.write_now(lambda db: reference.set_genres(db, TV, [(18, "Serial drama")], NOW))
    assert store.read_now(lambda db: reference.genres(db, MOVIE, NOW)) == {28: "Action", 18: "Drama"}
    assert store.read_now(lambda db: reference.genres(db, TV, NOW)) == {18: "Serial drama"}


def test_what_titles_brought_is_not_tmdbs_list(store: Store) -> None:
    write(store, rows(1, genres=[{"id": 99, "name": "Odd"}], production_countries=[{"iso_3166_1": "ZZ", "name": "Z"}]))
    assert store.read_now(lambda db: reference.genres(db, MOVIE, 0)) == {}
    assert store.read_now(lambda db: reference.countries(db, 0)) == {}


def test_a_newer_list_replaces_names_and_drops_what_it_lacks(store: Store) -> None:
    store.write_now(lambda db: reference.set_genres(db, MOVIE, [(18, "Drama"), (28, "Action")], NOW))
    write(store, rows(1, genres=[{"id": 28, "name": "Action"}]))
    store.write_now(lambda db: reference.set_genres(db, MOVIE, [(18, "Dramas")], NOW + 1))
    assert store.read_now(lambda db: reference.genres(db, MOVIE, NOW)) == {18: "Dramas"}
    assert fetch(store, "SELECT name FROM genre WHERE tmdb_id = 28") == ["Action"]  # titles still refer to it
