"""Runs of neighbouring ids."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from gdvg_desktop.gaps.runs import IdRun, neighbours

IDS = st.sets(st.integers(1, 400), max_size=120)


@given(IDS, IDS)
def test_runs_cover_every_id_and_nothing_of_the_catalogue_lies_inside_one(ids: set[int], others: set[int]) -> None:
    runs = neighbours(BitMap(ids), BitMap(others))
    assert sum(run.count for run in runs) == len(ids)
    for run in runs:
        assert {run.first, run.last} <= ids
        assert run.count == len([one for one in ids if run.first <= one <= run.last])
        assert not [one for one in others - ids if run.first <= one <= run.last]
    for one, other in itertools.pairwise(runs):
        assert [id_ for id_ in others - ids if one.last < id_ < other.first], "else they would be one run"


def test_neighbours_may_lie_far_apart_in_number() -> None:
    missing, held = BitMap([1_100_000, 1_100_300, 1_100_412, 1_200_000]), BitMap([1_150_000])
    assert neighbours(missing, held) == [IdRun(1_100_000, 1_100_412, 3), IdRun(1_200_000, 1_200_000, 1)]
    assert [run.words for run in neighbours(missing, held)] == ["1,100,000 to 1,100,412 (3 ids)", "1,200,000"]
    assert neighbours(BitMap(), held) == []
