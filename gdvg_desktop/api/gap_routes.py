"""Gaps: the last analysis, a new one, the registry page by page, and filling. And the coverage they are measured by."""

import base64
import binascii
import math
from typing import Annotated

from fastapi import APIRouter, Query

from gdvg_desktop.api import forms, shapes
from gdvg_desktop.api.work import Work
from gdvg_desktop.app import App
from gdvg_desktop.commands import coverage, gaps
from gdvg_desktop.commands.gaps import FillRequest, Gap, GapFilter
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import GapKind, GapStatus, Origin

_MOST_KEY = 2**40


def build(work: Work) -> list[APIRouter]:
    """The routes under /api/gaps, and /api/coverage."""
    api, figures = APIRouter(prefix="/api/gaps", tags=["gaps"]), APIRouter(prefix="/api/coverage", tags=["gaps"])

    @api.get("/analyze", summary="The result of the last analysis")
    async def last() -> shapes.GapsOut:
        return forms.gaps(await work.read(gaps.summary))

    @api.post("/analyze", summary="Start an analysis", status_code=202)
    async def analyze() -> shapes.Started:
        return forms.started(*await work.run(lambda app: gaps.analyze(app, origin=Origin.API)))

    @api.post("/fill", summary="Fetch what the gaps name, best score first", status_code=202)
    async def fill(asked: shapes.FillIn | None = None) -> shapes.Started:
        request = _request(asked) if asked is not None else FillRequest()
        return forms.started(*await work.run(lambda app: gaps.fill(app, request, origin=Origin.API)))

    @api.get("/registry", summary="Gaps, best score first, page by page")
    async def registry(
        kind: GapKind | None = None,
        status: GapStatus = GapStatus.OPEN,
        type: shapes.TypeIn = "all",
        min_score: Annotated[float, Query(ge=0, le=1e9, allow_inf_nan=False)] = 0.0,
        text: Annotated[str, Query(max_length=100, description="Part of a name, or TMDb's number.")] = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        cursor: Annotated[str | None, Query(max_length=100, description="The next_cursor of the page before.")] = None,
    ) -> shapes.RegistryOut:
        chosen = GapFilter(
            kinds=(kind,) if kind is not None else tuple(GapKind),
            media_types=forms.types_of(type),
            status=status,
            min_score=min_score,
            text=text,
        )
        after = _read_cursor(cursor) if cursor is not None else None
        return await work.read(lambda app: _page(app, chosen, limit, after))

    @figures.get("", summary="How much of TMDb the library holds, proved id by id")
    async def covered() -> shapes.CoverageOut:
        return forms.coverage(await work.read(lambda app: coverage.coverage(app, exact=False)))

    return [api, figures]


async def _page(app: App, chosen: GapFilter, limit: int, after: tuple[float, int] | None) -> shapes.RegistryOut:
    found = await gaps.page(app, chosen, limit + 1, after)
    shown = found[:limit]
    cursor = _write_cursor(shown[-1]) if len(found) > limit else None
    return shapes.RegistryOut(gaps=[forms.gap(one) for one in shown], next_cursor=cursor)


def _write_cursor(last: Gap) -> str:
    return base64.urlsafe_b64encode(f"{last.score!r} {last.key}".encode()).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[float, int]:
    try:
        score, key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode().split(" ")
        place = float(score), int(key)
    except (binascii.Error, ValueError):
        place = math.nan, -1
    if not math.isfinite(place[0]) or not 0 <= place[1] < _MOST_KEY:
        raise UsageError("The cursor is not one of this registry.", "Send the next_cursor of the page before.")
    return place


def _request(asked: shapes.FillIn) -> FillRequest:
    return FillRequest(
        kinds=tuple(asked.kinds) or tuple(GapKind),
        types=forms.types_of(asked.type),
        titles=tuple(one.replace("tv_series/", "tv/") for one in asked.titles),
        month=asked.month,
        min_score=asked.min_score,
        limit=asked.limit,
    )
