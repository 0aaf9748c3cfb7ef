"""Reading export files: which lines count, and that damage is named."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdvg_desktop.tmdb import export_rows
from gdvg_desktop.tmdb.export_rows import Damaged, check, names_of, read_ids

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "exports"
LINES = [
    b'{"adult":false,"id":3924,"original_title":"Blondie","popularity":1.8133,"video":false}',
    b'{"adult":false,"id":6124,"original_title":"Der Mann ohne Namen","popularity":0.0,"video":true}',
    b"",
    b'{"id": 5, "popul',
    '{"adult":true,"id":7,"original_title":"日本沈没","popularity":3,"video":false}'.encode(),
    b'{"id":1,"original_name":"Pride","popularity":3.8242}',
    b"[]",
    b'{"id":"x"}',
    b'{"id":0}',
    b'{"id":2147483648}',
    b'{"id":9,"popularity":null,"adult":null,"video":null}',
]


def written(folder: Path, lines: list[bytes], end: bytes = b"\n") -> Path:
    path = folder / "export.json.gz"
    path.write_bytes(gzip.compress(b"\n".join(lines) + end))
    return path


def test_good_lines_are_read_and_others_are_counted(tmp_path: Path) -> None:
    found = read_ids(written(tmp_path, LINES))
    assert found.ids.tolist() == [1, 7, 9, 3924, 6124]
    assert found.popularity.tolist() == pytest.approx([3.8242, 3.0, 0.0, 1.8133, 0.0])
    assert (found.adult, found.video) == ([7], [6124])
    assert (found.blank, found.broken) == (1, 5)


def test_blank_lines_alone_are_counted(tmp_path: Path) -> None:
    found = read_ids(written(tmp_path, [LINES[0], b"", b"  ", LINES[1]], end=b""))
    assert (found.ids.tolist(), found.blank, found.broken) == ([3924, 6124], 2, 0)


def test_an_id_that_comes_twice_counts_once_with_its_first_popularity(tmp_path: Path) -> None:
    found = read_ids(written(tmp_path, [b'{"id":8,"popularity":2}', b'{"id":4}', b'{"id":8,"popularity":5}']))
    assert (found.ids.tolist(), found.popularity.tolist()) == ([4, 8], [0.0, 2.0])


def test_a_popularity_beyond_all_measure_keeps_its_id(tmp_path: Path) -> None:
    assert read_ids(written(tmp_path, [b'{"id":8,"popularity":1e300}'])).ids.tolist() == [8]


@pytest.mark.parametrize("odd", [b'"1.5"', b"1e999", b"true", b"[]"])
def test_a_popularity_that_is_none_costs_neither_the_id_nor_its_marks(tmp_path: Path, odd: bytes) -> None:
    lines = [b'{"id":8,"adult":true,"video":"no","popularity":' + odd + b"}", b'{"id":4,"popularity":2}']
    found = read_ids(written(tmp_path, lines))
    assert (found.ids.tolist(), found.popularity.tolist(), found.broken) == ([4, 8], [2.0, 0.0], 0)
    assert (found.adult, found.video) == ([8], [])


def test_a_name_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, [b'{"id":8,"original_title":"\xff\xfe"}', b'{"id":4,"original_title":"Four"}'])
    assert names_of(path, {4, 8}) == {4: "Four"}


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda data: data[:-9], "cut_off"),
        (lambda data: data[:40], "cut_off"),
        (lambda data: data[:30] + b"\xff" * 20 + data[50:], "damaged"),
        (lambda data: b"<html>", "damaged"),
        (lambda data: b"", "empty"),
        (lambda data: gzip.compress(b""), "empty"),
    ],
)
def test_damage_is_named(tmp_path: Path, damage: object, code: str) -> None:
    path = written(tmp_path, LINES * 20)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(Damaged) as found:
        check(path)
    assert found.value.code == code
    if path.read_bytes()[:2] != b"\x1f\x8b" or code != "empty":
        with pytest.raises(Damaged):
            read_ids(path)


def test_a_file_of_several_streams_with_padding_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "export.json.gz"
    path.write_bytes(gzip.compress(LINES[0] + b"\n") + gzip.compress(LINES[1] + b"\n") + b"\0" * 700)
    assert read_ids(path).ids.tolist() == [3924, 6124]


def test_names_are_found_for_the_ids_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, LINES)
    assert names_of(path, {1, 7, 5}) == {1: "Pride", 7: "日本沈没"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    lines=st.lists(
        st.one_of(
            st.integers(1, 60).map(lambda number: json.dumps({"id": number, "popularity": number / 2}).encode()),
            st.sampled_from([b"", b" ", b"{", b"null", '{"id":3,"original_title":"é"'.encode()]),
        ),
        max_size=40,
    ),
    block=st.integers(8, 200),
)
def test_where_blocks_are_cut_makes_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[bytes], block: int
) -> None:
    monkeypatch.setattr(export_rows, "_BLOCK_BYTES", block)
    monkeypatch.setattr(export_rows, "_READ_BYTES", 16)
    found = read_ids(written(tmp_path, lines))
    good = {json.loads(line)["id"] for line in lines if line.startswith(b'{"id"') and line.endswith(b"}")}
    assert found.ids.tolist() == sorted(good)
    assert found.broken == sum(line in (b"{", b"null") or "é".encode() in line for line in lines)
    assert found.blank == sum(not line.strip() for line in lines) + (not lines)


@pytest.mark.skipif(not RECORDED.is_dir(), reason="recorded exports are not here")
def test_recorded_exports_are_read(tmp_path: Path) -> None:
    for recorded in RECORDED.glob("*_ids_*.json"):
        path = tmp_path / "export.json.gz"
        path.write_bytes(gzip.compress(recorded.read_bytes()))
        found = read_ids(path)
        good = {json.loads(line)["id"] for line in recorded.read_text(encoding="utf-8").splitlines() if line.strip()}
        assert found.ids.tolist() == sorted(good)
        assert found.broken == 0
