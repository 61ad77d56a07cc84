"""The owner's page as an owner uses it, in a browser of their own."""

from playwright.sync_api import BrowserContext, Page, expect

from tests.chatbot.admin_site import OWNER, PASSWORD, Shop

SCREENS = ("overview", "unanswered", "entries", "try", "changes", "improve", "settings")


def arrived(browser: BrowserContext, shop: Shop, language: str = "ko", **options: object) -> Page:
    """Return a page at the door, in a browser that was never here."""
    locale = {"ko": "ko-KR", "en": "en-US"}[language]
    assert browser.browser is not None
    chosen = {"viewport": {"width": 1280, "height": 900}, **options}
    context = browser.browser.new_context(locale=locale, **chosen)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(f"{shop.url}/admin")
    return page


def entered(
    browser: BrowserContext,
    shop: Shop,
    language: str = "ko",
    *,
    owner: tuple[str, str] = (OWNER, PASSWORD),
    **options: object,
) -> Page:
    """Return a page of an owner who has logged in, at the first screen."""
    page = arrived(browser, shop, language, **options)
    page.locator("[name=name]").fill(owner[0])
    page.locator("[name=password]").fill(owner[1])
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/admin/overview")
    return page


def at(page: Page, shop: Shop, screen: str) -> None:
    page.goto(f"{shop.url}/admin/{screen}")
    expect(page.locator("h1")).to_be_visible()
