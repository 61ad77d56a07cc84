"""A conversation outlives a reload and a server that is away, and goes on paper whole."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from mundap.chatbot.page.text import page_text
from mundap.chatbot.settings import KOREAN
from mundap.index.encoders.encoder import Encoder
from tests.browser.chat_window import ChatWindow
from tests.browser.conftest import new_page, opened, page_site
from tests.chatbot.small_faq import ENTRIES
from tests.security.conftest import serve
from tests.served_bundle import served_bundle

pytestmark = pytest.mark.browser

KO = page_text("ko")
QUERIES = ["배송비는 얼마인가요?", "배송비는 며칠 얼마", "우주 정거장"]
CALLS = "**/run/predict"


def asked_while_away(browser: BrowserContext, url: str) -> ChatWindow:
    """Open the page, ask, and ask again once the server cannot be reached."""
    window = ChatWindow(new_page(browser))
    window.open(url)
    window.ask(QUERIES[0])
    window.page.route(CALLS, lambda route: route.abort())
    window.box.fill(QUERIES[2])
    window.box.press("Enter")
    waiting = window.page.locator("#chat .reply[aria-busy=true] .answer")
    expect(waiting).to_have_text(KO.away)
    return window


def test_a_reload_keeps_the_conversation_with_its_thumbs(window: ChatWindow) -> None:
    for query in QUERIES:
        window.ask(query)
    window.page.get_by_role("button", name=KO.up).first.click()
    expect(window.page.get_by_role("button", name=KO.up).first).to_have_attribute(
        "aria-pressed", "true"
    )
    answers = window.answers.all_inner_texts()
    window.reload()
    expect(window.questions).to_have_text(QUERIES)
    assert window.answers.all_inner_texts() == answers
    expect(window.page.get_by_role("button", name=KO.up).first).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(window.examples.first).to_be_hidden()
    window.candidates.get_by_text(ENTRIES[1].question).click()
    expect(window.answers.last).to_have_text(ENTRIES[1].answer)


def test_a_new_chat_is_forgotten_by_the_browser_too(window: ChatWindow) -> None:
    window.ask(QUERIES[0])
    window.page.locator("#new-chat").click()
    window.reload()
    expect(window.examples.first).to_be_visible()
    expect(window.questions).to_have_count(0)


def test_another_tab_begins_anew(window: ChatWindow, browser: BrowserContext, url: str) -> None:
    window.ask(QUERIES[0])
    with opened(browser, url) as other:
        expect(other.questions).to_have_count(0)


def test_an_owner_may_have_nothing_kept(browser: BrowserContext, tmp_path: Path) -> None:
    settings = {"page": {"keep_conversation": False}}
    with page_site(tmp_path, settings) as served, opened(browser, served.url) as window:
        window.ask(QUERIES[0])
        stored = "Object.keys(sessionStorage).filter(name => name.startsWith('mundap'))"
        assert window.page.evaluate(stored) == []
        window.reload()
        expect(window.examples.first).to_be_visible()
        expect(window.questions).to_have_count(0)


def test_a_question_is_asked_again_once_the_server_is_back(
    browser: BrowserContext, url: str
) -> None:
    window = asked_while_away(browser, url)
    page, waiting = window.page, window.page.locator("#chat .reply[aria-busy=true] .answer")
    expect(window.spoken).to_have_text(KO.away)
    # Neither gradio nor the browser says anything of its own, in whatever language.
    expect(page.locator(".toast-wrap > *, .toast-body")).to_have_count(0)
    page.unroute(CALLS)
    expect(window.answers.last).to_have_text(KOREAN.unknown)
    expect(waiting).to_have_count(0)
    page.close()


def test_a_question_outlives_a_reload_while_the_server_is_away(
    browser: BrowserContext, url: str
) -> None:
    window = asked_while_away(browser, url)
    page = window.page
    page.unroute(CALLS)
    window.reload()
    expect(window.questions).to_have_text([QUERIES[0], QUERIES[2]])
    expect(window.answers.last).to_have_text(KOREAN.unknown)
    page.close()


@pytest.mark.slow
def test_a_server_that_is_killed_and_started_again_loses_nothing(
    browser: BrowserContext, tmp_path: Path, default_encoder: Encoder
) -> None:
    index = served_bundle(tmp_path / "index", default_encoder)
    page = new_page(browser)
    window = ChatWindow(page)
    with serve(tmp_path / "first", index) as first:
        window.open(f"{first.client.base_url}/")
        window.ask("배송비 얼마예요?")
        answer = window.answers.first.inner_text()
    window.box.fill("환불 언제 되나요?")
    window.box.press("Enter")
    expect(page.locator("#chat .reply[aria-busy=true] .answer")).to_have_text(KO.away)
    with serve(tmp_path / "second", index, port=first.client.base_url.port):
        expect(window.replies).to_have_count(2, timeout=30_000)
        expect(window.answers.first).to_have_text(answer)
        expect(window.questions).to_have_text(["배송비 얼마예요?", "환불 언제 되나요?"])
        window.ask("쿠폰은 어디에 등록하나요?")
    page.close()


def test_a_server_that_fails_is_told_in_words_and_can_be_asked_again(
    browser: BrowserContext, url: str
) -> None:
    page = new_page(browser)
    window = ChatWindow(page)
    window.open(url)

    def fail(route: Route) -> None:
        route.fulfill(status=500, body="{}")

    page.route(CALLS, fail)
    window.box.fill(QUERIES[2])
    window.box.press("Enter")
    expect(page.locator("#chat .answer")).to_have_text(KO.failed)
    page.unroute(CALLS)
    window.button(KO.again).click()
    expect(window.answers).to_have_text([KOREAN.unknown])
    page.close()


def test_the_whole_conversation_is_saved(window: ChatWindow) -> None:
    for query in QUERIES:
        window.ask(query)
    window.page.locator("#more > summary").click()
    with window.page.expect_download() as download:
        window.page.get_by_role("button", name=KO.save).click()
    assert re.fullmatch(r"문답-\d{4}-\d\d-\d\d\.txt", download.value.suggested_filename)
    saved = download.value.path().read_text(encoding="utf-8")
    for query in QUERIES:
        assert f"나: {query}\n문답: " in saved
    assert f"문답: {ENTRIES[0].answer}\n" in saved
    assert f"  · {ENTRIES[1].question}\n" in saved
    assert saved.rstrip().endswith(KOREAN.unknown)


def test_the_whole_conversation_is_printed(window: ChatWindow) -> None:
    for _ in range(8):
        for query in QUERIES[:2]:
            window.ask(query)
    assert len(re.findall(rb"/Type\s*/Page\b", window.page.pdf(format="A5"))) > 1
    window.page.emulate_media(media="print")
    chat = window.page.locator("#chat")
    assert chat.evaluate("e => e.scrollHeight <= e.clientHeight + 1")
    assert chat.evaluate("e => document.documentElement.scrollHeight >= e.clientHeight")
    for part in ("#foot", "#new-chat", "#chat .buttons >> nth=0"):
        expect(window.page.locator(part)).to_be_hidden()


def test_print_is_asked_of_the_browser(window: ChatWindow) -> None:
    window.page.evaluate("window.print = () => { window.printed = true }")
    window.page.locator("#more > summary").click()
    window.page.get_by_role("button", name=KO.print).click()
    assert window.page.evaluate("window.printed")
