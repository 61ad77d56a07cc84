"""The documentation page: Swagger UI, from the package that carries it; no site is asked."""

import html
from collections.abc import Awaitable, Callable
from pathlib import Path

import fastapi_offline
from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

# Everything comes from this server, and the pictures of its style sheet from that itself. Swagger
# UI sets styles on its elements, runs nothing that it is sent, and asks this server alone.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_PACKAGED = Path(fastapi_offline.__file__).parent / "static"
# They change with a version of the package alone.
_FILES = ("swagger-ui-bundle.js", "swagger-ui.css")
_KEPT = {"Cache-Control": "public, max-age=3600"}
# A token is forgotten with the page. Nothing is asked of Swagger's own validator.
_START = """\
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
"""


def docs_router(title: str) -> APIRouter:
    """Return the page of a service of this title, and the files that it is made of."""
    router = APIRouter(include_in_schema=False)
    page = _page(html.escape(title))

    @router.get("/docs")
    async def docs() -> HTMLResponse:
        return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})

    @router.get("/docs/start.js")
    async def start() -> Response:
        return Response(_START, media_type="text/javascript")

    for name in _FILES:
        router.add_api_route(f"/docs/{name}", _file(name), methods=["GET"])
    return router


def _file(name: str) -> Callable[[], Awaitable[FileResponse]]:
    async def file() -> FileResponse:
        return FileResponse(_PACKAGED / name, headers=_KEPT)

    return file


def _page(title: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}: API</title>'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="/docs/swagger-ui.css"><div id="swagger-ui"></div>'
        '<noscript>For programs: <a href="/openapi.json">openapi.json</a></noscript>'
        '<script src="/docs/swagger-ui-bundle.js"></script>'
        '<script src="/docs/start.js"></script></html>'
    )
