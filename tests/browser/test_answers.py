"""Answers in a real browser: what helps is a link, and nothing that is written ever runs."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from mundap.chatbot.answer_html import answer_html
from mundap.index.faq.entry import FaqEntry
from tests.browser.chat_window import ChatWindow
from tests.browser.conftest import new_page, opened, page_site, watch
from tests.chatbot.small_faq import ENTRIES, build

pytestmark = pytest.mark.browser

LINKS = (
    "[연장하기](https://lib.example.kr/renew) 또는 https://lib.example.kr 에서 하세요.\n\n"
    "- 전화: 1600-0000\n- 메일: help@example.kr\n\n"
    "| 요일 | 시간 |\n|---|---|\n| 평일 | **9~18시** |\n\n`*#21#` <b>굵게</b>"
)
# `f` stands for a function that a script of a stranger would call.
ATTACKS = (
    "<script>f()</script>",
    "<img src=x onerror=f()>",
    "<svg onload=f()>",
    "<svg><script>f()</script></svg>",
    "<iframe srcdoc='<script>parent.f()</script>'></iframe>",
    "<math><mtext><table><mglyph><style><img src=x onerror=f()>",
    "<details open ontoggle=f()>",
    "<input autofocus onfocus=f()>",
    "<video><source onerror=f()></video>",
    "<a href='javascript:f()'>누르세요</a>",
    "[누르세요](javascript:f())",
    "[누르세요](JaVaScRiPt:f())",
    "[누르세요](java\tscript:f())",
    "[누르세요](&#106;avascript:f())",
    "[누르세요](data:text/html,<script>f()</script>)",
    "[누르세요](vbscript:f())",
    "[누르세요](https://a.kr\"onmouseover=\"f())",
    '[누르세요](https://a.kr "\\" onmouseover=\\"f()")',
    "![그림](x\" onerror=\"f())",
    "![그림\" onerror=\"f()](https://img.example.kr/none.png)",
    "https://a.kr/\"onmouseover=\"f()",
    "https://a.kr/'onmouseover='f()",
    "a@b.kr\"onclick=\"f()",
    "`</code><script>f()</script>`",
    "```\n</code></pre><script>f()</script>\n```",
    "|<img src=x onerror=f()>|\n|---|\n|<script>f()</script>|",
    "- <script>f()</script>\n- <style>@import 'x'</style>",
    "**<b onmouseover=f()>굵게</b>**",
    "<!--><img src=x onerror=f()>-->",
    "<noscript><p title='</noscript><img src=x onerror=f()>'>",
    "<template><script>f()</script></template><form action=javascript:f()><button>눌러요",
    "\x00<scr\x00ipt>f()</scr\x00ipt>",
    "＜script＞f()＜/script＞",
    "{{constructor.constructor('f()')()}} ${f()} #{f()} <%= f() %>",
    "</div></article><script>f()</script>",
    "<base href=//evil.example><meta http-equiv=refresh content=0;url=javascript:f()>",
    "<object data=javascript:f()><embed src=javascript:f()><link rel=import href=data:,f()>",
)  # fmt: skip


@pytest.fixture(scope="module")
def answers(browser: BrowserContext, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page whose FAQ has links, and an attack in every other answer."""
    folder = tmp_path_factory.mktemp("answers")
    attacks = [
        FaqEntry(f"attack-{number}", f"공격 {number}번 {attack}", f"보기 {attack}", (), "공격")
        for number, attack in enumerate(ATTACKS)
    ]
    entries = (replace(ENTRIES[0], answer=LINKS), *ENTRIES[1:6], *attacks)
    build(folder / "index", entries)
    with page_site(folder, {"page": {"image_hosts": ("img.example.kr",)}}) as served:
        yield served.url


@pytest.fixture
def window(browser: BrowserContext, answers: str) -> Iterator[ChatWindow]:
    with opened(browser, answers) as window:
        window.ask(ENTRIES[0].question)
        yield window


def test_on_paper_an_address_that_is_not_read_stands_behind_its_link(window: ChatWindow) -> None:
    window.page.emulate_media(media="print", color_scheme="dark")
    behind = "all => all.map(a => getComputedStyle(a, '::after').content)"
    shown = window.answers.locator("a").evaluate_all(behind)
    assert shown == ['" (https://lib.example.kr/renew)"', *["none"] * 3]


def test_ink_is_dark_where_the_screen_was_dark(window: ChatWindow) -> None:
    window.page.emulate_media(media="print", color_scheme="dark")
    window.page.evaluate("document.body.classList.add('dark')")
    parts = (window.page.locator("#head h1"), window.answers.first, window.answers.locator("a"))
    colours = [part.first.evaluate("e => getComputedStyle(e).color") for part in parts]
    assert colours == ["rgb(0, 0, 0)"] * 3


