"""Links that lead into the page, and what is shown of the page where somebody sends one."""

import re
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.chat_window import ChatWindow
from tests.browser.conftest import opened

pytestmark = pytest.mark.browser

QUERY = "환불은 언제 되나요?"


def test_a_link_asks_at_once_and_a_reload_asks_no_second_time(
    browser: BrowserContext, url: str
) -> None:
    with opened(browser, url) as window:
        window.page.goto(f"{url}/?q={quote(QUERY)}")
        expect(window.questions).to_have_text([QUERY])
        expect(window.answers).to_have_text(["회수 후 3일 안에 환불돼요."])
        assert window.page.url == f"{url}/"
        window.reload()
        expect(window.questions).to_have_text([QUERY])


def test_a_link_chooses_language_and_category(window: ChatWindow, url: str) -> None:
    window.page.goto(
        f"{url}/?language=en&category={quote('배송')}&q={quote('배송은 며칠 걸리나요?')}"
    )
    expect(window.answers).to_have_text(["출고 후 이틀 안에 받으세요."])
    expect(window.page.locator("#category")).to_have_value("배송")
    expect(window.page.locator("#send")).to_have_text("Send")


@pytest.mark.parametrize("query", ["", "   "])
def test_a_link_without_a_question_asks_nothing(window: ChatWindow, url: str, query: str) -> None:
    window.page.goto(f"{url}/?q={quote(query)}&category=nowhere&language=xx")
    expect(window.examples.first).to_be_visible()
    expect(window.page.locator("#category")).to_have_value("")
    expect(window.questions).to_have_count(0)


def test_a_link_changes_no_word_of_the_owners(window: ChatWindow, url: str) -> None:
    told = (
        "greeting=010-1234-5678&title=은행&colour=%23ff0000&starters=a&logo=https://evil.example/x"
    )
    window.page.goto(f"{url}/?{told}#{told}&origin=https://evil.example")
    expect(window.examples).to_have_count(4)
    expect(window.page.locator("h1")).to_have_text("문답")
    expect(window.page.locator("#welcome .greeting")).to_have_text("무엇이 궁금하세요?")
    expect(window.page.locator("#send")).to_have_css("background-color", "rgb(79, 70, 229)")


def test_what_is_asked_by_a_link_is_text(window: ChatWindow, url: str) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    window.page.goto(f"{url}/?q={quote(hostile)}")
    expect(window.questions).to_have_text([hostile])


def tags(url: str) -> dict[str, str]:
    """Return the page's title and what its head says, as one reads it who runs no script."""
    text = httpx.get(url).text
    pairs = re.findall(r'<meta\s+(?:name|property)="([^"]+)"\s+content="([^"]*)"', text)
    title = re.search("<title>([^<]*)</title>", text)
    language = re.search('<html\\s+lang="([^"]*)"', text)
    assert title is not None
    assert language is not None
    return {**dict(pairs), "title": title[1], "lang": language[1]}


def test_a_messenger_shows_the_owners_words(owners_url: str) -> None:
    found = tags(owners_url)
    assert {name: found[name] for name in found if name != "viewport"} == {
        "lang": "ko",
        "title": "문답",
        "description": "하나도서관",
        "og:title": "문답",
        "og:site_name": "문답",
        "og:description": "하나도서관",
        "og:type": "website",
        "og:locale": "ko_KR",
        "twitter:card": "summary",
    }


def test_the_icon_is_the_owners_or_ours_and_never_gradios(url: str, owners_url: str) -> None:
    ours, owners = (httpx.get(f"{each}/favicon.ico") for each in (url, owners_url))
    assert ours.headers["content-type"] == owners.headers["content-type"] == "image/svg+xml"
    assert 'fill="#4f46e5"' in ours.text
    assert owners.text == '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    for each in (url, owners_url):
        assert "Gradio" not in re.sub("(?s)<script.*?</script>", "", httpx.get(each).text)
