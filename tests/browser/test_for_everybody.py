"""The page for everybody: axe-core on every state, a screen reader's tree, keys, small screens."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from mundap.chatbot.page.text import page_text
from tests.browser.chat_window import ChatWindow
from tests.browser.conftest import opened, violations
from tests.chatbot.small_faq import ENTRIES

pytestmark = pytest.mark.browser

KO, EN = page_text("ko"), page_text("en")


def start(window: ChatWindow) -> None:
    expect(window.examples.first).to_be_visible()


def menus(window: ChatWindow) -> None:
    window.page.get_by_text(KO.contact).click()
    window.page.locator("#more").evaluate("menu => { menu.open = true }")


def answered(window: ChatWindow) -> None:
    window.ask("환불은 언제 되나요?")
    window.reasons.locator("summary").click()
    window.page.get_by_role("button", name=KO.up).click()
    expect(window.page.get_by_role("button", name=KO.up)).to_have_attribute("aria-pressed", "true")


def offered(window: ChatWindow) -> None:
    window.ask("배송비는 며칠 얼마")
    window.button(KO.none).click()
    expect(window.button(KO.none)).to_have_attribute("aria-pressed", "true")


def unknown(window: ChatWindow) -> None:
    window.ask("우주 정거장")
    window.button(KO.down).click()
    expect(window.page.locator("#chat form")).to_be_visible()


def marked_up(window: ChatWindow) -> None:
    window.ask(ENTRIES[6].question)
    expect(window.answers.locator("table")).to_be_visible()


def comparing(window: ChatWindow) -> None:
    window.page.get_by_role("tab", name="문장 비교").click()
    window.page.get_by_role("button", name="비교하기", exact=True).click()
    expect(window.page.get_by_role("alert")).to_be_visible()


def english(window: ChatWindow) -> None:
    window.ask("환불은 언제 되나요?")
    window.ask("배송비는 며칠 얼마")
    window.speak("English")
    expect(window.page.get_by_role("button", name=EN.send)).to_be_visible()


def away(window: ChatWindow) -> None:
    window.page.route("**/run/predict", lambda route: None)
    window.box.fill("배송비는 얼마인가요?")
    window.box.press("Enter")
    expect(window.page.locator("#chat .dots")).to_be_visible()


STATES = (start, menus, answered, offered, unknown, marked_up, english, away, comparing)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(
    owners_window: ChatWindow, state: Callable[[ChatWindow], None], scheme: Any
) -> None:
    owners_window.page.emulate_media(color_scheme=scheme)
    owners_window.open(owners_window.page.url)
    dark = owners_window.page.locator("body.dark")
    expect(dark).to_have_count(int(scheme == "dark"))
    state(owners_window)
    assert violations(owners_window.page) == []


@pytest.mark.parametrize("size", [(390, 700), (320, 256), (700, 320)])
def test_axe_finds_nothing_on_small_screens(
    owners_window: ChatWindow, size: tuple[int, int]
) -> None:
    owners_window.page.set_viewport_size({"width": size[0], "height": size[1]})
    for state in (start, offered, unknown):
        state(owners_window)
        assert violations(owners_window.page) == []


def test_axe_finds_nothing_where_more_contrast_is_wanted(window: ChatWindow) -> None:
    for options in ({"contrast": "more"}, {"forced_colors": "active"}):
        window.page.emulate_media(**options)  # type: ignore[arg-type]
        window.ask("배송비는 며칠 얼마")
        assert violations(window.page) == []


def test_a_screen_readers_tree_tells_who_said_what_and_what_can_be_done(
    window: ChatWindow,
) -> None:
    window.ask("배송비는 며칠 얼마")
    tree = window.page.locator("#chat").aria_snapshot()
    assert tree.splitlines() == [
        f'- region "{KO.conversation}":',
        "  - 'article \"질문: 배송비는 며칠 얼마\"':",
        '    - text: "나: 배송비는 며칠 얼마 문답:"',
        "    - paragraph: 혹시 아래 질문 중에 찾으시는 것이 있나요?",
        f'    - group "{KO.offered}":',
        '      - button "배송비는 얼마인가요?"',
        '      - button "배송은 며칠 걸리나요?"',
        f'      - button "{KO.none}"',
        f'    - group "{KO.about_reply}":',
        f'      - button "{KO.copy}"',
        f'      - button "{KO.up}"',
        f'      - button "{KO.down}"',
        f'      - button "{KO.again}"',
    ]


def test_a_visitor_with_a_screen_reader_asks_hears_chooses_and_rates(window: ChatWindow) -> None:
    page = window.page
    page.get_by_role("textbox", name=KO.message).fill("배송비는 며칠 얼마")
    page.get_by_role("button", name=KO.send).press("Enter")
    expect(page.get_by_role("status").first).to_have_text(
        "혹시 아래 질문 중에 찾으시는 것이 있나요? 고를 수 있는 질문 2개가 있어요."
    )
    page.get_by_role("button", name=ENTRIES[1].question).press("Enter")
    expect(page.get_by_role("status").first).to_contain_text(ENTRIES[1].answer)
    page.get_by_role("button", name=KO.up).last.press("Space")
    pressed = page.get_by_role("button", name=KO.up, pressed=True)
    expect(pressed).to_have_count(1)
    expect(pressed).to_be_focused()


def test_the_languages_are_one_group_that_arrows_move_in(window: ChatWindow) -> None:
    expect(window.page.get_by_role("radiogroup", name=KO.language)).to_be_visible()
    korean = window.page.get_by_role("radio", name="한국어")
    english = window.page.get_by_role("radio", name="English")
    expect(korean).to_be_checked()
    korean.focus()
    window.page.keyboard.press("ArrowRight")
    expect(english).to_be_checked()
    expect(window.page.locator("html")).to_have_attribute("lang", "en")
    window.page.keyboard.press("Tab")
    expect(english).not_to_be_focused()
    expect(korean).not_to_be_focused()


def test_keys_go_through_the_page_in_the_order_that_is_seen(owners_window: ChatWindow) -> None:
    page = owners_window.page
    page.locator("#languages input:checked").focus()
    met = []
    for _ in range(9):
        page.keyboard.press("Tab")
        met.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    tabs = ["chat-tab-button", "sts-button"]
    starters = ["몇 시에 여나요?", "환불은 언제 되나요?"]
    assert met == [KO.contact, "new-chat", "⋯", *tabs, "chat", *starters, "category"]
    page.keyboard.press("Tab")
    expect(owners_window.box).to_be_focused()


def test_nothing_lies_over_the_input_once_the_categories_are_left(window: ChatWindow) -> None:
    window.box.focus()
    window.page.keyboard.press("Shift+Tab")
    expect(window.page.locator("#category")).to_be_focused()
    window.page.keyboard.press("Shift+Tab")
    above = window.box.evaluate(
        "e => { const box = e.getBoundingClientRect();"
        " return document.elementFromPoint(box.x + box.width / 2, box.y + 9) === e }"
    )
    assert above


def test_the_focus_is_on_the_new_answer_once_a_candidate_is_chosen(window: ChatWindow) -> None:
    window.ask("배송비는 며칠 얼마")
    window.candidates.first.press("Enter")
    expect(window.replies).to_have_count(2)
    expect(window.page.locator("#chat .turn").last).to_be_focused()
    window.page.keyboard.press("Tab")
    expect(window.button(KO.copy)).to_be_focused()


@pytest.mark.parametrize("size", [(320, 256), (390, 700), (1000, 800)])
def test_every_target_is_large_enough_to_be_hit(
    owners_window: ChatWindow, size: tuple[int, int]
) -> None:
    window = owners_window
    window.page.set_viewport_size({"width": size[0], "height": size[1]})
    answered(window)
    offered(window)
    unknown(window)
    menus(window)
    small = window.page.evaluate(
        """() => [...document.querySelectorAll(
            "#talk :is(button, select, textarea, summary, label, a, [type=text]),"
            + "#head :is(button, summary, label, a)")].filter((one) => one.checkVisibility())
            .map((one) => [one.textContent, one.getBoundingClientRect()])
            .filter(([, box]) => box.width < 24 || box.height < 24)
            .map(([text, box]) => `${text} ${box.width}x${box.height}`)"""
    )
    assert small == []


@pytest.mark.parametrize("size", [(320, 256), (640, 320)])
def test_the_conversation_stays_visible_on_the_smallest_screens(
    window: ChatWindow, size: tuple[int, int]
) -> None:
    window.page.set_viewport_size({"width": size[0], "height": size[1]})
    window.ask("환불은 언제 되나요?")
    expect(window.box).to_be_in_viewport(ratio=1)
    box = window.page.locator("#chat").bounding_box()
    assert box is not None
    assert box["height"] > 0.5 * size[1]
    expect(window.questions.last).to_be_in_viewport(ratio=1)
    assert window.page.evaluate("document.documentElement.scrollWidth") == size[0]


@pytest.mark.parametrize(("locale", "lang"), [("en-US", "en"), ("ko-KR", "ko"), ("fr-FR", "ko")])
def test_the_page_speaks_the_browsers_language(
    browser: BrowserContext, url: str, locale: str, lang: str
) -> None:
    chromium = browser.browser
    assert isinstance(chromium, Browser)
    context = chromium.new_context(locale=locale)
    window = ChatWindow(context.new_page())
    window.open(url)
    expect(window.page.locator("html")).to_have_attribute("lang", lang)
    expect(window.box).to_have_attribute("placeholder", page_text(lang).message)  # type: ignore[arg-type]
    context.close()


def test_the_choice_of_a_language_is_kept(browser: BrowserContext, url: str) -> None:
    with opened(browser, url) as window:
        window.speak("English")
        expect(window.page.locator("#subtitle")).to_have_text(EN.subtitle)
        window.reload()
        expect(window.page.locator("#subtitle")).to_have_text(EN.subtitle)


def test_a_korean_answer_is_marked_as_korean_on_an_english_page(window: ChatWindow) -> None:
    window.speak("English")
    window.ask("환불은 언제 되나요?")
    expect(window.answers).to_have_attribute("lang", "ko")
    window.expect_notes(EN.other_language)
    window.ask("Where is the space station?")
    expect(window.answers.last).to_have_attribute("lang", "en")


# gradio's field for a file, on the second tab, has a name in English alone.
@pytest.mark.parametrize("state", STATES[:-1])
def test_every_name_is_in_the_language_of_the_page(
    owners_window: ChatWindow, state: Callable[[ChatWindow], None]
) -> None:
    state(owners_window)
    names = owners_window.page.evaluate(
        """() => ["aria-label", "title", "placeholder", "alt"].flatMap((name) =>
            [...document.querySelectorAll(`body [${name}]`)].filter((one) => one.checkVisibility())
                .map((one) => one.getAttribute(name)).filter(Boolean))"""
    )
    wrong = "[ㄱ-ㅎ가-힣]" if state is english else "[A-Za-z]"
    queries = re.compile("^(질문|Question): ")
    assert [name for name in names if re.search(wrong, name) and not queries.match(name)] == []


def test_the_page_wears_what_its_owner_chose(owners_window: ChatWindow) -> None:
    page = owners_window.page
    expect(page.locator("#subtitle")).to_have_text("하나도서관")
    expect(page.locator("#welcome .greeting")).to_have_text("어서 오세요")
    expect(owners_window.examples).to_have_text(["몇 시에 여나요?", "환불은 언제 되나요?"])
    expect(page.locator("#send")).to_have_css("background-color", "rgb(15, 118, 110)")
    expect(page.locator("#head h1 img")).to_have_attribute("src", re.compile("^data:image/svg"))
    icon = page.locator("link[rel=icon]").first
    expect(icon).to_have_attribute("href", re.compile(r"^data:image/svg\+xml;base64,"))
    owners_window.speak("English")
    expect(page.locator("#welcome .greeting")).to_have_text("Welcome")
