"""Takes the pictures of the documentation: `python docs/screenshot.py URL FOLDER` while it runs.

The page at URL serves the bundled FAQ with the settings that page.md shows and `reasons = true`.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
QUESTIONS = (
    "배송비 얼마예요?",
    "옷이 작은데 다른 사이즈로 바꿀 수 있나요?",
    # 환불 언제 돼요, on a keyboard that was not switched.
    "ghksqnf djswp ehody",
)
# A shop's page, as the owner's own site may look.
SHOP = """<!doctype html><html lang="ko"><meta charset="utf-8"><title>하나몰</title>
<style>body { font: 16px/1.7 sans-serif; max-width: 780px; margin: 40px; color: #334155 }</style>
<h1>하나몰</h1><p>가을 신상품이 도착했어요.</p><p>30,000원 이상은 무료로 배송해 드립니다.</p>
<script src="widget.js"></script></html>"""


def opened(browser: Browser, url: str, width: int, height: int) -> Page:
    """Open the page as a Korean visitor."""
    page = browser.new_page(viewport={"width": width, "height": height}, locale="ko-KR")
    page.goto(url)
    expect(page.locator("#chat .example").first).to_be_visible()
    return page


def ask(page: Page, number: int, question: str) -> None:
    """Send question `number`, from 1, and wait for its reply."""
    page.locator("#box").fill(question)
    page.locator("#box").press("Enter")
    expect(page.locator("#chat .reply[aria-busy=false]")).to_have_count(number)


def main(url: str, folder: Path) -> None:
    """Have short conversations and save what the visitor sees."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = opened(browser, url, 1000, 800)
        for number, question in enumerate(QUESTIONS, start=1):
            ask(page, number, question)
        page.locator("#chat .why summary").last.click()
        page.screenshot(path=folder / "chat.png")
        page = opened(browser, url, 800, 500)
        page.screenshot(path=folder / "page-look.png")
        page = opened(browser, url, 800, 500)
        ask(page, 1, "우주선 표는 어디에서 사나요?")
        page.screenshot(path=folder / "page-unknown.png")
        page = browser.new_page(viewport={"width": 1000, "height": 720}, locale="ko-KR")
        page.route("**/shop", lambda route: route.fulfill(body=SHOP, content_type="text/html"))
        page.goto(f"{url.rstrip('/')}/shop")
        page.evaluate(f"mundap.ask({QUESTIONS[0]!r})")
        panel = page.frame_locator("iframe")
        expect(panel.locator("#chat .reply[aria-busy=false]")).to_have_count(1)
        page.screenshot(path=folder / "widget.png")
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]))
