"""The self-healing part, end to end without a face: gaps made by hand are found, explained and mended."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pyroaring import BitMap

from gdvg_desktop.app import App
from gdvg_desktop.commands import coverage as coverage_commands
from gdvg_desktop.commands import gaps as commands
from gdvg_desktop.commands import mirror as mirror_commands
from gdvg_desktop.commands.coverage import RuleRequest
from gdvg_desktop.commands.gaps import FillRequest, GapFilter
from gdvg_desktop.core.clock import utc_day
from gdvg_desktop.core.kinds import GapKind, GapStatus, JobState, MediaType
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.gaps import DETECTORS, sequential
from gdvg_desktop.gaps.ground import Found, Ground
from gdvg_desktop.store import gaps, jobs
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.store.gaps import NewGap
from gdvg_desktop.store.titles import title_id_of
from gdvg_desktop.sync import month_walk
from gdvg_desktop.sync.filters import build_filter
from tests.support.library import BriskClock, app_on, held, job_of, queue_import
from tests.support.titles import rows, write

BOTH = (MediaType.MOVIE, MediaType.TV)
DAY_MS = 86_400_000


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=240, series=110)) as server:
        server.faults.rate_limit = 0
        yield server


async def run(app: App, job: jobs.Job) -> jobs.Job:
    assert app.engine is not None
    await app.engine.run(only=job.id)
    return await job_of(app, job.id)


async def fill_library(app: App) -> None:
    job = await run(app, await queue_import(app, build_filter(types=BOTH)))
    assert job.state is JobState.COMPLETED


async def analyze(app: App) -> jobs.Job:
    job, _ = await commands.analyze(app)
    done = await run(app, job)
    assert done.state is JobState.COMPLETED, done.reason_args
    return done


async def fill(app: App, **request: Any) -> jobs.Job:
    job, _ = await commands.fill(app, FillRequest(**request))
    return await run(app, job)


async def change(app: App, sql: str, *values: Any) -> None:
    await app.store.write(lambda db: db.execute_sql(sql, values))


async def remove(app: App, title_ids: list[int]) -> None:
    for title_id in title_ids:
        await change(app, "DELETE FROM title WHERE id = ?", title_id)


async def found(app: App, kind: GapKind) -> set[int]:
    return set(await app.store.read(lambda db: gaps.title_ids(db, kind)))


def wanted_ids(demo: DemoServer) -> set[int]:
    return {title_id_of(MediaType(kind), tmdb_id) for kind, tmdb_id in demo.truth()}


async def test_gaps_made_by_hand_are_found_with_their_kind_and_mended(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path, popular_threshold=2.0) as app:
        await fill_library(app)
        await analyze(app)
        assert (await commands.summary(app)).total == 0

        every = sorted(wanted_ids(demo))
        dice = Random(4)
        removed = dice.sample(every, 30)
        popular = await app.store.read(
            lambda db: {
                row[0]
                for row in db.execute_sql(
                    f"SELECT id FROM title WHERE popularity >= 2.0 AND id IN ({', '.join(map(str, removed))})"
                )
            }
        )
        await remove(app, removed)
        blanked: dict[int, set[str]] = {}

        def blank(db: Any) -> None:
            fields = {
                "poster": "UPDATE title SET poster_path = NULL WHERE id = ?",
                "overview": "UPDATE title SET overview = '' WHERE id = ?",
                "credits": "DELETE FROM credit WHERE title_id = ?",
                "genres": "DELETE FROM title_genre WHERE title_id = ?",
                "external_ids": "DELETE FROM external_id WHERE title_id = ?",
                "date": "UPDATE title SET release_date = NULL WHERE id = ?",
            }
            bits = {"poster": 2, "overview": 8, "date": 16, "genres": 32, "credits": 256, "external_ids": 512}
            for title_id in dice.sample(sorted(set(every) - set(removed)), 40):
                name = dice.choice(list(fields))
                mask = db.execute_sql("SELECT unavailable FROM title WHERE id = ?", (title_id,)).fetchone()[0]
                if not mask & bits[name]:  # what TMDb has
                    db.execute_sql(fields[name], (title_id,))
                    blanked.setdefault(title_id, set()).add(name)

        await app.store.write(blank)
        assert len(blanked) > 20

        job = await analyze(app)
        assert await found(app, GapKind.SEQUENTIAL) == set(removed)
        assert await found(app, GapKind.METADATA) == set(blanked)
        assert popular and popular <= await found(app, GapKind.POPULARITY) <= set(removed)
        listed = await app.store.read(lambda db: gaps.rows(db, gaps.keys(db, GapFilter(kinds=(GapKind.METADATA,)))))
        assert {one.title_id: set(one.fields) for one in listed} == blanked
        assert job.summary["gaps_by_type"]["sequential"] == 30
        summary = await commands.summary(app)
        assert (summary.missing_titles, summary.incomplete_titles) == (30, len(blanked))
        assert summary.top[0].score == max(one.score for one in summary.top) > 0

        filled = await fill(app)
        assert (filled.state, filled.total, filled.failed) == (JobState.COMPLETED, 30 + len(blanked), 0)
        assert (await commands.summary(app)).total == 0
        assert await held(app) == {(kind, tmdb_id) for kind, tmdb_id in demo.truth()}
        await analyze(app)
        assert (await commands.summary(app)).total == 0


async def test_a_title_stored_while_an_analysis_runs_is_no_gap(
    demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app_on(demo, tmp_path) as app:
        await fill_library(app)
        kept, late, *_ = (tmdb_id for kind, tmdb_id in sorted(demo.truth()) if kind == "movie")
        lost = [title_id_of(MediaType.MOVIE, one) for one in (kept, late)]
        await remove(app, lost)

        def meanwhile(db: Any, ground: Ground) -> Found:
            seen = sequential.detect(db, ground)
            if late in seen.ids:
                write(app.store, rows(late, title="Stored by another job"))
            return seen

        monkeypatch.setitem(DETECTORS, GapKind.SEQUENTIAL, meanwhile)
        await analyze(app)
        assert await found(app, GapKind.SEQUENTIAL) == {lost[0]}
        assert (await commands.summary(app)).missing_titles == 1


async def test_a_scope_that_is_narrowed_leaves_no_gap_outside(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        await analyze(app)
        before = await commands.summary(app)
        assert before.missing_titles == len(demo.truth())
        kept = sorted(await found(app, GapKind.SEQUENTIAL))
        late = await app.store.read(lambda db: gaps.of_title(db, kept[0]))
        rule = await coverage_commands.understand_rule(app, RuleRequest(type="tv", countries=("KR",)))
        await coverage_commands.set_scope(app, Scope(False, (rule,)))
        narrowed = await commands.summary(app)
        assert narrowed.total == narrowed.missing_titles == 0, "nobody knows yet what the rule names"
        assert (narrowed.analysed_at, narrowed.months_below) == (None, None), "so an analysis is due"
        assert not (await commands.months(app)).cells
        # rows an older version left behind are no orders either
        stale = [NewGap(one, 50.0, 50.0, 1.0) for one in kept]
        await app.store.write(lambda db: gaps.put(db, GapKind.SEQUENTIAL, stale, late[0].found_at))
        assert (await fill(app)).total == 0
        assert (await fill(app, month="2010-05")).total == 0
        job, _ = await mirror_commands.start(app)
        assert (await run(app, job)).state is JobState.COMPLETED
        inside = {("tv", one.id) for one in demo.catalogue.all("tv") if one.listed and "KR" in one.countries}
        assert await held(app) == inside
        await analyze(app)
        assert (await commands.summary(app)).total == 0
        named = next(one for one in sorted(demo.truth()) if one not in inside)
        assert (await fill(app, titles=(f"{named[0]}/{named[1]}",))).added == 1, "what is named is fetched in any scope"
        await change(app, "UPDATE title SET poster_path = NULL, unavailable = 0")
        await analyze(app)
        lacking = await found(app, GapKind.METADATA)
        assert title_id_of(MediaType(named[0]), named[1]) in lacking
        filled = await fill(app)
        assert filled.total == len(lacking), "a held title is kept whole in any scope"
        await coverage_commands.set_scope(app, Scope())
        assert (await commands.summary(app)).analysed_at is None, "a wider scope has gaps nobody has looked for"


async def test_an_analysis_follows_a_scope_that_changes_while_it_runs(
    demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app_on(demo, tmp_path) as app:
        narrow = Scope(False, (ScopeRule(types=(MediaType.TV,)),))

        def meanwhile(db: Any, ground: Ground) -> Found:
            seen = sequential.detect(db, ground)
            app.store.write_now(lambda db: scopes.save(db, narrow, 1))
            return seen

        monkeypatch.setitem(DETECTORS, GapKind.SEQUENTIAL, meanwhile)
        job = await analyze(app)
        assert job.summary["scope"] == narrow.words
        assert await found(app, GapKind.SEQUENTIAL) == {one for one in wanted_ids(demo) if one & 1}


class Ahead(BriskClock):
    """The machine's clock, so many days ahead of it."""

    days = 0.0

    def now(self) -> float:
        return super().now() + self.days * 86_400


