"""Takes the pictures of owner.md: `python docs/owner_screenshots.py FOLDER`, in a checkout.

They show the shop of the tests, with weeks of made-up visitors.
"""

import io
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import insert

from mundap.feedback.store.tables import improvements
from mundap.feedback.traffic.asked_of_entry import asked_of_entry
from tests.chatbot.admin_site import OWNER, PASSWORD, Shop, shop

CHROMIUM = "/usr/bin/chromium"
# Of a picture: it is small, and no edge of a letter is seen to change.
COLOURS = 64
SCREENS = (
    "overview",
    "unanswered",
    "entries",
    "try?q=얼마부터 배송비가 없어요",
    "changes",
    "improve",
    "settings",
)


def save(page: Page, path: Path) -> None:
    """Save what is seen, in few colours."""
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    taken.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def edit(running: Shop) -> None:
    """Mend an answer, add a phrasing and remove an entry, as an owner would."""
    publishing = running.service.publishing
    assert publishing is not None
    copy = publishing.draft.copy
    publishing.draft.begin(OWNER)
    first, second, *_, last = copy.entries()
    answer = f"{first.answer}\n제주도와 섬은 3,000원이 더 들어요."
    copy.save(replace(first, answer=answer), OWNER)
    copy.add_phrasing(second.entry_id, "얼마부터 배송비가 없어요?", OWNER)
    copy.remove(last.entry_id, OWNER)


def improved(running: Shop) -> None:
    """Keep the report of an improvement."""
    from tests.browser.test_owners_page import NOW, REPORT

    database = running.service.database
    assert database is not None
    done = {"started": NOW, "finished": NOW, "state": "promoted", "generation": 2}
    with database.writing() as connection:
        connection.execute(insert(improvements).values(**done, report=REPORT))


def take(page: Page, running: Shop, folder: Path) -> None:
    """Take the door and each screen."""
    page.goto(f"{running.url}/admin")
    save(page, folder / "owner-login.png")
    page.locator("[name=name]").fill(OWNER)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("button.main").click()
    for screen in SCREENS:
        page.goto(f"{running.url}/admin/{screen}")
        if screen == "unanswered":
            expect(page.locator("[data-working]")).to_have_count(0, timeout=120_000)
        if screen.startswith("try"):
            page.get_by_role("button", name="준비하기").click()
            expect(page.locator(".said")).to_have_count(2, timeout=120_000)
        page.mouse.move(640, 890)
        save(page, folder / f"owner-{screen.partition('?')[0]}.png")
    entry_id = refused(running)
    page.goto(f"{running.url}/admin/entries/edit?entry_id={entry_id}")
    page.locator("#asked").scroll_into_view_if_needed()
    page.mouse.wheel(0, 600)
    page.wait_for_timeout(500)
    save(page, folder / "owner-entry.png")


def refused(running: Shop) -> str:
    """Say of an entry that it does not answer one of what it answered; return its id."""
    assert running.service.publishing is not None
    copy = running.service.publishing.draft.copy
    for entry in copy.entries():
        asked = {each.query for each in asked_of_entry(copy.database, entry.entry_id, 50)}
        wrong = sorted(asked - {entry.question, *entry.alternates})
        if len(wrong) > 2:
            copy.refuse(entry.entry_id, wrong[0], OWNER)
            return entry.entry_id
    raise LookupError("nothing was asked")


def main(folder: Path) -> None:
    """Take every picture."""
    with (
        tempfile.TemporaryDirectory() as made,
        shop(Path(made), demo=True) as running,
        sync_playwright() as playwright,
    ):
        edit(running)
        improved(running)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        size = {"width": 1280, "height": 860}
        take(browser.new_page(viewport=size, locale="ko-KR"), running, folder)  # type: ignore[arg-type]
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
