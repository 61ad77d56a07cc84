"""What search engines, messengers and a browser's tab show of the page: the owner's words."""

import gzip
import html
import re
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any

from mundap.chatbot.page.text import page_text
from mundap.chatbot.settings import ChatSettings

_Map = MutableMapping[str, Any]
_Send = Callable[[_Map], Awaitable[None]]
_Asgi = Callable[[_Map, Any, _Send], Awaitable[None]]

# gradio says twice what its own site would, and names a manifest that we do not serve.
_FOREIGN = re.compile(
    rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*|<link\s+rel="manifest"[^>]*>\s*'
)
_HEAD, _LANGUAGE = re.compile(rb"<head>"), re.compile(rb'(<html\s+lang=")\w+')
# Of the kinds of a logo, those that messengers show.
_SHOWN = (".png", ".jpg", ".jpeg", ".webp")


class Preview:
    """An ASGI layer right around gradio's page that puts the owner's words into its head.

    It packs the page, too, which gradio does with its files alone: one has no secret in it and
    nothing of who asks, so its length tells nothing.
    """

    def __init__(self, app: _Asgi, *, settings: Callable[[], ChatSettings]) -> None:
        self._app = app
        # As they are at each request.
        self._settings = settings

    async def __call__(self, scope: _Map, receive: Any, send: _Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] not in ("", "/"):
            await self._app(scope, receive, send)
            return
        start: _Map = {}
        body = bytearray()

        async def respond(message: _Map) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            body.extend(message.get("body", b""))
            if message.get("more_body", False):
                return
            page = self._own(bytes(body), scope)
            headers = [each for each in start["headers"] if each[0] != b"content-length"]
            headers.append((b"vary", b"Accept-Encoding"))
            if b"gzip" in dict(scope["headers"]).get(b"accept-encoding", b""):
                page = _packed(page)
                headers.append((b"content-encoding", b"gzip"))
            headers.append((b"content-length", str(len(page)).encode()))
            # The answer to HEAD has the length of gradio's own page and no body.
            await send({**start, "headers": headers if body else start["headers"]})
            await send({"type": "http.response.body", "body": page if body else b""})

        await self._app(scope, receive, respond)

    def _own(self, page: bytes, scope: _Map) -> bytes:
        head = b"<head>" + self._tags(scope).encode("utf-8")
        language = rb"\g<1>" + self._settings().language.encode("ascii")
        page = _LANGUAGE.sub(language, _FOREIGN.sub(b"", page), count=1)
        return _HEAD.sub(lambda _: head, page, count=1)

    def _tags(self, scope: _Map) -> str:
        settings = self._settings()
        said = settings.page.subtitle or settings.page.subtitle_en
        about = said or page_text(settings.language).subtitle
        image = self._image(scope)
        named = {
            "og:title": settings.title,
            "og:description": about,
            "og:type": "website",
            "og:site_name": settings.title,
            "og:locale": {"ko": "ko_KR", "en": "en_US"}[settings.language],
            **({"og:image": image} if image else {}),
        }
        return "".join(
            (
                f"<title>{html.escape(settings.title)}</title>",
                f'<meta name="description" content="{html.escape(about)}">',
                '<meta name="twitter:card" content="summary">',
                *(
                    f'<meta property="{name}" content="{html.escape(value)}">'
                    for name, value in named.items()
                ),
            )
        )

    def _image(self, scope: _Map) -> str | None:
        """Return the logo's address in whole, as messengers want it."""
        logo = self._settings().page.logo
        if logo is None or logo.suffix.lower() not in _SHOWN:
            return None
        # The guard of the API has seen that this name is ours.
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        return f"{scope['scheme']}://{host.decode('latin-1')}/favicon.ico" if host else None


# One page for each name that the server is known by; packing it anew takes milliseconds.
@lru_cache(maxsize=8)
def _packed(page: bytes) -> bytes:
    return gzip.compress(page, mtime=0)