def test_addresses_numbers_and_mails_are_links_that_can_be_followed(window: ChatWindow) -> None:
    links = window.answers.locator("a")
    found = links.evaluate_all("all => all.map(a => [a.textContent, a.getAttribute('href')])")
    assert found == [
        ["연장하기", "https://lib.example.kr/renew"],
        ["https://lib.example.kr", "https://lib.example.kr"],
        ["1600-0000", "tel:16000000"],
        ["help@example.kr", "mailto:help@example.kr"],
    ]
    about = links.evaluate_all("all => all.map(a => [a.rel, a.target])")
    assert about == [["noopener nofollow", "_blank"]] * 2 + [["noopener nofollow", ""]] * 2


def test_lists_tables_bold_and_code_are_shown_and_all_else_is_text(window: ChatWindow) -> None:
    answer = window.answers.last
    expect(answer.locator("li")).to_have_text(["전화: 1600-0000", "메일: help@example.kr"])
    expect(answer.locator("th")).to_have_text(["요일", "시간"])
    expect(answer.locator("strong")).to_have_text("9~18시")
    expect(answer.locator("code")).to_have_text("*#21#")
    expect(answer.locator("p").last).to_have_text("*#21# <b>굵게</b>")


def test_a_telephone_number_can_be_tapped_on_a_phone(window: ChatWindow) -> None:
    window.page.set_viewport_size({"width": 390, "height": 700})
    link = window.answers.get_by_role("link", name="1600-0000")
    link.scroll_into_view_if_needed()
    box = link.bounding_box()
    assert box is not None
    assert box["height"] >= 20


def test_a_copy_is_the_answer_as_its_owner_wrote_it(window: ChatWindow) -> None:
    window.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.button("복사").click()
    expect(window.button("복사했어요")).to_be_visible()
    assert window.page.evaluate("navigator.clipboard.readText()") == LINKS


def hunted(page: Page) -> Any:
    """Touch everything that an attack might wait on, and return what ran."""
    page.evaluate(
        """() => {
            const kinds = ["click", "mouseover", "focus", "error", "load", "toggle"];
            for (const one of document.querySelectorAll("#hunted, #hunted *, #chat .answer *")) {
                for (const kind of kinds) {
                    if (one.tagName !== "A" || kind !== "click") one.dispatchEvent(new Event(kind));
                }
            }
        }"""
    )
    page.wait_for_timeout(200)
    return page.evaluate("window.ran")


def test_no_script_that_is_written_into_a_faq_ever_runs(
    browser: BrowserContext, answers: str
) -> None:
    page = new_page(browser)
    page.add_init_script("window.ran = []; window.f = () => { window.ran.push(1) }")
    # The one picture that may be asked for is not there.
    page.route("https://img.example.kr/**", lambda route: route.abort())
    window = ChatWindow(page)
    window.open(answers)
    for number, attack in enumerate(ATTACKS):
        window.ask(f"공격 {number}번 {attack}")
    assert window.answers.count() == len(ATTACKS)
    assert hunted(page) == []
    schemes = window.answers.locator("a").evaluate_all("all => all.map(a => a.protocol)")
    assert set(schemes) <= {"http:", "https:", "mailto:", "tel:"}
    page.close()


def test_no_script_runs_where_a_site_of_the_owners_shows_the_html(browser: BrowserContext) -> None:
    """The API hands `answer_html` to pages that are not ours: mixed and cut in every way."""
    page = browser.new_page()
    mixed = [first + second for first in ATTACKS for second in ATTACKS]
    cut = [attack[at:] + attack[:at] for attack in ATTACKS for at in range(1, len(attack), 3)]
    # What is not made harmless does run, so that this test would see it.
    assert run_by(page, ATTACKS) != []
    troubles = watch(page)
    assert run_by(page, [answer_html(text) for text in (*mixed, *cut)]) == []
    assert page.locator("#hunted :is(script, img, svg, iframe, style, form, object)").count() == 0
    assert troubles == []
    page.close()


def run_by(page: Page, pieces: Sequence[str]) -> Any:
    """Show pieces of HTML on a page without any rules, and return what ran."""
    page.goto("about:blank")
    page.evaluate(
        """(pieces) => {
            window.ran = [];
            window.f = () => { window.ran.push(1) };
            document.body.innerHTML = `<div id="hunted"></div>`;
            const all = document.getElementById("hunted");
            for (const piece of pieces) {
                all.append(Object.assign(document.createElement("div"), {innerHTML: piece}));
            }
        }""",
        list(pieces),
    )
    return hunted(page)
