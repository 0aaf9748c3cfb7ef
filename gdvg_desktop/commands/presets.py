"""Presets: import filters kept under a name, used again, given a schedule, and carried to other computers.

Three come with the program. They are made when presets are first asked for, once: one that was deleted stays deleted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.commands import imports
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.events import PresetsChanged, ScheduleChanged
from gdvg_desktop.core.kinds import Existing, Match, Origin
from gdvg_desktop.core.scope import Scope
from gdvg_desktop.schedule import cron
from gdvg_desktop.schedule.tasks import PRESET_PREFIX
from gdvg_desktop.schedule.zone import local_zone
from gdvg_desktop.store import presets, schedule
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.store.presets import Preset
from gdvg_desktop.sync import gap_scope, preset_scope
from gdvg_desktop.sync.filters import ImportFilter

TASK_KIND = "import"
LONGEST_NAME = 80

SHIPPED: tuple[tuple[str, ImportRequest], ...] = (
    ("K-Drama 2024", ImportRequest("tv", ("KR",), "2024-01", "2024-12", ("Drama",))),
    ("Hollywood Blockbusters", ImportRequest("movie", ("US",), priority=100)),
    ("Asian Cinema Mix", ImportRequest("movie", ("CN", "HK", "IN", "JP", "KR", "TH", "TW"))),  # cinema: no series
)


@dataclass(frozen=True, slots=True)
class PresetView:
    """A preset as faces show it. `request` are its filters in a user's words.

    `last_used` marks the one used last of all, `in_scope` one the scope of the mirror is made of. `cron` and `zone` are
    those of its schedule, None and "" without one; `enabled` whether that is switched on.
    """

    id: int
    name: str
    request: ImportRequest
    words: str
    shipped: bool
    created_at: int
    updated_at: int
    used_at: int | None
    use_count: int
    last_used: bool = False
    in_scope: bool = False
    cron: str | None = None
    zone: str = ""
    enabled: bool = False


def task_name(preset_id: int) -> str:
    """The name of the scheduled task of a preset."""
    return f"{PRESET_PREFIX}{preset_id}"


async def listing(app: App) -> list[PresetView]:
    """All presets, those used last first."""
    await _ship(app)
    countries = await app.reference.countries()

    def read(db: SqliteDatabase) -> list[PresetView]:
        tasks = {one.name: one for one in schedule.tasks(db)}
        in_scope = set(scopes.load(db).presets)
        views = []
        for index, one in enumerate(presets.listing(db)):
            chosen, task = ImportFilter.from_config(one.filter), tasks.get(task_name(one.id))
            views.append(
                PresetView(
                    id=one.id,
                    name=one.name,
                    request=request_of(chosen),
                    words=imports.default_name(chosen, countries),
                    shipped=one.shipped,
                    created_at=one.created_at,
                    updated_at=one.updated_at,
                    used_at=one.used_at,
                    use_count=one.use_count,
                    last_used=index == 0 and one.used_at is not None,
                    in_scope=one.id in in_scope,
                    cron=task.cron if task is not None else None,
                    zone=task.zone if task is not None else "",
                    enabled=task is not None and task.enabled,
                )
            )
        return views

    return await app.store.read(read)


async def get(app: App, preset: int | str) -> PresetView:
    """One preset by number or name. Raises UsageError when there is none."""
    found = await _find(app, preset)
    return next(one for one in await listing(app) if one.id == found.id)


async def save(app: App, name: str, request: ImportRequest) -> PresetView:
    """Keep filters as a new preset. Raises UsageError for a name that is taken or filters that make no import."""
    await _ship(app)
    name, chosen, now_ms = _name(name), await _understand(app, request), _now(app)
    return await _written(app, lambda db: presets.add(db, name, chosen, now_ms))


async def update(app: App, preset: int | str, request: ImportRequest, *, name: str | None = None) -> PresetView:
    """Give a preset other filters, and another name with `name`. A scope made of it follows, and so does its schedule.

    Raises UsageError for filters or a name that cannot be; then nothing is changed.
    """
    found, chosen, now_ms = await _find(app, preset), await _understand(app, request), _now(app)
    wanted = None if name is None else _name(name)

    def write(db: SqliteDatabase) -> bool:
        presets.change(db, found.id, now_ms, name=wanted, chosen=chosen)
        return preset_scope.follow(db, found.id, now_ms)

    followed = await app.store.write(write)
    app.bus.publish(PresetsChanged())
    if wanted is not None:
        app.bus.publish(ScheduleChanged())  # its task is shown under the name
    if followed:
        await gap_scope.follow(app)
    return await get(app, found.id)


async def rename(app: App, preset: int | str, name: str) -> PresetView:
    """Give a preset another name. Raises UsageError for one that is taken or empty."""
    found, name, now_ms = await _find(app, preset), _name(name), _now(app)
    view = await _written(app, lambda db: presets.change(db, found.id, now_ms, name=name))
    app.bus.publish(ScheduleChanged())  # its task is shown under the name
    return view


async def duplicate(app: App, preset: int | str, name: str | None = None) -> PresetView:
    """A second preset with the same filters, under a name or under this one's with a number."""
    found, now_ms = await _find(app, preset), _now(app)
    wanted, numbered = (_name(name), False) if name is not None else (found.name, True)
    return await _written(app, lambda db: presets.add(db, wanted, found.filter, now_ms, numbered=numbered))


