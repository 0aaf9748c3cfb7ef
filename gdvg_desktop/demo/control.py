"""The control routes under /_demo: read and set the fault switches, change the catalogue, read the counters,
ask for the truth. They need no key, are never faulted and count nowhere."""

from __future__ import annotations

from datetime import date

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gdvg_desktop.demo.catalogue import Catalogue, TitleKey
from gdvg_desktop.demo.faults import Faults
from gdvg_desktop.demo.stats import Stats
from gdvg_desktop.demo.truth import Wanted, truth
from gdvg_desktop.demo.wire import encode


class ControlRoutes:
    """POST /_demo/faults takes any switches of Faults, and these actions:

    delete: a count or a list of [media_type, id], with "unlisted": true out of discover and exports as well;
    edit: a count or such a list; merge: two such pairs, the first is deleted and its IMDb id the second's;
    add_movies, add_series: counts; restore: bring deleted titles back; today: the day it is (2026-11-22);
    freeze_exports, release_exports: the files keep their state until the next export is made;
    revoke_seen: refuse every credential used so far; clear: all switches off first.

    They are carried out in the order of _ACTIONS.
    """

    def __init__(self, catalogue: Catalogue, faults: Faults, stats: Stats, seen_credentials: set[str]) -> None:
        self._catalogue = catalogue
        self._faults = faults
        self._stats = stats
        self._seen_credentials = seen_credentials

    def routes(self) -> list[Route]:
        return [
            Route("/_demo/faults", self._show_faults, methods=["GET"]),
            Route("/_demo/faults", self._set_faults, methods=["POST"]),
            Route("/_demo/stats", self._show_stats, methods=["GET"]),
            Route("/_demo/reset", self._reset, methods=["POST"]),
            Route("/_demo/truth", self._truth, methods=["GET"]),
        ]

    async def _show_faults(self, request: Request) -> Response:
        return _json(msgspec.to_builtins(self._faults))

    async def _set_faults(self, request: Request) -> Response:
        try:
            order = msgspec.json.decode(await request.body(), type=dict[str, object])
            actions = {name: order.pop(name) for name in _ACTIONS if name in order}
            if actions.get("clear"):
                self._faults.clear()
            self._faults.update(order)
            done = self._act(actions)
        except (ValueError, msgspec.MsgspecError) as problem:
            return JSONResponse({"error": str(problem)}, 400)
        return _json(msgspec.to_builtins(self._faults) | done)

    def _act(self, actions: dict[str, object]) -> dict[str, list[TitleKey]]:
        done: dict[str, list[TitleKey]] = {}
        catalogue = self._catalogue
        if "today" in actions:
            catalogue.today = msgspec.convert(actions["today"], date)
        if actions.get("restore"):
            catalogue.restore()
        if actions.get("freeze_exports"):
            catalogue.freeze_exports()
        if actions.get("revoke_seen"):
            self._faults.revoked |= self._seen_credentials
        movies = msgspec.convert(actions.get("add_movies", 0), int)
        series = msgspec.convert(actions.get("add_series", 0), int)
        if movies or series:
            done["added"] = catalogue.add(movies, series)
        if "delete" in actions:
            which = msgspec.convert(actions["delete"], int | list[TitleKey])
            unlisted = bool(actions.get("unlisted"))
            if isinstance(which, int):
                which = catalogue.delete_some(which, unlisted)
            else:
                catalogue.delete(which, unlisted)
            done["deleted"] = which
        if "edit" in actions:
            chosen = msgspec.convert(actions["edit"], int | list[TitleKey])
            done["edited"] = catalogue.edit_some(chosen) if isinstance(chosen, int) else catalogue.edit(chosen)
        if "merge" in actions:
            gone, into = msgspec.convert(actions["merge"], tuple[TitleKey, TitleKey])
            catalogue.merge(gone, into)
            done["merged"] = [gone, into]
        if actions.get("release_exports"):
            catalogue.release_exports()
        return done

    async def _show_stats(self, request: Request) -> Response:
        return _json(self._stats.as_json())

    async def _reset(self, request: Request) -> Response:
        """Counters to zero, switches to working order, deleted titles and the newest exports back."""
        self._stats.reset()
        self._faults.clear()
        self._catalogue.restore()
        self._catalogue.release_exports()
        return _json({"reset": True})

    async def _truth(self, request: Request) -> Response:
        asked = request.query_params
        try:
            wanted = Wanted(
                media_type=asked.get("type") or "all",
                countries=_listed(asked.get("countries", "")),
                start=asked.get("from", ""),
                end=asked.get("to", ""),
                genres=_listed(asked.get("genres", "")),
                match=asked.get("match") or "any",
                undated=asked.get("undated") or "auto",
            )
            found = truth(self._catalogue, wanted)
        except ValueError as problem:
            return JSONResponse({"error": str(problem)}, 400)
        return _json(sorted(found))


_ACTIONS = (
    "clear",
    "today",
    "restore",
    "revoke_seen",
    "freeze_exports",
    "add_movies",
    "add_series",
    "delete",
    "unlisted",
    "edit",
    "merge",
    "release_exports",
)


def _listed(text: str) -> tuple[str, ...]:
    """Values divided by commas or pipes."""
    return tuple(filter(None, text.replace("|", ",").split(",")))


def _json(value: object) -> Response:
    return Response(encode(value), media_type="application/json")
