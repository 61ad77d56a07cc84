"""A visitor who reads English meets what the owner wrote in English, and is told of the rest."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from mundap.chatbot.page.text import page_text
from tests.browser.chat_window import ChatWindow
from tests.browser.conftest import opened, page_site, violations
from tests.chatbot.small_faq import build
from tests.chatbot.test_english import DAYS, FEE, REFUND

pytestmark = pytest.mark.browser

EN = page_text("en")


@pytest.fixture(scope="module")
def bilingual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page over a FAQ that is in English in part."""
    folder = tmp_path_factory.mktemp("english")
    build(folder / "index", (FEE, DAYS, REFUND))
    with page_site(folder) as served:
        yield served.url


@pytest.fixture
def window(browser: BrowserContext, bilingual: str) -> Iterator[ChatWindow]:
    with opened(browser, bilingual) as window:
        yield window


def test_questions_to_begin_with_follow_the_language(window: ChatWindow) -> None:
    expect(window.examples).to_have_text([FEE.question, DAYS.question, REFUND.question])
    window.speak("English")
    expect(window.examples).to_have_text([FEE.question_en, DAYS.question_en, REFUND.question])
    languages = window.examples.evaluate_all("all => all.map(each => each.lang)")
    assert languages == ["en", "en", "ko"]
    window.examples.first.click()
    expect(window.answers).to_have_text([FEE.answer_en])


def test_an_english_answer_is_told_as_english_and_a_korean_one_as_korean(
    window: ChatWindow,
) -> None:
    window.speak("English")
    window.ask(FEE.question)
    expect(window.answers.last).to_have_text(FEE.answer_en)
    expect(window.answers.last).to_have_attribute("lang", "en")
    window.expect_notes()
    window.ask(DAYS.question)
    expect(window.answers.last).to_have_text(DAYS.answer)
    expect(window.answers.last).to_have_attribute("lang", "ko")
    window.expect_notes(EN.other_language)
    assert violations(window.page) == []


def test_what_is_offered_is_in_english_and_so_is_what_is_chosen(window: ChatWindow) -> None:
    window.speak("English")
    window.ask("배송비는 며칠 얼마")
    expect(window.candidates).to_have_text([FEE.question_en])
    window.candidates.first.click()
    expect(window.answers.last).to_have_text(FEE.answer_en)


def test_who_reads_korean_meets_no_english(window: ChatWindow) -> None:
    window.ask(FEE.question)
    expect(window.answers).to_have_text([FEE.answer])
    window.expect_notes()
