import asyncio
import gc
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from mundap.chatbot.api.serving.server import page_of
from tests.browser.chat_window import ChatWindow
from tests.chatbot.api_site import Site, site
from tests.chatbot.small_faq import build

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with `index` and `home` that the page serves from."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def url(home: Path) -> Iterator[str]:
    """The address of a page over the small FAQ, served by this process."""
    with page_site(home) as served:
        yield served.url


@contextmanager
def page_site(
    directory: Path, chat: dict[str, Any] | None = None, **settings: Any
) -> Iterator[Site]:
    """Serve the page over the small FAQ with these settings until the end of the block."""
    with warnings.catch_warnings():
        # gradio opens event loops here that it never closes.
        warnings.simplefilter("ignore", ResourceWarning)
        with site(directory, chat, page=page_of, **settings) as served:
            asyncio.set_event_loop(None)
            gc.collect()
            yield served


CONTACT = {
    "telephone": "1600-0000",
    "email": "help@example.kr",
    "link": "https://example.kr/desk",
    "form": "https://example.kr/ask",
    "hours": "평일 9~18시",
}


@pytest.fixture(scope="session")
def owners_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page on which everything is switched on."""
    folder = tmp_path_factory.mktemp("owner")
    logo = folder / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "utf-8")
    page = {
        "reasons": True,
        "similarity_tab": True,
        "colour": "#0f766e",
        "logo": logo,
        "subtitle": "하나도서관",
        "greeting": "어서 오세요",
        "greeting_en": "Welcome",
        "starters": ("몇 시에 여나요?", "환불은 언제 되나요?"),
    }
    with page_site(folder, {"contact": CONTACT, "page": page}) as served:
        yield served.url


@pytest.fixture(scope="session")
def browser(url: str) -> Iterator[BrowserContext]:
    """A Korean visitor's browser; its pages share the cache and nothing of a conversation."""
    if not Path(CHROMIUM).exists() and "CI" not in os.environ:
        pytest.skip(f"{CHROMIUM} is missing; install Debian's package chromium.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = chromium.new_context(locale="ko-KR", viewport={"width": 1000, "height": 800})
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url.rstrip("/"))
        context.set_default_timeout(10_000)
        # As long as everything else; a busy machine takes its time.
        expect.set_options(timeout=10_000)
        yield context
        chromium.close()


@pytest.fixture(autouse=True)
def _without_cookies(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let no owner of one test be logged in for the next."""
    yield
    if "browser" in request.fixturenames:
        request.getfixturevalue("browser").clear_cookies()


@pytest.fixture
def window(browser: BrowserContext, url: str) -> Iterator[ChatWindow]:
    """An open chat window; nothing on it may fail or leave this machine."""
    with opened(browser, url) as window:
        yield window


@pytest.fixture
def owners_window(browser: BrowserContext, owners_url: str) -> Iterator[ChatWindow]:
    """The same where everything is switched on."""
    with opened(browser, owners_url) as window:
        yield window


@contextmanager
def opened(browser: BrowserContext, url: str) -> Iterator[ChatWindow]:
    """Open the page until the end of the block; nothing on it may fail or leave this machine."""
    page = new_page(browser)
    troubles = watch(page)
    window = ChatWindow(page)
    window.open(url)
    yield window
    page.close()
    assert troubles == []


def new_page(browser: BrowserContext) -> Page:
    """Return a page of a visitor who was never here: a language once chosen is kept otherwise."""
    page = browser.new_page()
    page.add_init_script("sessionStorage.opened ?? localStorage.clear(); sessionStorage.opened = 1")
    return page


@pytest.fixture
def small_index(home: Path) -> Iterator[None]:
    """Leave the small FAQ behind for the next test, whatever this one builds."""
    yield
    build(home / "index")


def violations(page: Page) -> list[str]:
    """Return what axe-core finds on a page once its styles are there, a line each."""
    page.wait_for_load_state()
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]


def watch(page: Page) -> list[str]:
    """Return a list to which everything is added that should not happen on a page."""
    troubles: list[str] = []

    def on_console(line: ConsoleMessage) -> None:
        if line.type in {"error", "warning"}:
            troubles.append(f"{line.type}: {line.text}")

    def on_dialog(dialog: Dialog) -> None:
        troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def on_request(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme != "data" and address.hostname != "127.0.0.1":
            troubles.append(f"left this machine: {request.url}")

    def on_failure(request: Request) -> None:
        # Who leaves a page at once waits for nothing; an upload's line of progress ends with it.
        if request.failure != "net::ERR_ABORTED" and "/upload_progress?" not in request.url:
            troubles.append(f"{request.failure}: {request.url}")

    def on_response(response: Response) -> None:
        if response.status >= 400:
            troubles.append(f"{response.status}: {response.url}")

    page.on("console", on_console)
    page.on("dialog", on_dialog)
    page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
    page.on("request", on_request)
    page.on("requestfailed", on_failure)
    page.on("response", on_response)
    return troubles
