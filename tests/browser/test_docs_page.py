"""The documentation of the API in a real browser: asked with a token, from this machine alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from mundap.chatbot.api.layers.access import new_token
from tests.browser.conftest import watch
from tests.chatbot.api_site import Site, site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOKEN, HASH = new_token()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An API that answers clients with a token alone."""
    with site(tmp_path_factory.mktemp("documented"), tokens={"shop": HASH}) as served:
        yield served


@pytest.fixture
def page(browser: BrowserContext) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def test_a_question_is_asked_from_the_documentation(guarded: Site, page: Page) -> None:
    troubles = watch(page)
    page.goto(f"{guarded.url}/docs")
    page.get_by_role("button", name="Authorize").first.click()
    page.get_by_role("textbox").fill(TOKEN)
    page.get_by_role("button", name="Apply credentials").click()
    page.get_by_role("button", name="Close").last.click()
    page.locator("#operations-ask-ask_v1_ask_post").get_by_role("button").first.click()
    page.locator("textarea").first.fill('{"query": "배송비는 얼마인가요?"}')
    page.get_by_role("button", name="Execute").click()
    page.wait_for_selector(".live-responses-table .response")
    answer = page.locator(".live-responses-table").inner_text()
    assert "200" in answer
    assert '"entry_id": "delivery-1"' in answer
    assert troubles == []


def test_without_a_token_the_documentation_shows_the_refusal(guarded: Site, page: Page) -> None:
    page.goto(f"{guarded.url}/docs#/faq/info_v1_info_get")
    page.get_by_role("button", name="Execute").click()
    page.wait_for_selector(".live-responses-table .response")
    assert "token_missing" in page.locator(".live-responses-table").inner_text()
