"""From an Excel file of 80 questions to a mended answer that a visitor sees, in one sitting."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from mundap.chatbot.home.bundled import bundled_path
from mundap.index.faq.entry import read_faq, write_faq
from tests.browser.chat_window import ChatWindow
from tests.browser.conftest import new_page
from tests.store_rows import logged

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
OWNER, PASSWORD = "김하나", "하나몰의 긴 비밀번호"
QUERY, QUESTION = "비번 까먹었어", "비밀번호를 잊어버렸어요"
ANSWER = "로그인 화면의"
# docs/owner.md and owner.ko.md tell this number.
CLICKS = 5
SECONDS = 300


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """Add an owner and start a server on an Excel file, as a shell would; yield its address."""
    entries = [replace(entry, alternates=()) for entry in read_faq(bundled_path("faq"))[:80]]
    write_faq(entries, folder / "faq.xlsx")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    given = {"PYTHONPATH": str(ROOT), "MUNDAP_HOME": str(folder / "home")}
    environment = {**os.environ, **given}
    mundap = [sys.executable, "-P", "-m", "mundap.cli"]
    faq = ["--faq", str(folder / "faq.xlsx")]
    subprocess.run(
        [*mundap, "owner", "add", OWNER, "--password-stdin", *faq],
        input=PASSWORD,
        text=True,
        check=True,
        env=environment,
    )
    server = subprocess.Popen([*mundap, "serve", "--port", port, *faq], env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + SECONDS
        while not answers(url):
            assert server.poll() is None, "the server has ended"
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.5)
        yield url
    finally:
        server.terminate()
        server.wait(60)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_an_owner_mends_an_answer_with_five_clicks(browser: BrowserContext, tmp_path: Path) -> None:
    with started(tmp_path) as url:
        visitor = ChatWindow(new_page(browser))
        visitor.open(url)
        visitor.ask(QUERY)
        expect(visitor.replies).not_to_contain_text(ANSWER)
        # An owner comes later than the half second that the store gathers what happened.
        [home] = (tmp_path / "home").glob("faq-*/")
        logged(home, QUERY)
        clicks = 0

        def click(wanted: Locator) -> None:
            nonlocal clicks
            wanted.click(timeout=60_000)
            clicks += 1

        page = new_page(browser)
        page.goto(f"{url}/admin")
        page.locator("[name=name]").fill(OWNER)
        page.locator("[name=password]").fill(PASSWORD)
        click(page.get_by_role("button", name="들어가기"))
        click(page.get_by_role("link", name="답을 못 찾은 질문"))
        card = page.locator("section.group").filter(has=page.get_by_role("heading", name=QUERY))
        click(card.get_by_role("button", name=f"표현으로 더하기: {QUESTION}"))
        click(page.get_by_role("link", name="게시하러 가기"))
        click(page.get_by_role("button", name="게시하기"))
        expect(page.get_by_text("판을 게시했어요")).to_be_visible(timeout=SECONDS * 1000)

        visitor.ask(QUERY)
        expect(visitor.replies.last).to_contain_text(ANSWER)
        page.close()
        visitor.page.close()
    assert clicks == CLICKS
