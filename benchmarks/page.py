"""The chat page in Chromium: what it weighs, when a visitor can type, how long a reply takes.

The bundled FAQ, served by `mundap serve` on this machine to a desktop window. Cold is an empty
browser, warm the same one once more. Usable is the time from the start of the navigation until
the box takes letters and questions to begin with stand on the page; a reply takes from the press
of Enter until it stands there whole. Both are read from the page's own clock.

    python -m benchmarks.page [--index DIRECTORY]
"""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.api_load import UNLIMITED, build
from benchmarks.api_server import ApiServer, serving
from benchmarks.result import write_result
from mundap.chatbot.home.bundled import bundled_path
from mundap.evaluation.queries import read_queries
from mundap.index.faq.entry import read_faq

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
LOADS = 5
ASKS = 30
_CLOCK = """
window.clock = {};
addEventListener("keydown", (event) => {
  if (event.key === "Enter") clock.sent = performance.now();
}, true);
new MutationObserver(() => {
  const box = document.querySelector("#box");
  if (!clock.usable && box && !box.disabled && document.querySelector("#chat .example"))
    clock.usable = performance.now();
  const replies = document.querySelectorAll("#chat .reply[aria-busy=false]").length;
  if (replies > (clock.replies ?? 0)) clock.replied = performance.now();
  clock.replies = replies;
}).observe(document, { subtree: true, childList: true, attributes: true });
"""


def main() -> None:
    """Measure, and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page")
    parser.add_argument("--index", type=Path, help="serve this index of the bundled FAQ")
    index = parser.parse_args().index
    entries = read_faq(bundled_path("faq"))
    queries = read_queries(bundled_path("queries.csv"))
    asked = [query.text for query in queries[:: len(queries) // ASKS]][:ASKS]
    with TemporaryDirectory() as scratch:
        bundle = index or Path(scratch) / "index"
        if index is None:
            build(bundle, entries, Path(scratch) / "faq.jsonl")
        home = {"MUNDAP_HOME": f"{scratch}/home"}
        with serving(bundle, {**UNLIMITED, **home}, page=True) as server, chromium() as browser:
            figures = {
                "entries": len(entries),
                "chromium": browser.version,
                **_loads(browser, server),
                "reply_ms": _replies(browser, server, asked),
                "load_average": round(os.getloadavg()[0], 2),
            }
    write_result("page", figures, f"benchmarks.page{' --index DIRECTORY' if index else ''}")


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Run a browser until the end of the block."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def ask(page: "Page", query: str) -> None:
    """Type a query, press Enter and wait for the reply."""
    replies = page.locator("#chat .reply[aria-busy=false]")
    number = replies.count()
    page.locator("#box").fill(query)
    page.locator("#box").press("Enter")
    replies.nth(number).wait_for()


def _loads(browser: "Browser", server: ApiServer) -> dict[str, Any]:
    loads: dict[str, list[dict[str, Any]]] = {"cold": [], "warm": []}
    for _ in range(LOADS):
        context = browser.new_context(locale="ko-KR")
        for found in loads.values():
            page = context.new_page()
            found.append(_load(page, server.url))
            page.close()
        context.close()
    return {
        name: {what: median(each[what] for each in found) for what in found[0]}
        for name, found in loads.items()
    }


def _load(page: "Page", url: str) -> dict[str, Any]:
    """Open the page; what came from the browser's own cache is neither a request nor a byte."""
    received: list[float] = []
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.add_init_script(_CLOCK)
    page.goto(url, wait_until="networkidle")
    sent = [size for size in received if size]
    usable = page.evaluate("clock.usable")
    return {
        "requests": len(sent),
        "kilobytes": round(sum(sent) / 1000, 1),
        "usable_ms": round(usable),
    }


def _replies(browser: "Browser", server: ApiServer, queries: list[str]) -> dict[str, Any]:
    page = browser.new_page(locale="ko-KR")
    _load(page, server.url)
    taken = []
    for query in queries:
        ask(page, query)
        taken.append(page.evaluate("clock.replied - clock.sent"))
    page.close()
    first, *later = taken
    return {
        "asks": len(taken),
        "first": round(first),
        "median": round(median(later)),
        "p90": round(quantiles(later, n=10)[-1]),
    }


if __name__ == "__main__":
    main()
