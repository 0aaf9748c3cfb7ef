"""The queue's rows say what a job does, why it does not, and what can be done with it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gdvg_desktop.commands.jobs import Queue
from gdvg_desktop.core.kinds import JobKind, JobState, MediaType, Wanted
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.sync.engine import JobPace
from gdvg_desktop.sync.filters import ImportFilter
from gdvg_desktop.ui.models.job_buttons import act_words
from gdvg_desktop.ui.models.queue_rows import Act, QueueRow, QueueView, RowKind, build_rows
from gdvg_desktop.ui.phrases import clock_time

NAMES = {"KR": "South Korea"}
VIEW = QueueView(NAMES, {}, since_ms=1_000_000)


def job(job_id: int, state: JobState, **values: Any) -> Job:
    config = values.pop("chosen", ImportFilter(types=(MediaType.TV,), countries=("KR",))).to_config()
    base = Job(
        id=job_id,
        kind=JobKind.IMPORT,
        name=f"Job {job_id}",
        config=config,
        state=state,
        wanted=Wanted.RUN,
        phase="fetch",
        position=float(job_id),
        total=0,
        added=0,
        updated=0,
        skipped=0,
        failed=0,
        gone=0,
        requests=0,
        reported=None,
        unlisted=None,
        reason=None,
        reason_args={},
        created_at=0,
        started_at=500_000,
        updated_at=0,
        completed_at=None,
    )
    return replace(base, **values)


def rows(*jobs: Job, view: QueueView = VIEW, pace: Any = None, pages: Any = None) -> list[QueueRow]:
    waiting = tuple(one for one in jobs if not one.state.finished)
    finished = tuple(one for one in jobs if one.state.finished)
    return build_rows(Queue(waiting, finished, pace or {}, pages or {}), view)


def test_a_running_job_tells_progress_pace_and_time_left() -> None:
    running = job(1, JobState.RUNNING, total=890, added=432, failed=12, skipped=12)
    view = replace(VIEW, rates={1: 24.13})
    (row,) = rows(running, view=view, pace={1: JobPace(1.7, 100, 255.0)})
    assert row.progress == "456 of 890 (51%)"
    assert row.share == pytest.approx(456 / 890)
    assert [count.text for count in row.counts] == ["432 imported", "12 failed", "12 skipped"]
    assert (row.note, row.strong) == ("1.7 titles/s · 24.1 req/s", "4 min 15 s left")
    assert row.acts == (Act.PAUSE, Act.CANCEL, Act.MORE)
    assert row.scope == "TV series · South Korea · any date"
    assert row.spoken().startswith("1, Job 1, Running, 456 of 890 (51%)")


def test_a_share_just_short_of_all_does_not_read_as_all() -> None:
    (row,) = rows(job(1, JobState.RUNNING, total=1000, added=999))
    assert row.progress == "999 of 1000 (99%)"


@pytest.mark.parametrize(
    ("phase", "pages", "words", "share"),
    [
        ("list", (2, 136), "Listing, page 3 of 136", 2 / 136),
        ("list", (0, 1), "Listing", None),
        ("order", (136, 136), "Putting titles in order", None),
    ],
)
def test_listing_says_what_it_does(phase: str, pages: tuple[int, int], words: str, share: float | None) -> None:
    (row,) = rows(job(1, JobState.RUNNING, phase=phase), pages={1: pages})
    assert (row.progress, row.share) == (words, pytest.approx(share) if share is not None else None)


def test_a_whole_catalogue_is_read_from_the_export() -> None:
    (row,) = rows(job(1, JobState.RUNNING, phase="list", chosen=ImportFilter()), pages={1: (0, 0)})
    assert (row.progress, row.share) == ("Reading TMDb's export", None)


def test_waiting_jobs_say_when_they_start() -> None:
    found = rows(
        job(1, JobState.RUNNING, total=10),
        job(2, JobState.PENDING),
        job(3, JobState.PENDING),
        pace={1: JobPace(1.0, 1, 240.0)},
    )
    assert (found[1].note, found[1].strong) == ("Waiting. Starts when a slot is free, in about", "4 min")
    assert found[2].note == "Waiting. Starts after job 2."
    assert found[1].acts[0] is Act.RAISE
    assert not found[1].bar


@pytest.mark.parametrize(
    ("state", "reason", "args", "words"),
    [
        (JobState.PAUSED, "user", {}, "Paused by you. It keeps its place."),
        (
            JobState.PAUSED,
            "credential",
            {"message": "TMDb rejected the key."},
            "TMDb rejected the key. Replace the key in the settings to go on.",
        ),
        (
            JobState.PAUSED,
            "storage",
            {"message": "The disk is full"},
            "The disk is full. It goes on by itself when the library can be written.",
        ),
        (
            JobState.PAUSED,
            "blocked",
            {"message": "TMDb rejected the key."},
            "TMDb rejected the key. It goes on when that is mended.",
        ),
        (
            JobState.FAILED,
            "listing_incomplete",
            {},
            "A part of the listing could not be read. Retry walks it again.",
        ),
        (JobState.FAILED, "error", {"message": "boom"}, "boom. Retry goes on where it stopped."),
        (JobState.INTERRUPTED, None, {}, "Interrupted. It goes on by itself when a slot is free."),
    ],
)
def test_every_reason_says_what_happened_and_what_helps(
    state: JobState, reason: str | None, args: dict[str, Any], words: str
) -> None:
    (row,) = rows(job(1, state, total=10, reason=reason, reason_args=args, completed_at=1))
    assert row.note == words


def test_an_outage_is_told_by_the_running_job() -> None:
    (row,) = rows(job(1, JobState.RUNNING, total=9), view=replace(VIEW, outage="TMDb does not answer."))
    assert row.note == "TMDb does not answer."


def test_failed_jobs_stay_listed_and_others_only_today() -> None:
    found = rows(
        job(1, JobState.FAILED, completed_at=10),
        job(2, JobState.COMPLETED, completed_at=2_000_000, added=5),
        job(3, JobState.COMPLETED, completed_at=10),
        job(4, JobState.CANCELLED, completed_at=3_000_000, reason="cancelled", reason_args={"left": 7}),
    )
    assert [(row.kind, row.job_id) for row in found] == [
        (RowKind.JOB, 1),
        (RowKind.HEAD, 0),
        (RowKind.DONE, 2),
        (RowKind.DONE, 4),
    ]
    assert found[0].acts == (Act.RETRY, Act.MORE)
    assert found[1].note == "2 jobs"
    assert found[2].note == "5 new, 0 failed"
    assert found[3].note == "Cancelled with 7 titles left."
    assert [row.last for row in found[2:]] == [False, True]


def test_a_folded_section_shows_its_head_alone() -> None:
    done = job(2, JobState.COMPLETED, completed_at=2_000_000)
    assert [row.kind for row in rows(done, view=replace(VIEW, folded=True))] == [RowKind.HEAD]


def test_a_job_told_to_stop_says_so_and_can_change_its_mind() -> None:
    (row,) = rows(job(1, JobState.RUNNING, wanted=Wanted.PAUSE, total=9))
    assert (row.badge.text, row.acts[0]) == ("Pausing", Act.RESUME)
    (row,) = rows(job(1, JobState.RUNNING, wanted=Wanted.CANCEL, total=9))
    assert (row.badge.text, row.acts) == ("Cancelling", (Act.MORE,))


def test_a_name_that_is_the_filter_is_not_repeated() -> None:
    (row,) = rows(job(1, JobState.PENDING, name="TV series · South Korea · any date"))
    assert row.scope == ""


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Movies and TV series · everything"),
        ({"date_from": date(2024, 1, 1), "date_to": date(2024, 12, 31)}, "Movies and TV series · 2024"),
        ({"date_from": date(2015, 1, 1), "date_to": date(2024, 12, 31)}, "Movies and TV series · 2015 to 2024"),
        ({"date_from": date(2024, 3, 1), "date_to": date(2024, 3, 31)}, "Movies and TV series · Mar 2024"),
        ({"date_from": date(2024, 3, 1), "date_to": date(2025, 1, 31)}, "Movies and TV series · Mar 2024 to Jan 2025"),
        ({"date_from": date(2024, 3, 1)}, "Movies and TV series · from Mar 2024"),
        ({"date_to": date(2024, 3, 31)}, "Movies and TV series · to Mar 2024"),
        (
            {"types": (MediaType.MOVIE,), "countries": ("US", "GB", "JP", "KR"), "limit": 5},
            "Movies · United States, United Kingdom and 2 more · any date · first 5",
        ),
    ],
)
def test_the_scope_is_the_filter_in_short_words(values: dict[str, Any], words: str) -> None:
    (row,) = rows(job(1, JobState.PENDING, chosen=ImportFilter(**values)))
    assert row.scope == words


def test_a_job_that_found_many_deletions_asks_in_words_a_user_understands() -> None:
    args = {"message": "TMDb no longer has 12 of 120 movies of the library."}
    values: dict[str, Any] = {"kind": JobKind.DELTA, "reason": "deletions", "reason_args": args, "wanted": Wanted.PAUSE}
    (row,) = rows(job(1, JobState.PAUSED, **values))
    assert row.acts == (Act.BURY, Act.KEEP, Act.MORE)
    assert (act_words(Act.BURY), act_words(Act.KEEP)) == ("Mark as deleted", "Keep everything")
    assert row.note.startswith("TMDb no longer has 12 of 120 movies") and "keep everything" in row.note
    (row,) = rows(job(1, JobState.PAUSED, **(values | {"reason": "user"})))
    assert row.acts == (Act.RESUME, Act.CANCEL, Act.MORE)


def test_a_used_budget_says_when_it_goes_on() -> None:
    until = 1_700_000_000_000
    (row,) = rows(job(1, JobState.INTERRUPTED, kind=JobKind.MIRROR, reason="budget", reason_args={"until": until}))
    assert f"at {clock_time(until)}" in row.note
    (row,) = rows(job(1, JobState.INTERRUPTED, kind=JobKind.MIRROR, reason="budget"))
    assert row.note.endswith("It goes on by itself.")
