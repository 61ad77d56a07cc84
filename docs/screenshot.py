"""Takes the README's picture: `python docs/screenshot.py URL OUT.png` while the page runs."""

import sys

from playwright.sync_api import Page, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
QUESTIONS = (
    "배송비 얼마예요?",
    "옷이 작은데 다른 사이즈로 바꿀 수 있나요?",
    # 환불 언제 돼요, on a keyboard that was not switched.
    "ghksqnf djswp ehody",
)


def ask(page: Page, number: int, question: str) -> None:
    """Send question `number`, from 1, and wait for its reply."""
    page.locator("#box textarea").fill(question)
    page.locator("#box textarea").press("Enter")
    expect(page.locator("#chat .bot-row")).to_have_count(number)


def main(url: str, picture: str) -> None:
    """Have a short conversation and save what the visitor sees."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 900}, locale="ko-KR")
        page.goto(url)
        expect(page.locator("#chat .example").first).to_be_visible()
        for number, question in enumerate(QUESTIONS, start=1):
            ask(page, number, question)
        page.locator("#chat details summary").last.click()
        # The conversation glides to its end.
        page.wait_for_timeout(1000)
        page.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
