"""Presets: import filters kept under a name, with a schedule if wished."""

from typing import Annotated

from fastapi import APIRouter, Path

from gdvg_desktop.api import forms, shapes
from gdvg_desktop.api.existing import existing_preset
from gdvg_desktop.api.trouble import Conflict
from gdvg_desktop.api.work import Work
from gdvg_desktop.app import App
from gdvg_desktop.commands import presets
from gdvg_desktop.core.errors import UsageError

PresetId = Annotated[int, Path(ge=1, le=shapes.LARGEST)]


def build(work: Work) -> APIRouter:
    """The routes under /api/import/presets."""
    api = APIRouter(prefix="/api/import/presets", tags=["presets"])

    @api.get("", summary="All presets, those used last first")
    async def listing() -> shapes.PresetsOut:
        return shapes.PresetsOut(presets=[forms.preset(one) for one in await work.run(presets.listing)])

    @api.post("", summary="Keep filters under a new name", status_code=201)
    async def add(asked: shapes.PresetIn) -> shapes.PresetOut:
        return await work.run(lambda app: _add(app, asked))

    @api.put("/{id}", summary="Give a preset another name, other filters or another schedule")
    async def change(id: PresetId, asked: shapes.PresetIn) -> shapes.PresetOut:
        return await work.run(lambda app: _change(app, id, asked))

    @api.delete("/{id}", summary="Take a preset away, and its schedule")
    async def delete(id: PresetId) -> shapes.Deleted:
        return await work.run(lambda app: _delete(app, id))

    return api


async def _add(app: App, asked: shapes.PresetIn) -> shapes.PresetOut:
    await _check_free(app, asked.name)
    _check_schedule(asked)
    made = await presets.save(app, asked.name, forms.import_request(asked.filters))
    return forms.preset(await _scheduled(app, made, asked))


async def _change(app: App, preset_id: int, asked: shapes.PresetIn) -> shapes.PresetOut:
    await existing_preset(app, preset_id)
    await _check_free(app, asked.name, besides=preset_id)
    _check_schedule(asked)
    changed = await presets.update(app, preset_id, forms.import_request(asked.filters), name=asked.name)
    return forms.preset(await _scheduled(app, changed, asked))


async def _delete(app: App, preset_id: int) -> shapes.Deleted:
    await existing_preset(app, preset_id)
    try:
        gone = await presets.delete(app, preset_id)
    except UsageError as error:
        raise Conflict(error.message, error.hint) from None
    return shapes.Deleted(id=gone.id, name=gone.name)


async def _check_free(app: App, name: str, besides: int | None = None) -> None:
    wanted = " ".join(name.split()).casefold()
    if any(one.name.casefold() == wanted and one.id != besides for one in await presets.listing(app)):
        raise Conflict(f"There is a preset {name} already.", "Use another name, or change that one.")


def _check_schedule(asked: shapes.PresetIn) -> None:
    """Refuse an expression or a zone that is none before anything is written."""
    if asked.schedule is not None:
        presets.check_schedule(asked.schedule.cron, asked.schedule.zone)


async def _scheduled(app: App, found: presets.PresetView, asked: shapes.PresetIn) -> presets.PresetView:
    if asked.schedule is not None:
        return await presets.set_schedule(app, found.id, asked.schedule.cron, asked.schedule.zone)
    if "schedule" in asked.model_fields_set and found.cron is not None:
        return await presets.set_schedule(app, found.id, None)
    return found
