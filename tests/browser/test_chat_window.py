"""The chat window in a real browser, from a visitor's chair."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, CDPSession, expect

from mundap.chatbot.page.text import page_text
from mundap.chatbot.settings import ENGLISH, KOREAN
from mundap.index.faq.entry import FaqEntry
from tests.browser.chat_window import ChatWindow
from tests.chatbot.small_faq import ENTRIES, HOSTILE_ANSWER, build
from tests.store_rows import logged

pytestmark = pytest.mark.browser

FEE = ENTRIES[0]


def press(keyboard: CDPSession, kind: str, key: str, code: int, **more: Any) -> None:
    keyboard.send(
        "Input.dispatchKeyEvent",
        {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, **more},
    )


def compose(keyboard: CDPSession, *steps: str) -> None:
    """Type a syllable step by step, as a Korean input method does: ㅇ, 요."""
    for step in steps:
        press(keyboard, "rawKeyDown", "Process", 229)
        keyboard.send(
            "Input.imeSetComposition", {"text": step, "selectionStart": 1, "selectionEnd": 1}
        )


def test_enter_sends_a_question_once_and_gets_the_right_answer(window: ChatWindow) -> None:
    window.box.press_sequentially("배송비는 얼마인가요?")
    window.box.press("Enter")
    expect(window.answers).to_have_text([FEE.answer], use_inner_text=True)
    expect(window.questions).to_have_text(["배송비는 얼마인가요?"])
    window.expect_notes()
    expect(window.box).to_have_value("")


def test_enter_pressed_twice_sends_once(window: ChatWindow) -> None:
    window.box.fill("안녕하세요")
    window.box.press("Enter")
    window.box.press("Enter")
    expect(window.replies).to_have_count(1)
    window.ask("환불은 언제 되나요?")
    expect(window.questions).to_have_text(["안녕하세요", "환불은 언제 되나요?"])


def test_questions_in_quick_succession_are_all_answered(window: ChatWindow) -> None:
    """The second is sent before the first reply is back."""
    held = []
    window.page.route("**/run/predict", lambda route: held.append(route))
    for query in ("안녕하세요", "환불은 언제 되나요?"):
        window.box.fill(query)
        window.box.press("Enter")
        expect(window.questions.last).to_have_text(query)
    for number, route in enumerate(held, start=1):
        with window.page.expect_response("**/run/predict"):
            route.continue_()
        expect(window.replies).to_have_count(number)
    expect(window.questions).to_have_text(["안녕하세요", "환불은 언제 되나요?"])
    expect(window.answers).to_have_text(["반갑습니다!", "회수 후 3일 안에 환불돼요."])


def test_the_send_button_sends(window: ChatWindow) -> None:
    window.box.fill("안녕하세요")
    window.page.get_by_role("button", name="보내기").click()
    expect(window.answers).to_have_text(["반갑습니다!"])


def test_shift_enter_begins_a_new_line(window: ChatWindow) -> None:
    window.box.fill("배송비는")
    window.box.press("Shift+Enter")
    window.box.press_sequentially("얼마인가요?")
    expect(window.box).to_have_value("배송비는\n얼마인가요?")
    window.box.press("Enter")
    expect(window.questions).to_have_text(["배송비는\n얼마인가요?"], use_inner_text=True)
    expect(window.answers).to_have_text([FEE.answer], use_inner_text=True)


@pytest.mark.parametrize("query", ["", "   "])
def test_a_blank_question_is_not_sent(window: ChatWindow, query: str) -> None:
    window.box.fill(query)
    window.box.press("Enter")
    window.ask("안녕하세요")
    expect(window.questions).to_have_text(["안녕하세요"])


def test_an_enter_that_ends_a_syllable_sends_nothing_and_the_next_sends_once(
    window: ChatWindow,
) -> None:
    keyboard = window.keyboard()
    window.box.focus()
    keyboard.send("Input.insertText", {"text": "배송비는 얼마인가"})
    compose(keyboard, "ㅇ", "요")
    press(keyboard, "rawKeyDown", "Enter", 229)
    keyboard.send("Input.insertText", {"text": "요"})
    press(keyboard, "keyUp", "Enter", 13)
    expect(window.box).to_have_value("배송비는 얼마인가요")
    expect(window.questions).to_have_count(0)
    press(keyboard, "keyDown", "Enter", 13, text="\r")
    press(keyboard, "keyUp", "Enter", 13)
    expect(window.replies).to_have_count(1)
    expect(window.questions).to_have_text(["배송비는 얼마인가요"])
    expect(window.box).to_have_value("")


def test_an_enter_that_reaches_the_page_while_composing_sends_nothing(window: ChatWindow) -> None:
    """Some input methods pass the key on: without a guard it would send half a question."""
    keyboard = window.keyboard()
    window.box.focus()
    keyboard.send("Input.insertText", {"text": "안녕하세"})
    compose(keyboard, "ㅇ", "요")
    press(keyboard, "keyDown", "Enter", 13, text="\r")
    press(keyboard, "keyUp", "Enter", 13)
    keyboard.send("Input.insertText", {"text": "요"})
    expect(window.box).to_have_value("안녕하세요")
    window.box.press("Enter")
    expect(window.replies).to_have_count(1)
    expect(window.questions).to_have_text(["안녕하세요"])


def test_an_example_is_asked_and_answered(window: ChatWindow) -> None:
    expect(window.examples).to_have_count(4)
    window.examples.filter(has_text="환불은 언제 되나요?").click()
    expect(window.questions).to_have_text(["환불은 언제 되나요?"])
    expect(window.answers).to_have_text(["회수 후 3일 안에 환불돼요."])


def test_a_candidate_shows_its_question_and_the_answer_of_exactly_that_entry(
    window: ChatWindow,
) -> None:
    window.ask("배송비는 며칠 얼마")
    expect(window.answers).to_have_text([KOREAN.suggest])
    window.expect_notes()
    window.candidates.get_by_text(ENTRIES[1].question).click()
    expect(window.answers).to_have_text([KOREAN.suggest, ENTRIES[1].answer])
    expect(window.questions).to_have_text(["배송비는 며칠 얼마", ENTRIES[1].question])


def test_the_other_candidates_stay_at_hand_once_one_is_chosen(window: ChatWindow) -> None:
    window.ask("배송비는 며칠 얼마")
    window.candidates.get_by_text(ENTRIES[1].question).click()
    window.candidates.get_by_text(FEE.question).first.click()
    expect(window.answers).to_have_text(
        [KOREAN.suggest, ENTRIES[1].answer, FEE.answer], use_inner_text=True
    )


def test_an_unknown_question_gets_the_dont_know(window: ChatWindow) -> None:
    window.ask("우주 정거장")
    expect(window.answers).to_have_text([KOREAN.unknown])
    window.expect_notes()
    expect(window.candidates).to_have_count(0)


HOSTILE_QUERY = (
    "<script>alert('query')</script><img src=x onerror=alert('query')><b>굵게</b> "
    '**별** `코드` [링크](javascript:alert(1)) $x^2$ $$y$$ &lt;i&gt; <!-- 주석 --> src="/file=x"'
)


def test_html_markdown_and_latex_in_a_query_are_shown_as_text(window: ChatWindow) -> None:
    window.ask(HOSTILE_QUERY)
    expect(window.questions).to_have_text([HOSTILE_QUERY], use_inner_text=True)
    added = window.questions.locator("b, i, img, script, code, strong, em, a, .katex")
    expect(added).to_have_count(0)


def test_html_and_latex_in_a_faq_are_shown_as_text(window: ChatWindow) -> None:
    question = ENTRIES[6].question
    expect(window.examples.filter(has_text=question)).to_have_count(1)
    window.choose_category("기타 <i>")
    expect(window.page.locator("#category")).to_have_value("기타 <i>")
    window.ask("<b>굵은</b>")
    window.candidates.get_by_text(question, exact=True).click()
    expect(window.replies).to_have_count(2)
    window.ask(question)
    shown = (
        "<img src=\"/file=x\" onerror=\"alert('answer')\"><script>alert('answer')</script>\n"
        "# 제목 굵게 [누르기](javascript:alert(1)) $x^2$ $$y$$ &lt;b&gt;"
    )
    expect(window.answers.last.locator("p")).to_have_text(shown, use_inner_text=True)
    expect(window.answers.last.locator("th")).to_have_text(["표", "칸"])
    added = window.page.locator("#chat").locator(
        ":is(.answer, .asked) :is(b, i, img, script, h1, em, a, .katex), .option b, .example b"
    )
    expect(added).to_have_count(0)


def test_a_copy_is_the_answer_as_it_was_written(window: ChatWindow) -> None:
    window.ask(ENTRIES[6].question)
    window.button("복사").click()
    expect(window.button("복사했어요")).to_be_visible()
    expect(window.spoken).to_have_text("복사했어요")
    assert window.page.evaluate("navigator.clipboard.readText()") == HOSTILE_ANSWER


def test_a_copy_is_the_answer_where_the_browser_has_no_clipboard(
    browser: BrowserContext, url: str
) -> None:
    """Over plain HTTP it is copied out of a text area."""
    page = browser.new_page()
    page.add_init_script("delete Navigator.prototype.clipboard")
    page.add_init_script(
        "addEventListener('copy', () => { window.copied = String(document.activeElement.value) })"
    )
    window = ChatWindow(page)
    window.open(url)
    window.ask(ENTRIES[6].question)
    window.button("복사").click()
    page.wait_for_function("window.copied !== undefined")
    assert page.evaluate("window.copied") == HOSTILE_ANSWER
    page.close()


def test_ten_thousand_characters_are_refused_kindly(window: ChatWindow) -> None:
    window.ask("가" * 10_000)
    expect(window.answers).to_have_text(
        ["질문이 10,000자예요. 1,000자 안으로 줄여서 다시 물어봐 주세요."]
    )


def test_the_language_switch_changes_every_label_and_no_text_of_the_faq(window: ChatWindow) -> None:
    text = page_text("en")
    window.speak("English")
    page = window.page
    expect(page.locator("#subtitle")).to_have_text(text.subtitle)
    expect(page.locator("#new-chat")).to_have_text(text.new_chat)
    expect(page.locator("#welcome .greeting")).to_have_text(text.greeting)
    expect(window.box).to_have_attribute("placeholder", text.message)
    expect(page.get_by_role("button", name=text.send)).to_be_visible()
    expect(page.locator("#category option:checked")).to_have_text(text.all_categories)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(window.examples.first).to_have_text(FEE.question)
    window.ask("우주 정거장")
    window.ask("안녕하세요")
    expect(window.answers).to_have_text([ENGLISH.unknown, "반갑습니다!"])
    window.expect_notes(text.other_language)
    expect(window.button(text.again)).to_be_visible()


def test_a_running_conversation_changes_its_language(window: ChatWindow) -> None:
    window.ask("ghksqnf")
    window.speak("English")
    window.expect_notes("Searched for ‘환불’")
    window.speak("한국어")
    window.expect_notes("‘환불’로 찾았어요")
    expect(window.page.locator("html")).to_have_attribute("lang", "ko")
    expect(window.button("다시 묻기")).to_be_visible()


def test_what_the_bot_itself_said_changes_its_language_and_no_text_of_the_faq(
    window: ChatWindow,
) -> None:
    window.ask("우주 정거장")
    window.ask("unknown words here")
    window.ask("환불은 언제 되나요?")
    window.speak("English")
    expect(window.answers).to_have_text([ENGLISH.unknown, ENGLISH.unknown, ENTRIES[3].answer])
    expect(window.answers.first).to_have_attribute("lang", "en")
    expect(window.answers.last).to_have_attribute("lang", "ko")
    window.reload()
    expect(window.answers.first).to_have_text(ENGLISH.unknown)
    window.speak("한국어")
    expect(window.answers).to_have_text([KOREAN.unknown, ENGLISH.unknown, ENTRIES[3].answer])
    expect(window.answers.first).to_have_attribute("lang", "ko")


def test_visitors_are_told_no_reasons_and_no_percentage(window: ChatWindow) -> None:
    window.ask("환불은 언제 되나요?")
    window.ask("ghksqnfdms djswp ehlskdy?")
    window.expect_notes("‘환불은 언제 되나요?’로 찾았어요", "찾은 질문: 환불은 언제 되나요?")
    expect(window.reasons).to_have_count(0)


def test_a_category_limits_the_answers_and_a_retry_asks_again_without(window: ChatWindow) -> None:
    window.choose_category("쿠폰")
    window.ask("배송비는 얼마인가요?")
    expect(window.answers).to_have_text([KOREAN.unknown])
    window.choose_category("전체")
    window.button("다시 묻기").click()
    expect(window.answers).to_have_text([FEE.answer], use_inner_text=True)
    expect(window.questions).to_have_count(1)


def test_a_new_chat_begins_empty(window: ChatWindow) -> None:
    window.ask("안녕하세요")
    window.page.locator("#new-chat").click()
    expect(window.questions).to_have_count(0)
    expect(window.examples).to_have_count(4)
    window.ask("환불은 언제 되나요?")
    expect(window.questions).to_have_text(["환불은 언제 되나요?"])


def test_two_visitors_do_not_see_each_other(window: ChatWindow, browser: BrowserContext) -> None:
    window.ask("안녕하세요")
    other = ChatWindow(browser.new_page())
    other.open(window.page.url)
    other.ask("환불은 언제 되나요?")
    expect(other.questions).to_have_text(["환불은 언제 되나요?"])
    other.page.close()
    window.ask("쿠폰은 어디에 등록하나요?")
    expect(window.questions).to_have_text(["안녕하세요", "쿠폰은 어디에 등록하나요?"])


def test_thumbs_are_kept_in_the_log(window: ChatWindow, home: Path) -> None:
    window.ask("우주 정거장")
    window.ask("환불은 언제 되나요? 010-1234-5678")
    for label in ("좋아요", "싫어요"):
        with window.page.expect_response("**/run/predict"):
            window.button(label).click()
        expect(window.button(label)).to_have_attribute("aria-pressed", "true")
    window.ask("안녕하세요")
    expect(window.page.get_by_role("button", name="싫어요").nth(1)).to_have_attribute(
        "aria-pressed", "true"
    )
    last = logged(home / "home" / "bundled", "환불은 언제 되나요? [phone]", reactions=2)
    assert [each.value for each in last.reactions][-2:] == ["up", "down"]
    assert (last.exchange.channel, last.exchange.kind) == ("page", "suggest")


def test_what_is_asked_in_one_conversation_shares_a_name(window: ChatWindow, home: Path) -> None:
    window.ask("우주 정거장 하나")
    window.reload()
    window.ask("우주 정거장 둘")
    window.page.get_by_role("button", name=page_text("ko").new_chat).click()
    window.ask("우주 정거장 셋")
    names = [
        logged(home / "home" / "bundled", f"우주 정거장 {number}").exchange.conversation
        for number in ("하나", "둘", "셋")
    ]
    assert names[0] == names[1] != names[2]
    assert all(re.fullmatch("[0-9a-f]{24}", str(name)) for name in names)


@pytest.mark.usefixtures("small_index")
def test_a_rebuild_is_picked_up_by_an_open_page(window: ChatWindow, home: Path) -> None:
    window.ask("배송비는 얼마인가요?")
    free = replace(FEE, answer="이제 배송비를 받지 않아요.")
    gift = FaqEntry("gift-1", "선물 포장이 되나요?", "네, 무료예요.", (), "선물")
    build(home / "index", (free, *ENTRIES[1:], gift))
    for _ in range(20):  # the first replies may still come from the old generation
        window.ask("배송비는 얼마인가요?")
        if window.answers.last.inner_text() == free.answer:
            break
    expect(window.answers.last).to_have_text(free.answer)
    window.ask("선물 포장이 되나요?")
    expect(window.answers.last).to_have_text("네, 무료예요.")
    window.reload()
    window.choose_category("선물")


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (320, "light")])
def test_a_phone_shows_everything_without_scrolling_sideways(
    window: ChatWindow, width: int, scheme: Any
) -> None:
    page = window.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 700})
    for query in (
        "배송비는 며칠 얼마",
        ENTRIES[6].question,
        "가나다" * 300,
        "https://" + "a" * 300,
    ):
        window.ask(query)
    window.ask("배송비는 며칠 얼마")
    for part in (window.box, page.get_by_role("button", name="보내기"), window.candidates.last):
        expect(part).to_be_in_viewport(ratio=1)
    wider = "[...document.querySelectorAll('body, body *')].filter(e => e.scrollLeft > 0 || "
    wider += "e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 90))"
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(wider) == []


def test_the_page_is_gradios_but_does_not_say_so(window: ChatWindow) -> None:
    expect(window.page).to_have_title("문답")
    expect(window.page.locator("footer")).to_have_count(0)
