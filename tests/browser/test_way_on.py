"""What a visitor can do where the answer is not the right one, or none."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from mundap.chatbot.page.text import page_text
from mundap.chatbot.settings import KOREAN
from mundap.feedback.exchanges.exchange_log import Logged
from mundap.index.bundle.bundle import Bundle
from mundap.index.search.confidence import EVIDENCE, Confidence, LogOdds
from tests.browser.chat_window import ChatWindow
from tests.browser.conftest import CONTACT, opened, page_site, violations
from tests.chatbot.desk import desk
from tests.chatbot.small_faq import ENTRIES, tiny_encoder
from tests.store_rows import logged

pytestmark = pytest.mark.browser

KO = page_text("ko")
WAYS = [
    ["전화 1600-0000", "tel:16000000"],
    ["메일 help@example.kr", "mailto:help@example.kr"],
    ["문의 글 남기기", "https://example.kr/ask"],
    ["상담 페이지", "https://example.kr/desk"],
]


def kept(home: Path, query: str, reactions: int) -> Logged:
    return logged(home / "home" / "bundled", query, reactions)


def ways(window: ChatWindow, where: str) -> Any:
    links = window.page.locator(where).get_by_role("link")
    return links.evaluate_all("all => all.map(a => [a.textContent, a.getAttribute('href')])")


def test_a_dont_know_says_how_people_are_reached(owners_window: ChatWindow) -> None:
    window = owners_window
    window.ask("우주 정거장")
    expect(window.answers).to_have_text([KOREAN.unknown])
    assert ways(window, "#chat .contacts") == WAYS
    expect(window.page.locator("#chat .hours")).to_have_text(f"상담 시간: {CONTACT['hours']}")


def test_people_are_reached_at_any_time(owners_window: ChatWindow) -> None:
    window = owners_window
    menu = window.page.locator("#contact > div")
    expect(menu).to_be_hidden()
    window.page.get_by_text(KO.contact).click()
    expect(menu).to_be_visible()
    assert ways(window, "#contact") == WAYS
    window.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


def test_nothing_is_said_of_people_where_nothing_is_known_of_them(window: ChatWindow) -> None:
    window.ask("우주 정거장")
    expect(window.page.locator("#chat .contacts")).to_have_count(0)
    expect(window.page.get_by_text(KO.contact)).to_be_hidden()


def test_none_of_these_is_recorded_and_leads_on(window: ChatWindow, home: Path) -> None:
    window.ask("배송비는 며칠 얼마!")
    window.button(KO.none).click()
    expect(window.page.get_by_text(KO.none_said)).to_have_count(2)  # seen and spoken
    expect(window.button(KO.none)).to_have_attribute("aria-pressed", "true")
    expect(window.candidates.first).to_be_visible()
    asked = kept(home, "배송비는 며칠 얼마!", 1)
    assert [(each.value, each.reason) for each in asked.reactions] == [("down", "none_of_these")]
    assert asked.exchange.candidates


def test_what_is_chosen_of_what_is_offered_is_recorded(window: ChatWindow, home: Path) -> None:
    window.ask("배송비는 며칠 얼마??")
    question = window.candidates.first.inner_text()
    window.candidates.first.click()
    expect(window.answers).to_have_count(2)
    asked = kept(home, "배송비는 며칠 얼마??", 1)
    assert [(each.value, each.entry_id) for each in asked.reactions] == [
        ("chosen", asked.exchange.candidates[0])
    ]
    chosen = kept(home, question, 0)
    assert (chosen.exchange.kind, chosen.exchange.conversation) == (
        "chosen",
        asked.exchange.conversation,
    )


def test_under_an_answer_there_is_nothing_to_choose_none_of(window: ChatWindow) -> None:
    window.ask("배송비는 얼마인가요?")
    expect(window.page.get_by_role("button", name=KO.none)).to_have_count(0)


def test_a_thumb_down_asks_why_and_takes_a_line(window: ChatWindow, home: Path) -> None:
    window.ask("환불은 언제 되나요!!")
    window.button(KO.down).click()
    form = window.page.locator("#chat form")
    expect(form.get_by_role("radio")).to_have_count(4)
    expect(form.get_by_role("group", name=KO.why_down)).to_be_visible()
    expect(form.get_by_role("radio").first).to_be_focused()
    form.get_by_label(KO.reasons["outdated"]).check()
    form.get_by_label(KO.comment).fill("지난달에 바뀌었어요 <b>")
    form.get_by_role("button", name=KO.tell).click()
    expect(form).to_have_count(0)
    expect(window.spoken).to_have_text(KO.thanks)
    expect(window.button(KO.down)).to_be_focused()
    said = kept(home, "환불은 언제 되나요!!", 2).reactions
    assert [(each.value, each.reason, each.comment) for each in said] == [
        ("down", None, None),
        ("down", "outdated", "지난달에 바뀌었어요 <b>"),
    ]


def test_why_need_not_be_said(window: ChatWindow, home: Path) -> None:
    window.ask("환불은 언제 되나요~~")
    window.button(KO.down).click()
    window.button(KO.close).click()
    expect(window.page.locator("#chat form")).to_have_count(0)
    expect(window.button(KO.down)).to_have_attribute("aria-pressed", "true")
    said = kept(home, "환불은 언제 되나요~~", 1).reactions
    assert [(each.value, each.reason) for each in said] == [("down", None)]


def test_a_conversation_is_handed_to_people_once_they_are_there(
    browser: BrowserContext, tmp_path: Path
) -> None:
    with desk(401, 200) as found:
        settings = {"handover": {"url": f"{found.url}/desk", "secret": "비밀"}}
        with page_site(tmp_path, settings) as served, opened(browser, served.url) as window:
            window.ask("우주 정거장")
            window.page.locator("#chat").get_by_text(KO.hand_over).click()
            window.page.locator("#chat").get_by_label(KO.reach).fill("010-1234-5678")
            window.button(KO.hand).click()
            expect(window.page.get_by_role("alert")).to_have_text(KO.not_handed)
            window.button(KO.hand).click()
            expect(window.page.get_by_role("alert")).to_have_text(KO.handed)
            assert violations(window.page) == []
    told = json.loads(found.met[1][2])
    assert told["reach"] == "010-1234-5678"
    assert [(turn["query"], turn["reply"]) for turn in told["turns"]] == [
        ("우주 정거장", KOREAN.unknown)
    ]
    assert found.met[0][2] != b""


def test_a_dont_know_offers_what_is_worth_a_look(browser: BrowserContext, tmp_path: Path) -> None:
    flat = dict.fromkeys(EVIDENCE, 0.0)
    unsure = Confidence(LogOdds(-5.0, flat), LogOdds(-0.15, flat), answer=0.7, suggest=0.5)
    Bundle.build(tmp_path / "index", ENTRIES, tiny_encoder(), calibrate=lambda retriever: unsure)
    with page_site(tmp_path) as served, opened(browser, served.url) as window:
        window.ask("배송비가 며칠 뒤에 환불되나요")
        expect(window.answers).to_have_text([KOREAN.unknown])
        expect(window.page.get_by_role("group", name=KO.perhaps)).to_be_visible()
        expect(window.candidates).to_have_count(3)
        expect(window.button(KO.none)).to_be_visible()


def test_sentences_are_compared_only_where_that_is_switched_on(
    window: ChatWindow, owners_window: ChatWindow
) -> None:
    expect(window.page.get_by_role("tab")).to_have_count(0)
    expect(owners_window.page.get_by_role("tab")).to_have_count(2)
