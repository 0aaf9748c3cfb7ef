"""The invented catalogue: the same from the same seed, and as odd as the real one."""

from datetime import date

from gdvg_desktop.demo.catalogue import Catalogue, Title
from gdvg_desktop.demo.genres import GENRES, UNLISTED_GENRE
from gdvg_desktop.demo.texts import name_in, original_name, overview_in, translated_to

TODAY = date(2026, 11, 21)


def make(seed: int = 1) -> Catalogue:
    return Catalogue(1_500, 600, seed, TODAY)


def facts(title: Title) -> tuple[object, ...]:
    return tuple(getattr(title, name) for name in Title.__slots__)


def test_the_same_seed_gives_the_same_titles_and_another_seed_others() -> None:
    one, two, three = make(), make(), make(seed=2)
    assert list(map(facts, one.all("movie"))) == list(map(facts, two.all("movie")))
    assert list(map(facts, one.all("tv"))) != list(map(facts, three.all("tv")))


def test_ids_are_sparse_and_shared_by_movies_and_series() -> None:
    catalogue = make()
    movies, series = ({title.id for title in catalogue.all(kind)} for kind in ("movie", "tv"))
    assert (len(movies), len(series)) == (1_500, 600)
    assert len(movies & series) >= 100
    assert max(movies) > 100 * len(movies)


def test_dates_run_from_the_twenties_to_next_year_and_some_are_unknown() -> None:
    dates = [title.date for title in make().all("movie")]
    known = [when for when in dates if when]
    assert min(known) < "1930" and "2027-01-01" <= max(known) <= "2027-12-31"
    assert 10 < dates.count("") < 100
    assert all(date.fromisoformat(when) for when in known)
    assert sum(when.endswith("-01-01") for when in known) > 30


def test_every_script_is_there() -> None:
    titles = make().all("movie") + make().all("tv")
    text = "".join(map(original_name, titles))
    for first, last in ("가힣", "ぁん", "一龥", "اي", "ая", "กฮ", "अह", "àÿ"):
        assert any(first <= letter <= last for letter in text), f"nothing between {first} and {last}"


def test_adult_and_direct_video_titles_exist_but_are_not_listed() -> None:
    movies, series = make().all("movie"), make().all("tv")
    assert any(title.adult for title in movies) and any(title.adult for title in series)
    assert any(title.video for title in movies) and not any(title.video for title in series)
    assert not any(title.listed for title in movies if title.adult or title.video)


def test_genres_are_tmdbs_own_some_are_missing_and_one_is_in_no_list() -> None:
    catalogue = make()
    for kind in ("movie", "tv"):
        used = [title.genre_ids for title in catalogue.all(kind)]
        assert () in used
        assert {genre for ids in used for genre in ids} - {UNLISTED_GENRE} <= set(GENRES[kind])
    assert any(UNLISTED_GENRE in title.genre_ids for kind in ("movie", "tv") for title in catalogue.all(kind))


def test_some_summaries_exist_only_in_the_original_language() -> None:
    titles = [title for title in make().all("tv") if title.language == "ko"]
    only_korean = [title for title in titles if not overview_in(title, "en") and overview_in(title, "ko")]
    assert only_korean
    assert all("ko" in translated_to(title) for title in only_korean)


def test_a_title_without_an_english_name_falls_back_to_the_original() -> None:
    untranslated = [t for t in make().all("movie") if t.language == "ja" and "en" not in translated_to(t)]
    assert untranslated
    assert all(name_in(title, "en") == original_name(title) for title in untranslated)


def test_added_titles_are_new_and_deleted_ones_stay_listed_unless_told() -> None:
    catalogue = make()
    before = len(catalogue.all("movie"))
    added = catalogue.add(movies=5, series=2)
    assert len(set(added)) == 7 and len(catalogue.all("movie")) == before + 5
    gone = catalogue.delete_some(3)
    assert all(catalogue.find(*key) is None for key in gone)
    assert len(catalogue.all("movie")) == before + 5
    catalogue.delete([added[0]], unlisted=True)
    assert added[0] not in {title.key for title in catalogue.all("movie")}
    catalogue.restore()
    assert catalogue.find(*added[0]) is not None and all(catalogue.find(*key) for key in gone)
