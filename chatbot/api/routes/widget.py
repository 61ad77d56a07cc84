"""The script that other sites load, for a bubble with the chat page in it."""

import gzip
import hashlib
from functools import lru_cache

from fastapi import APIRouter, Request, Response

from mundap.chatbot.api.layers.guard import WIDGET
from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.bot import Bot
from mundap.chatbot.widget.script import widget_script

# Seconds for which a browser may keep the script: a visitor's next pages ask for nothing.
_KEPT = 3600


def widget_router(bot: Bot, settings: ApiSettings) -> APIRouter:
    """Return the route of the script; pages of `embed_origins` may read it too, for a checksum."""
    router = APIRouter(include_in_schema=False)

    @lru_cache(maxsize=1)
    def script(text: str) -> tuple[bytes, bytes, str]:
        plain = text.encode("utf-8")
        return plain, gzip.compress(plain, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:32]}"'

    @router.get(WIDGET)
    async def widget(request: Request) -> Response:
        plain, packed, tag = script(widget_script(bot.settings))
        headers = {
            "Cache-Control": f"public, max-age={_KEPT}",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "ETag": tag,
            "Vary": "Accept-Encoding, Origin",
        }
        if (origin := request.headers.get("origin")) in settings.embed_origins:
            headers["Access-Control-Allow-Origin"] = str(origin)
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        is_packed = "gzip" in request.headers.get("accept-encoding", "")
        if is_packed:
            headers["Content-Encoding"] = "gzip"
        body = packed if is_packed else plain
        return Response(body, headers=headers, media_type="text/javascript")

    return router
