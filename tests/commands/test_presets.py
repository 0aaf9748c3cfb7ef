"""Presets as the faces use them: kept, used, scheduled, carried in files, and as the scope of the mirror."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.app import App
from gdvg_desktop.commands import coverage, imports, mirror, preset_files, presets
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.events import CoverageChanged, Event, PresetsChanged
from gdvg_desktop.core.kinds import JobState, MediaType, Origin
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.demo.truth import Wanted
from gdvg_desktop.store import purge, schedule
from gdvg_desktop.sync.filters import ImportFilter
from tests.support.library import app_on, held, job_of

SHIPPED = ["K-Drama 2024", "Hollywood Blockbusters", "Asian Cinema Mix"]
FILMS = ImportRequest("movie", ("JP",), "2010-03", "2012-11", ("Drama", "War"), "all", 20, "update", 40)


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=160, series=80)) as server:
        server.faults.rate_limit = 0
        yield server


async def names(app: App) -> list[str]:
    return [one.name for one in await presets.listing(app)]


async def work(app: App, job_id: int) -> None:
    assert app.engine is not None
    await app.engine.run(only=job_id)
    assert (await job_of(app, job_id)).state is JobState.COMPLETED


async def test_three_presets_come_with_the_program_and_deleted_ones_stay_deleted(
    demo: DemoServer, tmp_path: Path
) -> None:
    async with app_on(demo, tmp_path) as app:
        found = await presets.listing(app)
        assert [one.name for one in found] == SHIPPED and all(one.shipped for one in found)
        assert found[0].request == ImportRequest("tv", ("KR",), "2024-01", "2024-12", ("Drama",))
        assert (found[1].request.type, found[1].request.countries, found[1].request.priority) == ("movie", ("US",), 100)
        assert found[2].request.countries == ("CN", "HK", "IN", "JP", "KR", "TH", "TW")
        await presets.delete(app, "hollywood blockbusters")
        await presets.rename(app, "K-Drama 2024", "Mine")
        assert demo.stats.requests == 0
    async with app_on(demo, tmp_path) as app:
        assert await names(app) == ["Mine", "Asian Cinema Mix"]


async def test_filters_are_kept_as_they_were_chosen(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        heard: list[Event] = []
        app.bus.subscribe(heard.append)
        made = await presets.save(app, "  War   films ", FILMS)
        assert (made.name, made.request, made.use_count, made.last_used) == ("War films", FILMS, 0, False)
        assert PresetsChanged() in heard
        assert made.words == "Movies · Japan · Drama, War · 2010-03 to 2012-11"
        changed = await presets.update(app, made.id, ImportRequest("tv", ("uk",), "2020"))
        assert changed.request == ImportRequest("tv", ("GB",), "2020-01") and changed.name == "War films"
        twice = await presets.duplicate(app, made.id)
        third = await presets.duplicate(app, "War films")
        assert (twice.name, third.name) == ("War films (2)", "War films (3)")
        assert twice.request == changed.request and not twice.shipped
        assert (await presets.get(app, str(twice.id))).id == twice.id


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "k-drama 2024"])
async def test_names_that_cannot_be_are_refused(demo: DemoServer, tmp_path: Path, name: str) -> None:
    async with app_on(demo, tmp_path) as app:
        with pytest.raises(UsageError):
            await presets.save(app, name, FILMS)
        other = await presets.save(app, "Other", FILMS)
        with pytest.raises(UsageError):
            await presets.rename(app, other.id, name)
        with pytest.raises(UsageError):
            await presets.update(app, other.id, ImportRequest("tv"), name=name)
        assert (await presets.get(app, other.id)).request == FILMS
        assert (await presets.rename(app, other.id, "OTHER")).name == "OTHER"  # its own name in another case


async def test_what_is_not_there_is_said(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        for act in (presets.get, presets.use, presets.delete, presets.duplicate):
            with pytest.raises(UsageError, match="no preset"):
                await act(app, "Nowhere")
        with pytest.raises(UsageError, match="Telenovela"):
            await presets.save(app, "Bad", ImportRequest(genres=("Telenovela",)))
        assert await names(app) == SHIPPED


async def test_using_a_preset_starts_its_import_and_counts(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        request = ImportRequest("movie", ("JP",))
        await presets.save(app, "Japan", request)
        job, new = await presets.use(app, "Japan", Origin.SCHEDULE)
        assert (job.name, job.origin, new) == ("Japan", Origin.SCHEDULE, True)
        assert ImportFilter.from_config(job.config) == await imports.understand(app, request)
        again, twice = await presets.use(app, "Japan")
        assert (again.id, twice) == (job.id, False)
        first = (await presets.listing(app))[0]
        assert (first.name, first.use_count, first.last_used) == ("Japan", 2, True)
        assert sum(one.last_used for one in await presets.listing(app)) == 1
        await work(app, job.id)
        assert await held(app) == {(k, n) for k, n in demo.truth(Wanted(media_type="movie", countries=("JP",)))}


async def test_a_schedule_belongs_to_its_preset(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        made = await presets.save(app, "Weekly", FILMS)
        for wrong in ("61 * * * *", "often"):
            with pytest.raises(UsageError):
                await presets.set_schedule(app, made.id, wrong)
        with pytest.raises(UsageError):
            await presets.set_schedule(app, made.id, "0 4 * * 1", "Mars/Olympus")
        assert (await presets.get(app, made.id)).cron is None
        set_ = await presets.set_schedule(app, made.id, "0 4 * * 1", "Asia/Seoul")
        assert (set_.cron, set_.zone, set_.enabled) == ("0 4 * * 1", "Asia/Seoul", True)
        moved = await presets.set_schedule(app, made.id, "30 5 * * *")
        assert (moved.cron, moved.zone) == ("30 5 * * *", "Asia/Seoul")
        task = await app.store.read(lambda db: schedule.get(db, presets.task_name(made.id)))
        assert task.config == {"preset": made.id}
        assert (await presets.set_schedule(app, made.id, None)).cron is None
        await presets.set_schedule(app, made.id, "0  4 * * *")
        assert (await presets.get(app, made.id)).cron == "0 4 * * *"
        await presets.delete(app, made.id)
        assert presets.task_name(made.id) not in {one.name for one in await app.store.read(schedule.tasks)}


# ------------------------------------------------------------------------------------------------------- files


async def test_presets_travel_in_a_file(demo: DemoServer, tmp_path: Path) -> None:
    path = tmp_path / "presets.json"
    async with app_on(demo, tmp_path / "one") as app:
        await presets.save(app, "War films", FILMS)
        assert await preset_files.export(app, path) == 4
        assert await preset_files.export(app, tmp_path / "some.json", ["War films"]) == 1
    document = json.loads(path.read_text(encoding="utf-8"))
    assert (document["format"], document["version"]) == ("gdvg-presets", 1)
    assert document["presets"][3]["filter"]["from"] == "2010-03"
    async with app_on(demo, tmp_path / "other") as app:
        taken = await preset_files.import_(app, path)
        assert [one.name for one in taken] == [f"{name} (2)" for name in SHIPPED] + ["War films"]
        assert taken[3].request == FILMS and not taken[0].shipped


def file_of(*presets_: Any, **head: Any) -> str:
    return json.dumps({"format": "gdvg-presets", "version": 1, "presets": list(presets_)} | head)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a file of presets"),
        ("[]", "not a file of presets"),
        (json.dumps({"presets": []}), "not a file of presets"),
        (file_of(version=2), "version 2"),
        (file_of({"name": "A"}), "filter"),
        (file_of({"name": "A", "filter": {"priority": "high"}}), "priority"),
        (file_of({"name": "A", "filter": {"colour": "red"}}), "colour"),
        (file_of({"name": "A", "filter": {"type": "book"}}), "'A'.*book"),
        (file_of({"name": "A", "filter": {"from": "2020-13"}}), "2020-13"),
        (file_of({"name": "A", "filter": {"priority": 101}}), "101"),
        (file_of({"name": " ", "filter": {}}), "name"),
        (file_of({"name": "Good", "filter": {}}, {"name": "A", "filter": {"countries": ["Atlantis"]}}), "Atlantis"),
    ],
)
async def test_of_a_wrong_file_nothing_is_taken(demo: DemoServer, tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(text, encoding="utf-8")
    async with app_on(demo, tmp_path / "data") as app:
        with pytest.raises(UsageError, match=says) as caught:
            await preset_files.import_(app, path)
        assert "wrong.json" in caught.value.message
        assert await names(app) == SHIPPED


async def test_files_that_cannot_be_used_are_named(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path / "data") as app:
        with pytest.raises(UsageError, match="cannot be read"):
            await preset_files.import_(app, tmp_path / "none.json")
        with pytest.raises(UsageError, match="cannot be written"):
            await preset_files.export(app, tmp_path / "none" / "presets.json")
        big = tmp_path / "big.json"
        big.write_bytes(b" " * (preset_files.MOST_BYTES + 1))
        with pytest.raises(UsageError, match="too large"):
            await preset_files.import_(app, big)


# ------------------------------------------------------------------------------------------------------- scope


async def test_the_mirror_holds_the_union_of_presets_to_the_month(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        one = await presets.save(app, "Korean", ImportRequest(countries=("KR",), limit=1))
        two = await presets.save(app, "Months", ImportRequest("movie", (), "2009-03", "2016-08"))
        scope = await presets.scope_of(app, ["Korean", two.id, one.id])
        assert scope.presets == (one.id, two.id) and len(scope.rules) == 2
        job, _ = await mirror.start(app, scope)
        await work(app, job.id)
        wanted = demo.truth(Wanted(countries=("KR",))) | demo.truth(
            Wanted(media_type="movie", start="2009-03", end="2016-08")
        )
        assert await held(app) == {(kind, number) for kind, number in wanted}
        assert (await coverage.coverage(app)).percent == 100.0
        assert [one.in_scope for one in await presets.listing(app)].count(True) == 2


async def test_a_scope_follows_a_preset_that_changes(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        heard: list[Event] = []
        made = await presets.save(app, "Changing", ImportRequest("tv", ("KR",), "2024"))
        await coverage.set_scope(app, await presets.scope_of(app, [made.id], Scope(adult=True)))
        app.bus.subscribe(heard.append)
        await presets.update(app, made.id, ImportRequest("tv", ("JP",), "2024-02", "2025"))
        assert CoverageChanged() in heard
        scope = await coverage.get_scope(app)
        assert scope.adult and scope.presets == (made.id,)
        (rule,) = scope.rules
        assert (rule.types, rule.countries, rule.year_to) == ((MediaType.TV,), ("JP",), 2025)
        assert rule.words == "TV series · JP · 2024-02 to 2025-12"
        heard.clear()
        await presets.update(app, "Asian Cinema Mix", ImportRequest("movie"))
        assert CoverageChanged() not in heard and await coverage.get_scope(app) == scope
        with pytest.raises(UsageError, match="The mirror holds"):
            await presets.delete(app, made.id)
        await coverage.set_scope(app, Scope(False, (ScopeRule(countries=("KR",)),)))
        await presets.delete(app, made.id)


async def test_a_purge_leaves_the_presets(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        await presets.save(app, "War films", FILMS)
        await presets.delete(app, "Asian Cinema Mix")
        paths = app.paths
    purge.purge(paths, 1)
    async with app_on(demo, tmp_path) as app:
        assert await names(app) == ["K-Drama 2024", "Hollywood Blockbusters", "War films"]
