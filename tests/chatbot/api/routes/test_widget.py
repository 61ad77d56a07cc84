import gzip
import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.page.calls import Calls
from mundap.chatbot.page.chat_page import ChatPage
from mundap.chatbot.page.files import Files
from mundap.chatbot.settings import ChatSettings
from mundap.chatbot.widget.script import widget_script
from tests.chatbot.api_site import Site, site

SHOP = "https://shop.example"


@contextmanager
def page_of_nothing(
    directory: Path, chat: dict[str, Any] | None = None, **settings: Any
) -> Iterator[Site]:
    """Serve the API with a page on which there is nothing."""
    with (
        closing(Files()) as files,
        site(
            directory,
            chat,
            page=lambda *_: ChatPage(FastAPI(openapi_url=None), Calls({}), files),
            **settings,
        ) as served,
    ):
        yield served


def policy(served: Site, path: str) -> tuple[str | None, str]:
    """Return what a browser is told of frames."""
    headers = served.get(path).headers
    (ancestors,) = re.findall("frame-ancestors ([^;]*)", headers["content-security-policy"])
    return headers.get("x-frame-options"), ancestors


def test_the_script_is_public_packed_and_kept_for_an_hour(tmp_path: Path) -> None:
    with page_of_nothing(tmp_path) as served:
        packed = served.get("/widget.js", **{"Accept-Encoding": "gzip, br"})
        plain = served.get("/widget.js", **{"Accept-Encoding": "identity"})
        same = served.get("/widget.js", **{"If-None-Match": plain.headers["etag"]})
    assert packed.text == plain.text == widget_script(ChatSettings())
    wanted = {
        "content-type": "text/javascript; charset=utf-8",
        "cache-control": "public, max-age=3600",
        "cross-origin-resource-policy": "cross-origin",
        "vary": "Accept-Encoding, Origin",
        "x-content-type-options": "nosniff",
    }
    assert {name: packed.headers.get(name) for name in wanted} == wanted
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.headers["etag"] == plain.headers["etag"]
    assert (same.status_code, same.content) == (304, b"")
    assert len(gzip.compress(plain.content)) < 15_000


def test_the_script_knows_the_owners_title_colour_and_language(tmp_path: Path) -> None:
    title = "</script> “문답” \u2028"
    chat = {"title": title, "language": "en", "page": {"colour": "#0f766e"}}
    with page_of_nothing(tmp_path, chat) as served:
        text = served.get("/widget.js").text
    owner = re.search(r"const owner = (\{.*\});\n", text)
    assert owner is not None
    assert owner[1].isascii()
    assert json.loads(owner[1]) == {"title": title, "colour": "#0f766e", "language": "en"}


def test_by_default_no_other_site_frames_the_page(tmp_path: Path) -> None:
    with page_of_nothing(tmp_path) as served:
        assert policy(served, "/") == ("SAMEORIGIN", "'self'")
        assert policy(served, "/nope") == ("SAMEORIGIN", "'self'")
        assert policy(served, "/v1/info") == ("DENY", "'none'")


def test_listed_origins_frame_the_page_and_nothing_of_the_api(tmp_path: Path) -> None:
    other = "http://localhost:8000"
    with page_of_nothing(tmp_path, embed_origins=(SHOP, other)) as served:
        assert policy(served, "/") == (None, f"'self' {SHOP} {other}")
        assert policy(served, "/v1/info") == ("DENY", "'none'")
        assert policy(served, "/docs") == ("DENY", "'none'")


def test_the_script_may_be_read_by_listed_origins_and_by_no_other(tmp_path: Path) -> None:
    with page_of_nothing(tmp_path, embed_origins=(SHOP,)) as served:
        listed = served.get("/widget.js", Origin=SHOP)
        own = served.get("/widget.js", Origin=served.url)
        refused = [
            served.get("/widget.js", Origin=origin)
            for origin in ("https://evil.example", "null", "http://shop.example", f"{SHOP}:444")
        ]
        elsewhere = served.get("/", Origin=SHOP)
    assert listed.headers["access-control-allow-origin"] == SHOP
    assert (own.status_code, own.headers.get("access-control-allow-origin")) == (200, None)
    for answer in (*refused, elsewhere):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_page")
        assert "access-control-allow-origin" not in answer.headers


def test_without_the_page_there_is_no_script(tmp_path: Path) -> None:
    with site(tmp_path) as served:
        answer = served.get("/widget.js")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "origin",
    [
        "https://www.example.org",
        "http://localhost:3000",
        "https://xn--9n2bp8q.kr",
        "http://[::1]:80",
        "http://192.168.0.7",
    ],
)
def test_origins_are_written_as_browsers_do(origin: str) -> None:
    assert ApiSettings(embed_origins=(origin,)).embed_origins == (origin,)


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "www.example.org",
        "https://www.example.org/",
        "https://www.example.org/shop",
        "https://*.example.org",
        "https://한글.kr",
        "https://WWW.example.org",
        "https://a.example; script-src *",
        "https://a.example https://b.example",
        "https://a.example\n",
        "https://user@a.example",
        "ftp://a.example",
        "'self'",
        "",
    ],
)
def test_what_is_no_origin_is_refused_in_words(origin: str) -> None:
    with pytest.raises(ValueError, match=r"wanted an origin, such as https://www\.example\.org"):
        ApiSettings(embed_origins=(origin,))
