"""Search over all forms of a title, in every script."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gdvg_desktop.store import library
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.library import TitleFilter
from gdvg_desktop.store.search import fold, match_expression, search_text
from tests.support.titles import rows, write

FORMS = {
    1: ("Japan Sinks", "日本沈没"),
    2: ("Parasite", "기생충"),
    3: ("Amélie", "Le Fabuleux Destin d'Amélie Poulain"),
    4: ("Spider-Man: No Way Home", "Spider-Man: No Way Home"),
    5: ("The Red Sea", "البحر الأحمر"),
    6: ("Sea of Red", "Красное море"),
    7: ("M*A*S*H", "M*A*S*H"),
    8: ("Straße der Łódź", "ØRESUND"),
    9: ("ガンダム", "ＦＵＬＬ ＭＥＴＡＬ"),
    10: ("$", "+1"),
    11: ("หนังไทย", "हिन्दी फ़िल्म"),
    12: ("Việt Nam", "Đất nước"),
}


@pytest.fixture(scope="module")
def library_of_forms(tmp_path_factory: pytest.TempPathFactory) -> object:
    from gdvg_desktop.core.paths import open_paths

    store = Store.open(open_paths(tmp_path_factory.mktemp("forms")), exclusive=True)
    write(store, *(rows(n, title=title, original_title=original) for n, (title, original) in FORMS.items()))
    yield store
    store.close()


def found(store: Store, text: str) -> set[int]:
    ids = store.read_now(lambda db: library.id_vector(db, TitleFilter(text=text)))
    return {one // 2 for one in ids}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("沈没", {1}), ("日本", {1}), ("日 没", {1}), ("日没", set()), ("생충", {2}), ("기생", {2}), ("충", {2}),
        ("amelie", {3}), ("AMÉLIE", {3}), ("Ame", {3}), ("poulain amélie", {3}),
        ("spider-man", {4}), ("spider man", {4}), ("spiderman", set()), ("way ho", {4}), ("wa home", set()),
        ("red sea", {5, 6}), ('"red sea"', {5}), ('"sea of r', {6}), ("sea red", {5, 6}), ("البحر", {5}),
        ("море", {6}), ("КРАСНОЕ", {6}), ("mash", set()), ("m*a*s*h", {7}), ("strasse", {8}), ("lodz", {8}),
        ("oresund", {8}), ("øresund", {8}), ("ンダ", {9}), ("full metal", {9}), ("$", {10}), ("+1", {10}),
        ("ไทย", {11}), ("हिन्दी", {11}), ("viet", {12}), ("dat nuoc", {12}), ("sinks parasite", set()),
        ("sinks 日本", {1}),
    ],
)  # fmt: skip
def test_titles_are_found_by_any_form(library_of_forms: Store, text: str, expected: set[int]) -> None:
    assert found(library_of_forms, text) == expected


def test_a_phrase_does_not_run_from_one_form_into_the_next(library_of_forms: Store) -> None:
    assert found(library_of_forms, '"sinks 日"') == set()
    assert found(library_of_forms, '"sinks \ue000 日"') == set()


def test_words_that_hold_nothing_to_search_ask_for_nothing(library_of_forms: Store) -> None:
    for text in ("", "   ", "-", '"', '""', "...", "\x00"):
        assert found(library_of_forms, text) == set(FORMS)


@pytest.mark.parametrize(
    "text", ['"', "a AND", "NEAR(a b)", "a* OR b*", "text:a", "^a", "-a", "(", ")", "{a b}:", "a''b", "\ue000", "a + b"]
)
def test_no_input_breaks_the_search(library_of_forms: Store, text: str) -> None:
    found(library_of_forms, text)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=30))
def test_no_text_at_all_breaks_the_search(library_of_forms: Store, text: str) -> None:
    found(library_of_forms, text)
    found(library_of_forms, text.encode("utf-8", "ignore").decode())


HAN = st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=8)
KANA = st.text(alphabet="あいうえおかきくけこガギグゲゴパピプペポーっゃ", min_size=2, max_size=8)
HANGUL = st.text(alphabet=st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=2, max_size=8)
LATIN = st.text(alphabet="abcdeéèêñöüøßçğşłžABCDEÉÑ -'", max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(word=st.one_of(HAN, KANA, HANGUL), before=LATIN, place=st.integers(0, 20))
def test_any_two_neighbouring_characters_are_found(store: Store, word: str, before: str, place: int) -> None:
    write(store, rows(1, title=before + word, original_title="Other"))
    start = place % (len(word) - 1)
    assert found(store, word[start : start + 2]) == {1}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=LATIN, cut=st.integers(1, 12))
def test_any_word_is_found_by_its_beginning_without_accents_and_in_capitals(store: Store, title: str, cut: int) -> None:
    words = fold(title).split()
    assume(words)
    write(store, rows(1, title=title, original_title="Zzz"))
    for word in words:
        assert found(store, word[:cut].upper()) == {1}


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=40))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = " ".join(fold(text).split())
    assert " ".join(fold(once).split()) == once
    assert "\ue000" not in once


def test_each_form_is_indexed_once() -> None:
    assert search_text(("Amélie", None, "AMELIE", "", "…", "Le Destin")) == "amelie \ue000 le destin"


def test_only_the_last_word_may_go_on() -> None:
    assert match_expression(["squid", "ga"], prefix_last=True) == '"squid" AND "ga" *'
    assert match_expression(["…"], prefix_last=True) is None