async def test_titles_held_beyond_a_month_hide_nothing_missing_of_it(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        await fill_library(app)
        lost = next(one for one in demo.catalogue.all("movie") if one.listed and "1990" < one.date < "2020")
        month = lost.date[:7]
        await remove(app, [title_id_of(MediaType.MOVIE, lost.id)])
        # as many in the library as discover lists: other titles have got this month's date
        await change(
            app,
            "UPDATE title SET release_date = ? WHERE id IN (SELECT id FROM title WHERE media_type = 'movie' "
            "AND release_date < '1980' LIMIT 3)",
            f"{month}-03",
        )
        await analyze(app)
        assert await found(app, GapKind.TEMPORAL) == {title_id_of(MediaType.MOVIE, lost.id)}
        row = (await app.store.read(lambda db: gaps.of_title(db, title_id_of(MediaType.MOVIE, lost.id))))[0]
        assert row.month == month and row.name
        months = await commands.months(app, (MediaType.MOVIE,))
        cell = months.cells[int(month[:4]), int(month[5:])]
        assert cell.exact and cell.missing == 1 and cell.listed == cell.held + 1
        assert months.below == 1 == (await commands.summary(app)).months_below
        detail = await commands.month_detail(app, cell.year, cell.month)
        assert (detail.missing, detail.requests) == (1, 1)
        assert (await fill(app, month=month)).added == 1
        assert await found(app, GapKind.TEMPORAL) == set()


async def test_titles_deleted_at_tmdb_hide_nothing_missing_of_their_month(
    demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("FREE_PAGES", "FEW_PAGES"):  # as in a library so large that only short months are listed
        monkeypatch.setattr(month_walk, limit, 0)
    async with app_on(demo, tmp_path) as app:
        await fill_library(app)
        lost = next(one for one in demo.catalogue.all("movie") if one.listed and "1990" < one.date < "2020")
        month = lost.date[:7]
        await remove(app, [title_id_of(MediaType.MOVIE, lost.id)])
        chosen = f"media_type = 'movie' AND release_date < '1980' AND tmdb_id <> {lost.id} ORDER BY id LIMIT 3"
        await change(
            app,
            "INSERT INTO tombstone (title_id, media_type, tmdb_id, gone_at, export_date, made_at) "
            f"SELECT id, media_type, tmdb_id, 1, '2026-11-20', 1 FROM title WHERE {chosen}",
        )
        await change(
            app, "UPDATE title SET release_date = ? WHERE id IN (SELECT title_id FROM tombstone)", f"{month}-03"
        )
        await analyze(app)
        assert await found(app, GapKind.TEMPORAL) == {title_id_of(MediaType.MOVIE, lost.id)}
        assert (await commands.months(app)).cells[int(month[:4]), int(month[5:])].missing == 1


async def test_a_title_deleted_before_it_was_held_is_no_gap_of_its_month(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path, clock=(clock := Ahead())) as app:
        await analyze(app)
        lost = next(one for one in demo.catalogue.all("tv") if one.listed and "1990" < one.date < "2010")
        assert title_id_of(MediaType.TV, lost.id) in await found(app, GapKind.TEMPORAL)
        demo.catalogue.delete([lost.key], unlisted=True)
        clock.days = 2
        demo.catalogue.today = utc_day(clock.now())
        job, _ = await mirror_commands.start(app)
        assert (await run(app, job)).state is JobState.COMPLETED
        assert (await coverage_commands.coverage(app)).percent == 100.0
        await analyze(app)
        summary = await commands.summary(app)
        assert (summary.missing_titles, summary.months_below) == (0, 0), "listed before the export, which lacks it"
        # what is listed after the export was made is too new for it
        demo.faults.export_missing = True
        [new] = demo.catalogue.add(series=1)
        clock.days = 4
        await change(app, "DELETE FROM release_month")
        await analyze(app)
        assert await found(app, GapKind.TEMPORAL) == {title_id_of(MediaType.TV, new[1])}
        assert (await commands.summary(app)).months_below == 1


async def test_only_stale_months_are_asked_again(demo: DemoServer, tmp_path: Path) -> None:
    clock = Ahead()
    async with app_on(demo, tmp_path, clock=clock) as app:
        await fill_library(app)
        await remove(app, [title_id_of(MediaType(kind), tmdb_id) for kind, tmdb_id in sorted(demo.truth())[::9]])
        before = demo.stats.by_kind["discover"]
        await analyze(app)
        first = demo.stats.by_kind["discover"] - before
        listed = sum(one.listed for one in (await commands.months(app)).cells.values())
        dated = sum(1 for kind in BOTH for one in demo.catalogue.all(kind.value) if one.listed and one.date)
        assert listed == dated
        assert first < 100, "a month a request would have been thousands"
        before = demo.stats.by_kind["discover"]
        await analyze(app)
        assert demo.stats.by_kind["discover"] == before
        clock.days = 1.5
        await analyze(app)
        assert 0 < demo.stats.by_kind["discover"] - before < first / 2


async def test_what_tmdb_lacks_does_not_come_back(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        await fill_library(app)
        bare = {
            title_id_of(kind, one.id)
            for kind in BOTH
            for one in demo.catalogue.all(kind.value)
            if one.listed and one.poster_path is None
        }
        assert bare
        await analyze(app)
        assert await found(app, GapKind.METADATA) == set()
        assert ((await commands.summary(app)).unavailable or 0) >= len(bare)
        # a library of an older version does not know what TMDb lacks: asked once, then no more
        await change(app, "UPDATE title SET unavailable = NULL")
        await analyze(app)
        assert bare <= await found(app, GapKind.METADATA)
        filled = await fill(app, kinds=(GapKind.METADATA,))
        assert filled.failed == 0 and filled.updated + filled.unchanged == filled.total
        await analyze(app)
        assert await found(app, GapKind.METADATA) == set()


async def test_a_gap_that_cannot_be_filled_rests_longer_each_time_and_is_given_up(
    demo: DemoServer, tmp_path: Path
) -> None:
    clock = Ahead()
    async with app_on(demo, tmp_path, clock=clock, gap_max_tries=3, max_attempts=1) as app:
        await fill_library(app)
        kind, tmdb_id = sorted(demo.truth())[0]
        title_id = title_id_of(MediaType(kind), tmdb_id)
        await remove(app, [title_id])
        demo.faults.always_500 = {f"{kind}/{tmdb_id}"}
        await analyze(app)

        async def row() -> gaps.Gap:
            return (await app.store.read(lambda db: gaps.of_title(db, title_id)))[0]

        assert (await fill(app)).failed == 1
        first = await row()
        assert (first.tries, first.category, first.status) == (1, "server", GapStatus.OPEN)
        assert first.last_try_at and first.next_try_at == first.last_try_at + gaps.BACK_OFF_MS[0]
        assert (await fill(app)).total == 0, "it rests"
        clock.days = 0.1
        assert (await fill(app)).failed == 1
        second = await row()
        assert second.last_try_at and second.next_try_at == second.last_try_at + gaps.BACK_OFF_MS[1]
        clock.days = 1
        await analyze(app)
        assert (await row()).tries == 2, "an analysis keeps the tries"
        assert (await fill(app)).failed == 1
        last = await row()
        assert (last.tries, last.status, last.next_try_at) == (3, GapStatus.GAVE_UP, None)
        told = await commands.explain(app, MediaType(kind), tmdb_id)
        assert any("Given up after 3 tries" in line.text for line in told.lines)
        assert any("server" in line.text for line in told.lines if line.about in ("answer", "attempt"))
        clock.days = 9
        assert (await fill(app)).total == 0
        demo.faults.always_500 = set()
        assert (await fill(app, titles=(f"{kind}/{tmdb_id}",))).added == 1
        assert (await commands.summary(app)).by_kind[GapKind.SEQUENTIAL].gave_up == 0


async def test_ignored_gaps_are_left_alone_until_they_are_not(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        await fill_library(app)
        kind, tmdb_id = sorted(demo.truth())[3]
        await remove(app, [title_id_of(MediaType(kind), tmdb_id)])
        await analyze(app)
        keys = await commands.keys_of(app, [f"{kind}/{tmdb_id}"])
        assert await commands.ignore(app, keys) == len(keys) > 0
        await analyze(app)
        assert (await commands.summary(app)).total == 0
        assert (await fill(app)).total == 0
        assert await commands.unignore(app, keys) == len(keys)
        assert (await fill(app)).added == 1


async def test_a_month_that_cannot_be_asked_is_asked_at_the_next_analysis(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path, max_attempts=1, clock=BriskClock()) as app:
        await fill_library(app)
        demo.faults.error_500 = 0.3
        job = await analyze(app)
        demo.faults.error_500 = 0.0
        assert job.summary["months_failed"] > 0
        job = await analyze(app)
        assert job.summary["months_failed"] == 0
        listed = sum(one.listed for one in (await commands.months(app)).cells.values())
        assert listed == sum(1 for kind in BOTH for one in demo.catalogue.all(kind.value) if one.listed and one.date)


async def test_a_title_on_tmdbs_popular_list_is_a_gap_before_the_export_names_it(
    demo: DemoServer, tmp_path: Path
) -> None:
    async with app_on(demo, tmp_path, popular_threshold=1e9) as app:
        await fill_library(app)
        top = max((one for one in demo.catalogue.all("tv") if one.listed), key=lambda one: one.popularity)
        title_id = title_id_of(MediaType.TV, top.id)
        await remove(app, [title_id])
        await analyze(app)
        assert await found(app, GapKind.POPULARITY) == {title_id}, "no threshold reaches it, TMDb's list does"
    async with app_on(demo, tmp_path, popular_top=5) as app:
        lost = sorted(demo.catalogue.all("movie"), key=lambda one: -one.popularity)
        wanted = {title_id_of(MediaType.MOVIE, one.id) for one in lost if one.listed}
        await remove(app, list(wanted))
        await analyze(app)
        popular = await found(app, GapKind.POPULARITY)
        first = {title_id_of(MediaType.MOVIE, one.id) for one in lost[:5] if one.listed}
        assert first <= popular <= wanted | {title_id}
        scores = {one.title_id: one.score for one in (await commands.summary(app)).top}
        assert scores


async def test_a_popular_list_that_cannot_be_read_closes_no_gap(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path, popular_threshold=1e9, max_attempts=1, clock=BriskClock()) as app:
        await analyze(app)
        popular = await found(app, GapKind.POPULARITY)
        assert popular, "no threshold reaches them, TMDb's lists do"
        keys = [gaps.key_of(one, GapKind.POPULARITY) for one in popular]
        await commands.ignore(app, keys)
        demo.faults.error_503 = 1.0
        await analyze(app)
        assert (await commands.summary(app)).by_kind[GapKind.POPULARITY].ignored == len(popular)
        demo.faults.error_503 = 0.0
        lost = max((one for one in demo.catalogue.all("tv") if one.listed), key=lambda one: one.popularity)
        demo.catalogue.delete([lost.key], unlisted=True)
        await analyze(app)
        left = await found(app, GapKind.POPULARITY)
        assert popular - left == {title_id_of(MediaType.TV, lost.id)}, "a list that was read closes gaps"
        assert (await commands.summary(app)).by_kind[GapKind.POPULARITY].ignored == len(popular) - 1


@pytest.mark.parametrize(
    "period",
    [
        {"year_from": 1990, "year_to": 2015},
        {"date_from": date(1990, 4, 1), "date_to": date(2015, 9, 30)},
        {"date_from": date(1990, 4, 11), "date_to": date(2015, 9, 12)},
    ],
)
async def test_months_of_a_scope_with_rules_are_those_of_its_rules(
    demo: DemoServer, tmp_path: Path, period: dict[str, Any]
) -> None:
    rule = ScopeRule(types=(MediaType.MOVIE,), languages=("en", "ko"), **period)
    first, last = rule.first_day, rule.last_day
    assert first is not None and last is not None
    async with app_on(demo, tmp_path) as app:
        await fill_library(app)
        await app.store.write(lambda db: scopes.save(db, Scope(False, (rule,)), 1))
        inside = [
            one
            for one in demo.catalogue.all("movie")
            if one.listed and one.language in rule.languages and str(first) <= one.date <= str(last)
        ]
        await remove(app, [title_id_of(MediaType.MOVIE, one.id) for one in inside[::3]])
        await remove(app, [title_id_of(MediaType.TV, one.id) for one in demo.catalogue.all("tv")])
        await analyze(app)
        assert await found(app, GapKind.TEMPORAL) == {title_id_of(MediaType.MOVIE, one.id) for one in inside[::3]}
        cells = (await commands.months(app)).cells
        assert sum(one.listed for one in cells.values()) == len(inside)
        assert {year for year, _ in cells} == set(range(1990, 2016))
        assert (first.year, first.month) <= min(cells) and max(cells) <= (last.year, last.month)


async def test_an_explanation_names_every_source(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        await fill_library(app)
        await run(app, await queue_import(app, build_filter(types=BOTH)))  # skips all as duplicates
        kind, tmdb_id = sorted(demo.truth())[0]
        media_type = MediaType(kind)
        await app.store.write(
            lambda db: db.execute_sql(
                "INSERT INTO change_day (media_type, day, first_at, last_at, ids, fetched) VALUES (?, ?, 1, 1, ?, ?)",
                (kind, "2026-11-19", BitMap([tmdb_id]).serialize(), BitMap().serialize()),
            )
        )
        await remove(app, [title_id_of(media_type, tmdb_id)])
        await analyze(app)
        told = await commands.explain(app, media_type, tmdb_id)
        about = {line.about for line in told.lines}
        assert {"export", "scope", "held", "answer", "change", "skip", "gap"} <= about
        text = "\n".join(line.text for line in told.lines)
        assert "In TMDb's change list of 2026-11-19" in text
        assert "Skipped by job 2" in text and "the library had it" in text
        assert f"score {told.gaps[0].score:.1f} = " in text
        assert told.name
        nothing = await commands.explain(app, media_type, 2_000_000_000)
        assert any("Not in TMDb's export" in line.text for line in nothing.lines)
        adult = next((one for one in demo.catalogue.all("movie") if one.video), None)
        if adult is not None:
            lines = (await commands.explain(app, MediaType.MOVIE, adult.id)).lines
            assert any("Outside the scope of the mirror: video entry" in line.text for line in lines)
