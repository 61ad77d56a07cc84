"""What stands folded under a reply: why it is the answer."""

import pytest
from playwright.sync_api import expect

from mundap.chatbot.page.reasons import reasons_text
from tests.browser.chat_window import ChatWindow
from tests.chatbot.small_faq import ENTRIES

pytestmark = pytest.mark.browser

REFUND = ENTRIES[3]


@pytest.fixture
def window(owners_window: ChatWindow) -> ChatWindow:
    """A page that tells reasons."""
    return owners_window


def test_a_query_on_the_wrong_keyboard_finds_what_was_meant_and_says_so(
    window: ChatWindow,
) -> None:
    window.ask("ghksqnf")
    expect(window.notes.first).to_have_text("‘환불’로 찾았어요")
    expect(window.candidates.first).to_have_text(REFUND.question)
    rows = window.reasons.locator("dl")
    expect(rows).to_be_hidden()
    window.reasons.get_by_text("왜 이 답인가요?").click()
    expect(rows).to_be_visible()
    expect(rows.locator("dt")).to_have_text(
        ["한/영 자판 바꿈", "가장 가까운 질문", "순위", "겹치는 낱말", "맞을 확률"]
    )
    expect(rows.locator("dd").nth(0)).to_have_text("ghksqnf → 환불")
    expect(rows.locator("dd").nth(1)).to_have_text(REFUND.question)
    expect(rows.locator("dd").nth(3)).to_have_text("환불")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_reasons_open_and_close_by_keyboard(window: ChatWindow, key: str) -> None:
    window.ask("ghksqnf")
    summary = window.reasons.locator("summary")
    for is_open in (True, False):
        summary.press(key)
        expect(window.reasons).to_have_js_property("open", is_open)
    expect(window.replies).to_have_count(1)


def test_what_is_unfolded_comes_into_sight(window: ChatWindow) -> None:
    for _ in range(3):
        window.ask("환불은 언제 되나요?")
    window.page.wait_for_timeout(600)  # the conversation glides to its end
    window.reasons.last.locator("summary").click()
    expect(window.reasons.last.locator("dd").last).to_be_in_viewport(ratio=1)


def test_reasons_stay_open_while_the_conversation_goes_on(window: ChatWindow) -> None:
    window.ask("환불은 언제 되나요?")
    window.reasons.locator("summary").click()
    window.ask("쿠폰은 어디에 등록하나요?")
    expect(window.reasons.first).to_have_js_property("open", True)
    expect(window.reasons.last).to_have_js_property("open", False)


def test_reasons_follow_the_language_of_the_page(window: ChatWindow) -> None:
    window.ask("ghksqnfdms djswp ehlskdy?")
    window.speak("English")
    expect(window.notes.first).to_have_text("Searched for ‘환불은 언제 되나요?’")
    text = reasons_text("en")
    expect(window.reasons.locator("summary")).to_have_text(text.summary)
    expect(window.reasons.locator("dt").first).to_have_text(text.steps["keyboard layout"])


def test_html_in_a_repaired_query_is_shown_as_text(window: ChatWindow) -> None:
    typed = "<b>환불은</b> ㅋㅋㅋㅋ 언제 되나요? <img src=x onerror=alert(1)>"
    window.ask(typed)
    expect(window.notes.first).to_contain_text("<b>환불은</b> ㅋㅋ 언제")
    expect(window.page.locator("#chat .note :is(b, img)")).to_have_count(0)


def test_small_talk_carries_no_percentage(window: ChatWindow) -> None:
    window.ask("안녕하세요")
    window.expect_notes()
    window.ask("환불은 언제 되나요?")
    window.expect_notes("찾은 질문: 환불은 언제 되나요? · 맞을 확률 99%")
