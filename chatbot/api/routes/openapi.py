"""The OpenAPI description: errors and tokens, which routes do not state by themselves."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from mundap.chatbot.api.errors import ErrorBody
from mundap.chatbot.api.layers.access import ADMIN_PREFIX
from mundap.chatbot.api.settings import ApiSettings

Responses = dict[int | str, dict[str, Any]]

_SCHEME = "token"


def errors(*statuses: int) -> Responses:
    """Return the declaration of these errors for a route or a router."""
    return {
        status: {"model": ErrorBody, "description": HTTPStatus(status).phrase}
        for status in statuses
    }


# What the guard and the parsers answer, whatever the route.
ERRORS = errors(400, 401, 408, 413, 422, 429, 500, 503)


def describe(app: FastAPI, settings: ApiSettings) -> dict[str, Any]:
    """Return the description of `app`."""
    description = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    if settings.tokens or settings.admin_token:
        schemes = description["components"].setdefault("securitySchemes", {})
        schemes[_SCHEME] = {"type": "http", "scheme": "bearer"}
    for path, operations in description["paths"].items():
        guarded = settings.tokens and (path.startswith("/v1/") or path == "/metrics")
        if guarded or path.startswith(ADMIN_PREFIX):
            for operation in operations.values():
                operation["security"] = [{_SCHEME: []}]
    return description
