"""Runs of neighbouring ids."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from gdvg_desktop.gaps.months import neighbours


@given(st.sets(st.integers(1, 3_000_000), max_size=200), st.integers(1, 50))
def test_runs_cover_every_id_once_and_lie_apart(ids: set[int], apart: int) -> None:
    runs = list(neighbours(BitMap(ids), apart))
    assert sum(count for _, _, count in runs) == len(ids)
    for first, last, count in runs:
        assert count == len([one for one in ids if first <= one <= last])
    for (_, last, _), (first, _, _) in itertools.pairwise(runs):
        assert first - last > apart


def test_close_ids_are_one_run() -> None:
    assert list(neighbours(BitMap([5, 6, 9, 40, 41]), 8)) == [(5, 9, 3), (40, 41, 2)]
    assert list(neighbours(BitMap())) == []
