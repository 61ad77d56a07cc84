"""Takes the pictures of the documentation: `python docs/screenshot.py URL FOLDER` while it runs.

The page at URL serves the bundled FAQ with the settings that page.md shows and `reasons = true`.
"""

import io
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
QUESTIONS = (
    "배송비 얼마예요?",
    "옷이 작은데 다른 사이즈로 바꿀 수 있나요?",
    # 환불 언제 돼요, on a keyboard that was not switched.
    "ghksqnf djswp ehody",
)
ANSWERED = "배송비는 얼마인가요?"
# A shop's page, as the owner's own site may look.
SHOP = """<!doctype html><html lang="ko"><meta charset="utf-8"><title>하나몰</title>
<style>body { font: 16px/1.7 sans-serif; max-width: 780px; margin: 40px; color: #334155 }</style>
<h1>하나몰</h1><p>가을 신상품이 도착했어요.</p><p>30,000원 이상은 무료로 배송해 드립니다.</p>
<script src="widget.js"></script></html>"""

# The part of the page that a setting is seen in, and what of it is marked.
MARKED = {
    "title": ("#head", "#head h1"),
    "subtitle": ("#head", "#subtitle"),
    "logo": ("#head", "#head h1 img"),
    "greeting": ("#welcome", "#welcome .greeting"),
    "starters": ("#welcome", "#welcome .examples"),
}
# Of a picture: it is small, and no edge of a letter is seen to change.
COLOURS = 96


def opened(browser: Browser, url: str, width: int, height: int, **visitor: Any) -> Page:
    """Open the page as a Korean visitor."""
    page = browser.new_page(viewport={"width": width, "height": height}, locale="ko-KR", **visitor)
    page.goto(url)
    expect(page.locator("#chat .example").first).to_be_visible()
    return page


def ask(page: Page, number: int, question: str) -> None:
    """Send question `number`, from 1, and wait for its reply."""
    page.locator("#box").fill(question)
    page.locator("#box").press("Enter")
    expect(page.locator("#chat .reply[aria-busy=false]")).to_have_count(number)


def save(page: Page, path: Path, part: str | None = None) -> None:
    """Save what is seen, or a part of the page, in few colours."""
    taken = page.locator(part).screenshot() if part else page.screenshot()
    Image.open(io.BytesIO(taken)).convert("RGB").quantize(COLOURS).save(path, optimize=True)


def settings_seen(browser: Browser, url: str, folder: Path) -> None:
    """Save a picture of each setting of the look."""
    for name, (part, marked) in MARKED.items():
        page = opened(browser, url, 560, 460)
        page.add_style_tag(
            content=f"{marked} {{ outline: 2px dashed #db2777; outline-offset: -2px; }}"
        )
        save(page, folder / f"page-{name}.png", part)
    page = opened(browser, url, 560, 440)
    ask(page, 1, ANSWERED)
    save(page, folder / "page-colour.png")
    page = opened(browser, url, 560, 440)
    page.locator("#contact > summary").click()
    save(page, folder / "page-contact.png")
    themes: dict[str, dict[str, Any]] = {
        "dark": {"color_scheme": "dark"},
        "contrast": {"contrast": "more"},
    }
    for name, theme in themes.items():
        page = opened(browser, url, 560, 440, **theme)
        ask(page, 1, ANSWERED)
        save(page, folder / f"page-{name}.png")


def main(url: str, folder: Path) -> None:
    """Have short conversations and save what the visitor sees."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = opened(browser, url, 1000, 800)
        for number, question in enumerate(QUESTIONS, start=1):
            ask(page, number, question)
        page.locator("#chat .why summary").last.click()
        save(page, folder / "chat.png")
        page = opened(browser, url, 800, 500)
        save(page, folder / "page-look.png")
        page = opened(browser, url, 800, 500)
        ask(page, 1, "우주선 표는 어디에서 사나요?")
        save(page, folder / "page-unknown.png")
        settings_seen(browser, url, folder)
        page = browser.new_page(viewport={"width": 1000, "height": 720}, locale="ko-KR")
        page.route("**/shop", lambda route: route.fulfill(body=SHOP, content_type="text/html"))
        page.goto(f"{url.rstrip('/')}/shop")
        page.evaluate(f"mundap.ask({QUESTIONS[0]!r})")
        panel = page.frame_locator("iframe")
        expect(panel.locator("#chat .reply[aria-busy=false]")).to_have_count(1, timeout=20_000)
        save(page, folder / "widget.png")
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]))
