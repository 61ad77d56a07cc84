"""Which of gradio's routes the page needs; none of the others exists."""

import re
from dataclasses import dataclass
from typing import Literal

# What a request of the page is: one of its files, or an event of a visitor.
Kind = Literal["file", "event"]

_FILE = r"[\w.-]+"


@dataclass(frozen=True, slots=True)
class PageRoute:
    """One route; `path` is a regular expression."""

    methods: tuple[str, ...]
    path: str
    kind: Kind


PAGE_ROUTES = (
    PageRoute(("GET", "HEAD"), "/", "file"),
    PageRoute(("GET", "HEAD"), "/theme.css", "file"),
    PageRoute(("GET", "HEAD"), "/favicon.ico", "file"),
    PageRoute(("GET", "HEAD"), f"/assets/{_FILE}", "file"),
    PageRoute(("GET", "HEAD"), f"/static/(fonts/{_FILE}|img|js)/{_FILE}", "file"),
    # An open page asks for it when the server was away, and looks whether it is another one now.
    PageRoute(("GET",), "/gradio_api/app_id", "file"),
    PageRoute(("POST",), "/gradio_api/run/predict", "event"),
)


def routes_at(path: str) -> list[PageRoute]:
    """Return the routes of a path, mostly one or none."""
    return [route for route in PAGE_ROUTES if re.fullmatch(route.path, path, re.ASCII)]
