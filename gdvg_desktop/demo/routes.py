"""The TMDb routes: which path is answered by what, and how bad parameters are told. Credentials, limits and
faults were dealt with in gate.py before a request comes here."""

from __future__ import annotations

import re
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gdvg_desktop.demo import changes, find, images, reference
from gdvg_desktop.demo.catalogue import Catalogue
from gdvg_desktop.demo.details import DetailQuery, Details, TooManyAppendedError
from gdvg_desktop.demo.discover import BadDateError, BadPageError, Listings, parse, parse_page
from gdvg_desktop.demo.drift import Drift
from gdvg_desktop.demo.exports import Exports
from gdvg_desktop.demo.faults import Faults
from gdvg_desktop.demo.parts import Asked
from gdvg_desktop.demo.wire import answer, encode, error, weak_etag

_HOURS = 3600
_DENIED = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
)


class TmdbRoutes:
    """Handlers over one catalogue; `routes()` gives them as Starlette routes."""

    def __init__(self, catalogue: Catalogue, faults: Faults) -> None:
        self._catalogue = catalogue
        self._faults = faults
        self._drift = Drift()
        self.details = Details(catalogue)
        self._listings = Listings(catalogue, self._drift)
        self._exports = Exports(catalogue)

    def routes(self) -> list[Route]:
        found = [
            Route("/3/authentication", self._authentication),
            Route("/3/configuration", self._configuration),
            Route("/3/configuration/countries", self._countries),
            Route("/3/configuration/languages", self._languages),
            Route("/3/find/{external_id}", self._find),
            Route("/p/exports/{name}", self._export),
            Route("/t/p/{size}/{name}", self._image),
        ]
        for kind in ("movie", "tv"):
            found[:0] = [
                Route(f"/3/{kind}/{{id:int}}", partial(self._detail, kind)),
                Route(f"/3/discover/{kind}", partial(self._discover, kind)),
                Route(f"/3/genre/{kind}/list", partial(self._genres, kind)),
                Route(f"/3/{kind}/changes", partial(self._changes, kind)),
                Route(f"/3/{kind}/{{id:int}}/{{part:path}}", partial(self._part, kind)),
            ]
        return found

    async def _authentication(self, request: Request) -> Response:
        return answer(request, b'{"success":true,"status_code":1,"status_message":"Success."}', 0)

    async def _configuration(self, request: Request) -> Response:
        base = request.url.replace(path="/t/p/", query="", fragment="")
        return answer(request, encode(reference.configuration(str(base))), 8 * _HOURS)

    async def _countries(self, request: Request) -> Response:
        return answer(request, encode(reference.countries()), 8 * _HOURS)

    async def _languages(self, request: Request) -> Response:
        return answer(request, encode(reference.languages()), 8 * _HOURS)

    async def _genres(self, kind: str, request: Request) -> Response:
        return answer(request, encode(reference.genre_list(kind)), 8 * _HOURS)

    async def _discover(self, kind: str, request: Request) -> Response:
        parameters = request.query_params
        try:
            page = parse_page(parameters)
            query = parse(kind, parameters)
        except BadPageError:
            return self._bad_page()
        except BadDateError:
            return error(23)
        self._drift.advance()
        body, steady = self._listings.page(query, page, parameters.get("language", "en-US"), self._faults.shifting)
        return answer(request, body, 600, etag=weak_etag(steady))

    def _bad_page(self) -> Response:
        if self._faults.old_page_error:
            return JSONResponse({"errors": ["page must be less than or equal to 500"]}, 422)
        return error(22)

    async def _detail(self, kind: str, request: Request) -> Response:
        title = self._catalogue.find(kind, request.path_params["id"])
        if title is None:
            return error(34)
        parameters = request.query_params
        try:
            query = DetailQuery.parse(
                parameters.get("append_to_response", ""),
                parameters.get("language", "en-US"),
                parameters.get("include_image_language"),
            )
        except TooManyAppendedError:
            return error(27)
        self._drift.advance()
        return self.details.body(title, query).answer(request, self._drift.fields(title), 5 * _HOURS)

    async def _part(self, kind: str, request: Request) -> Response:
        title = self._catalogue.find(kind, request.path_params["id"])
        if title is None:
            return error(34)
        images_in = request.query_params.get("include_image_language")
        languages = None if images_in is None else frozenset(images_in.split(","))
        asked = Asked(request.query_params.get("language", "en-US"), languages, self._catalogue)
        body = self.details.part(title, request.path_params["part"], asked)
        return error(34) if body is None else answer(request, encode({"id": title.id} | body), 5 * _HOURS)

    async def _changes(self, kind: str, request: Request) -> Response:
        try:
            page = parse_page(request.query_params)
            start, end = changes.parse_window(request.query_params, self._catalogue.today)
        except BadPageError:
            return self._bad_page()
        except changes.WindowTooLongError:
            return error(20)
        except ValueError:
            return error(23)
        rows = changes.page(self._catalogue, kind, start, end, page)
        return answer(request, encode(rows), 600)

    async def _export(self, request: Request) -> Response:
        data = self._exports.file(request.path_params["name"], self._catalogue.today, self._faults)
        if data is None:
            return Response(_DENIED, 403, media_type="application/xml")
        return _file(request, data)

    async def _find(self, request: Request) -> Response:
        parameters = request.query_params
        source = parameters.get("external_source", "")
        if source not in find.SOURCES:
            return error(5)
        found = find.results(
            self._catalogue, request.path_params["external_id"], source, parameters.get("language", "en-US")
        )
        return answer(request, encode(found), 8 * _HOURS)

    async def _image(self, request: Request) -> Response:
        data = images.picture(request.path_params["size"], request.path_params["name"])
        if data is None:
            return Response("<h1>File not Found</h1>", 404, media_type="text/html")
        return Response(data, media_type="image/png", headers={"cache-control": "public, max-age=31919000"})


async def unknown(request: Request, problem: Exception) -> Response:
    """Answers what no route took: TMDb's 404 code 34, or 405 code 42 for a method it does not take."""
    assert isinstance(problem, HTTPException)
    return error(42) if problem.status_code == 405 else error(34)


def _file(request: Request, data: bytes) -> Response:
    """A file as a file host serves it: an ETag, 304 for who has it, and a single range when asked for."""
    headers = {"etag": f'"{weak_etag(data)[3:-1]}"', "accept-ranges": "bytes"}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
    if wanted is None:
        return Response(data, media_type="application/gzip", headers=headers)
    first, last = int(wanted[1]), min(int(wanted[2] or len(data)), len(data) - 1)
    if first > last:
        return Response(status_code=416, headers={"content-range": f"bytes */{len(data)}"})
    headers["content-range"] = f"bytes {first}-{last}/{len(data)}"
    return Response(data[first : last + 1], 206, media_type="application/gzip", headers=headers)
