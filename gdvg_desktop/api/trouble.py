"""Errors of the program as answers: one shape, {"error": {"title", "message", "hint"}}, and a status that fits."""

import re

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from gdvg_desktop.core.credentials import redact
from gdvg_desktop.core.errors import CredentialError, GdvgError, UsageError

_TITLES = {404: "Not found", 405: "Not possible here", 413: "Too much"}
_SHOWN = 5


class NotFound(UsageError):
    """What a path names does not exist."""

    title = "Not found"


class Conflict(UsageError):
    """What is asked for does not go with how things stand."""

    title = "Not possible now"


class TooBusy(GdvgError):
    """The server has as much to do as it takes on."""

    title = "Too busy"


def status_of(error: GdvgError) -> int:
    """The HTTP status of a known error."""
    match error:
        case NotFound():
            return 404
        case Conflict() | CredentialError():
            return 409
        case UsageError():
            return 400
    return 503


def answer(status: int, title: str, message: str, hint: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """An error as an answer, without secrets and without what is no text."""
    texts = {"title": title, "message": redact(message), "hint": redact(hint)}
    clean = {name: text.encode("utf-8", "replace").decode() for name, text in texts.items()}
    return JSONResponse({"error": clean}, status, headers)


def answer_errors(api: FastAPI) -> None:
    """Have every error answered in our shape."""

    async def known(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, GdvgError)
        return answer(status_of(error), error.title, error.message, error.hint)

    async def misshapen(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        faults = [f"{_place(one['loc'])}: {one['msg']}" for one in error.errors()[:_SHOWN]]
        return answer(422, "Not understood", "; ".join(faults) + ".", "The page /docs describes every request.")

    async def plain(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        title = _TITLES.get(error.status_code, "Not understood")
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(_methods(api, request.url.path))
        return answer(error.status_code, title, str(error.detail), "The page /docs describes every request.", headers)

    async def bug(_request: Request, _error: Exception) -> JSONResponse:
        return answer(500, "Unexpected error", "The program made a mistake; its log says which.", "Please report it.")

    api.add_exception_handler(GdvgError, known)
    api.add_exception_handler(RequestValidationError, misshapen)
    api.add_exception_handler(HTTPException, plain)
    api.add_exception_handler(Exception, bug)


def _methods(api: FastAPI, path: str) -> list[str]:
    """What can be done with a path, by all the routes it has."""
    paths = api.openapi()["paths"]
    same = [path] if path in paths else [one for one in paths if re.fullmatch(re.sub(r"{\w+}", "[^/]+", one), path)]
    return sorted({method.upper() for one in same for method in paths[one]}) or ["GET"]


def _place(parts: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in parts)
