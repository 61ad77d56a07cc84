"""The tab that compares sentences, in a real browser."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from mundap.chatbot.page.text import sts_text
from tests.browser.chat_window import ChatWindow
from tests.browser.conftest import new_page, watch

pytestmark = pytest.mark.browser

KO, EN = sts_text("ko"), sts_text("en")
# What gradio's own upload says of each file.
HARMLESS = re.compile(r"warning: Method not implemented\.")


@pytest.fixture
def tab(browser: BrowserContext, owners_url: str) -> Iterator[Page]:
    """The open tab; nothing on it may fail or leave this machine."""
    page = new_page(browser)
    troubles = watch(page)
    ChatWindow(page).open(owners_url)
    page.get_by_role("tab", name=KO.tab).click()
    yield page
    page.close()
    assert [trouble for trouble in troubles if not HARMLESS.fullmatch(trouble)] == []


def rank(page: Page, base: str, path: Path) -> None:
    page.get_by_label(KO.base).fill(base)
    page.locator("#sts-file input[type=file]").set_input_files(path)
    # It has a link once the server has it.
    expect(page.locator("#sts-file a[href*='/file=']")).to_be_visible()
    page.get_by_role("button", name=KO.rank).click()


def test_two_sentences_are_compared(tab: Page) -> None:
    tab.get_by_label(KO.first).fill("환불은 언제 되나요?")
    tab.get_by_label(KO.second).fill("환불은  언제 되나요?")
    tab.get_by_role("button", name=KO.compare, exact=True).click()
    expect(tab.locator("#sts-result")).to_contain_text("5.00 / 5")
    expect(tab.locator("#sts-result")).to_contain_text("코사인 유사도 1.000")


def test_blank_sentences_are_told_so(tab: Page) -> None:
    tab.get_by_role("button", name=KO.compare, exact=True).click()
    expect(tab.get_by_role("alert")).to_have_text(KO.blank)


def test_a_file_is_ranked_shown_and_downloaded(tab: Page, tmp_path: Path) -> None:
    path = tmp_path / "문장.csv"
    hostile = "<img src=x onerror=alert(1)>"
    path.write_bytes(f"id,문장\n1,배송 언제 와요\n2,{hostile}\n3,환불 되나요\n".encode("cp949"))
    rank(tab, "환불 되나요", path)
    cells = tab.locator("#sts-ranked tbody tr")
    expect(cells).to_have_count(3)
    expect(cells.first).to_have_text("5.00" + "2" + "환불 되나요")
    expect(tab.locator("#sts-ranked")).to_contain_text(hostile)
    with tab.expect_download() as download:
        tab.get_by_role("link", name=KO.download).click()
    assert download.value.suggested_filename == "similarity.csv"
    content = download.value.path().read_text(encoding="utf-8-sig")
    lines = list(csv.reader(io.StringIO(content)))
    assert [line[3] for line in lines] == ["text", "배송 언제 와요", hostile, "환불 되나요"]


def test_a_workbook_is_refused_in_words(tab: Page, tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    path.write_bytes(b"PK\x03\x04 and so on")
    rank(tab, "환불 되나요", path)
    expect(tab.get_by_role("alert")).to_contain_text(KO.problems["not_csv"])
    expect(tab.locator("#sts-download")).to_have_count(0)


def test_the_tab_speaks_the_language_of_the_page(tab: Page) -> None:
    tab.locator("#languages label", has_text="English").click()
    expect(tab.get_by_role("tab", name=EN.tab)).to_be_visible()
    expect(tab.get_by_role("tab", name=EN.chat_tab, exact=True)).to_be_visible()
    expect(tab.get_by_label(EN.first)).to_be_visible()
    tab.get_by_role("button", name=EN.compare, exact=True).click()
    expect(tab.get_by_role("alert")).to_have_text(EN.blank)


def test_the_chat_goes_on_in_its_own_tab_and_fills_the_page(tab: Page) -> None:
    tab.get_by_role("tab", name=KO.chat_tab, exact=True).click()
    window = ChatWindow(tab)
    window.ask("배송비는 얼마인가요?")
    expect(window.answers.last).to_contain_text("3,000원")
    foot = tab.locator("#foot").bounding_box()
    assert foot is not None
    assert 700 < foot["y"] + foot["height"] <= 800
    assert tab.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_nothing_is_wider_than_a_phone(tab: Page) -> None:
    tab.set_viewport_size({"width": 360, "height": 640})
    wider = "[...document.querySelectorAll('#sts *')].filter(e => e.getBoundingClientRect().right"
    assert tab.evaluate(f"{wider} > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))") == []
