"""The FastAPI application: its routes, its schema and its documentation page, without who may ask (`guard`)."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse

from gdvg_desktop import __version__
from gdvg_desktop.api import event_routes, gap_routes, import_routes, preset_routes, sync_routes
from gdvg_desktop.api.docs import PAGE, PAGE_PATH
from gdvg_desktop.api.shapes import Error
from gdvg_desktop.api.trouble import answer_errors
from gdvg_desktop.api.work import Work

_TROUBLE = {
    400: "Not possible as asked: what was named does not exist, or cannot be",
    401: "No valid token",
    403: "A foreign Host or Origin",
    404: "There is no such thing",
    409: "Not possible as things stand",
    413: "The request is too large",
    422: "The request is not of the shape described here",
    503: "The library or TMDb cannot be reached just now",
}


def build(work: Work) -> FastAPI:
    """The application over one app."""
    api = FastAPI(
        title="GDVG Desktop control API",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        responses={code: {"model": Error, "description": words} for code, words in _TROUBLE.items()},
    )
    coming = sync_routes.NextRun()
    work.listen(coming.hear)
    # presets first: their routes lie under those of imports
    routers = [
        *sync_routes.build(work, coming),
        preset_routes.build(work),
        import_routes.build(work),
        *gap_routes.build(work),
        event_routes.build(work),
    ]
    for router in routers:
        api.include_router(router)

    @api.get(PAGE_PATH, include_in_schema=False)
    async def page() -> HTMLResponse:
        return HTMLResponse(PAGE)

    answer_errors(api)
    api.openapi = lambda: _schema(api)  # type: ignore[method-assign]
    return api


def _schema(api: FastAPI) -> dict[str, Any]:
    """FastAPI's schema with the token every route wants."""
    if api.openapi_schema is None:
        schema = get_openapi(
            title=api.title,
            version=api.version,
            routes=api.routes,
            description="The commands of the program, for scripts of this computer. Every request carries the token.",
        )
        schema.setdefault("components", {})["securitySchemes"] = {
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "Made in Settings, Control API, or with: gdvg api token --rotate.",
            }
        }
        schema["security"] = [{"token": []}]
        api.openapi_schema = schema
    return api.openapi_schema