async def delete(app: App, preset: int | str) -> Preset:
    """Take a preset away, and its schedule. Raises UsageError while the scope of the mirror is made of it."""
    found = await _find(app, preset)

    def write(db: SqliteDatabase) -> None:
        if found.id in scopes.load(db).presets:
            raise UsageError(
                f"The mirror holds what {found.name} names, so it cannot be deleted.",
                "Choose another scope first, in Settings, Mirror or with: gdvg mirror scope set.",
            )
        presets.remove(db, found.id)
        schedule.remove(db, task_name(found.id))

    await app.store.write(write)
    app.bus.publish(PresetsChanged())
    app.bus.publish(ScheduleChanged())
    return found


async def use(app: App, preset: int | str, origin: Origin = Origin.USER) -> tuple[Job, bool]:
    """Start the import of a preset under its name, and count the use. Returns the job and whether it is new."""
    found, now_ms = await _find(app, preset), _now(app)
    request = replace(request_of(ImportFilter.from_config(found.filter)), name=found.name)
    job, new = await imports.start(app, request, origin=origin)
    await app.store.write(lambda db: presets.used(db, found.id, now_ms))
    app.bus.publish(PresetsChanged())
    return job, new


async def set_schedule(app: App, preset: int | str, expression: str | None, zone: str = "") -> PresetView:
    """Let a preset run by itself, at the moments of a cron expression in a zone ("": the task's own, else the
    computer's); None ends that. Raises UsageError for an expression or zone that is none.
    """
    found, now_ms = await _find(app, preset), _now(app)
    name = task_name(found.id)

    def write(db: SqliteDatabase) -> None:
        if expression is None:
            schedule.remove(db, name)
            return
        kept = next((one for one in schedule.tasks(db) if one.name == name), None)
        wanted = zone or (kept.zone if kept is not None else local_zone())
        moments = " ".join(expression.split())
        cron.parse(moments, wanted)
        task = schedule.NewTask(name, TASK_KIND, moments, wanted, config={"preset": found.id})
        schedule.ensure(db, [task], now_ms)
        schedule.change(db, name, now_ms, cron=moments, zone=wanted, enabled=True)

    await app.store.write(write)
    app.bus.publish(ScheduleChanged())
    app.bus.publish(PresetsChanged())
    return await get(app, found.id)


def check_schedule(expression: str, zone: str = "") -> None:
    """Raise UsageError for an expression or zone `set_schedule` would not take."""
    cron.parse(expression, zone or local_zone())


async def add_all(app: App, wanted: Sequence[tuple[str, ImportRequest]]) -> list[PresetView]:
    """Keep several filters at once, all or none. A name that is taken gets a number. Raises UsageError naming the
    preset that cannot be.
    """
    await _ship(app)
    understood = []
    for name, request in wanted:
        try:
            understood.append((_name(name), await _understand(app, request)))
        except UsageError as error:
            raise UsageError(f"Preset {name!r}: {error.message}", error.hint) from None
    now_ms = _now(app)

    def write(db: SqliteDatabase) -> list[int]:
        return [presets.add(db, name, chosen, now_ms, numbered=True).id for name, chosen in understood]

    added = await app.store.write(write)
    app.bus.publish(PresetsChanged())
    views = {one.id: one for one in await listing(app)}
    return [views[one] for one in added]


async def scope_of(app: App, names: Sequence[int | str], base: Scope | None = None) -> Scope:
    """The scope that is the union of presets; adult and video entries as in `base`. It is not saved by this."""
    if not names:
        raise UsageError("No preset was named.", "Name at least one; they are listed by: gdvg presets list.")
    ids = [(await _find(app, one)).id for one in names]
    kept = base or Scope()
    return await app.store.read(lambda db: preset_scope.scope_of(db, ids, adult=kept.adult, video=kept.video))


def request_of(chosen: ImportFilter) -> ImportRequest:
    """A filter back in a user's words."""
    one_type = chosen.types[0].value if len(chosen.types) == 1 else "all"
    return ImportRequest(
        type=one_type,
        countries=chosen.countries,
        date_from=f"{chosen.date_from:%Y-%m}" if chosen.date_from else None,
        date_to=f"{chosen.date_to:%Y-%m}" if chosen.date_to else None,
        genres=chosen.genres,
        match=Match(chosen.match).value,
        priority=chosen.priority,
        existing=Existing(chosen.existing).value,
        limit=chosen.limit,
    )


async def _ship(app: App) -> None:
    made = await app.store.read(presets.ever_shipped)
    wanted = [(name, request) for name, request in SHIPPED if name not in made]
    if not wanted:
        return
    chosen = [(name, await _understand(app, request)) for name, request in wanted]
    now_ms = _now(app)
    await app.store.write(lambda db: presets.ship(db, chosen, now_ms))


async def _find(app: App, preset: int | str) -> Preset:
    await _ship(app)
    if isinstance(preset, int):
        return await app.store.read(lambda db: presets.get(db, preset))
    return await app.store.read(lambda db: presets.find(db, preset))


async def _written(app: App, write: Callable[[SqliteDatabase], Preset]) -> PresetView:
    made = await app.store.write(write)
    app.bus.publish(PresetsChanged())
    return await get(app, made.id)


async def _understand(app: App, request: ImportRequest) -> dict[str, Any]:
    return (await imports.understand(app, request)).to_config()


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise UsageError("A preset needs a name.", "Write one.")
    if len(name) > LONGEST_NAME:
        raise UsageError("The name is too long.", f"Use at most {LONGEST_NAME} characters.")
    return name


def _now(app: App) -> int:
    return to_millis(app.clock.now())
