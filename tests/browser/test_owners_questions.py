"""What is unanswered and the entries, as their owner mends them in a browser."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from mundap.feedback.editing.working_copy import WorkingCopy
from tests.browser.conftest import violations, watch
from tests.chatbot.admin_site import OWNER, PASSWORD, Shop, shop
from tests.feedback.unanswered.store import ask

pytestmark = pytest.mark.browser

PARKING = ("매장에 주차할 수 있나요", "매장에 주차할 수 있나요?", "매장 주차 할 수 있나요")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop(tmp_path_factory.mktemp("shop")) as served:
        assert served.service.publishing is not None
        # Else the working copy begins with the first look at the FAQ, in another test.
        served.service.publishing.draft.begin("cli")
        yield served


def entered(
    browser: BrowserContext, site: Shop, language: str = "ko", *, script: bool = True
) -> Page:
    """Log in with a browser of its own, and return the page."""
    locale = {"ko": "ko-KR", "en": "en-US"}[language]
    assert browser.browser is not None
    context = browser.browser.new_context(
        locale=locale, viewport={"width": 1100, "height": 900}, java_script_enabled=script
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(f"{site.url}/admin")
    page.locator("[name=name]").fill(OWNER)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/admin/overview")
    return page


def copy_of(site: Shop) -> WorkingCopy:
    assert site.service.database is not None
    return WorkingCopy(site.service.database)


def asked(site: Shop, *queries: str) -> None:
    with copy_of(site).database.writing() as connection:
        for query in queries:
            ask(connection, query)


def answered(site: Shop, query: str, entry_id: str) -> str:
    """Let a visitor be answered by an entry just now, and return the request."""
    with copy_of(site).database.writing() as connection:
        now = datetime.now(UTC)
        return ask(connection, query, "answer", entry_id=entry_id, confidence=0.9, time=now)


def closed(page: Page, troubles: list[str]) -> None:
    page.context.close()
    assert troubles == []


def group(page: Page, name: str) -> Locator:
    """Return the card of a group, by the question that names it."""
    return page.locator("section.group").filter(has=page.get_by_role("heading", name=name))


def test_questions_of_one_meaning_are_added_by_one_click_and_taken_back(
    browser: BrowserContext, site: Shop
) -> None:
    asked(site, *PARKING, "기린은 몇 살까지 사나요")
    page = entered(browser, site)
    troubles = watch(page)

    page.get_by_role("link", name="답을 못 찾은 질문").click()
    # The child groups them, and the page shows it by itself.
    card = page.locator("section.group", has_text="3번 물어봤어요")
    expect(card).to_be_visible(timeout=60_000)
    expect(card.get_by_text("질문 3개 보고 고르기")).to_be_visible()
    card.get_by_label(PARKING[2]).uncheck()
    proposed = card.locator(".choices button").first
    entry_id = str(proposed.get_attribute("value"))
    proposed.click()

    expect(page.locator(".notice.good")).to_contain_text("표현 2개를 더했어요")
    entry = copy_of(site).entry(entry_id)
    assert entry is not None
    assert entry.alternates[-2:] in (PARKING[:2], PARKING[1::-1])
    expect(group(page, PARKING[2])).to_be_visible()

    page.get_by_role("button", name="되돌리기").click()
    expect(page.locator(".notice.good")).to_contain_text("되돌렸어요")
    expect(page.locator("section.group", has_text="3번 물어봤어요")).to_be_visible()
    closed(page, troubles)


def test_by_keyboard_alone_a_new_entry_is_made(browser: BrowserContext, site: Shop) -> None:
    asked(site, "드론으로 받아 볼 수 있을까요")
    page = entered(browser, site)
    troubles = watch(page)
    page.goto(f"{site.url}/admin/unanswered")
    button = group(page, "드론으로 받아 볼 수 있을까요").get_by_role(
        "button", name="새 항목 만들기"
    )

    reach(page, button)
    page.keyboard.press("Enter")
    expect(page.get_by_label("질문", exact=True)).to_have_value("드론으로 받아 볼 수 있을까요")
    reach(page, page.get_by_label(re.compile("^답")))
    page.keyboard.type("아직 드론 배송은 하지 않아요.")
    reach(page, page.get_by_role("button", name="저장"))
    page.keyboard.press("Enter")

    expect(page.locator(".notice.good")).to_contain_text("새 항목을 만들었어요")
    assert copy_of(site).entries()[-1].answer == "아직 드론 배송은 하지 않아요."
    reach(page, page.get_by_role("button", name="되돌리기"))
    page.keyboard.press("Enter")
    expect(page.locator(".notice.good")).to_contain_text("되돌렸어요")
    closed(page, troubles)


def reach(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(300):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail("Tab does not lead there")


def test_an_entry_is_found_edited_and_looked_at_without_script(
    browser: BrowserContext, site: Shop
) -> None:
    entry = copy_of(site).entries()[3]
    page = entered(browser, site, script=False)
    troubles = watch(page)

    page.goto(f"{site.url}/admin/entries")
    page.get_by_label("질문, 표현, 답에서 찾기").fill(entry.question)
    page.get_by_role("button", name="찾기").click()
    page.get_by_role("link", name=entry.question).click()
    page.get_by_label(re.compile("^답")).fill("**새 답** https://example.kr/a")
    page.get_by_role("button", name="미리 보기").click()
    preview = page.get_by_role("region", name="방문자에게는 이렇게 보여요")
    expect(preview.locator("strong")).to_have_text("새 답")
    expect(preview.get_by_role("link")).to_have_attribute("href", "https://example.kr/a")
    page.get_by_role("button", name="저장").click()

    expect(page.locator(".notice.good")).to_contain_text("저장했어요")
    page.get_by_role("button", name="되돌리기").click()
    assert copy_of(site).entry(entry.entry_id) == entry
    closed(page, troubles)


def test_an_answer_that_was_wrong_is_marked_by_one_click_and_given_to_the_right_entry(
    browser: BrowserContext, site: Shop
) -> None:
    entry, right = copy_of(site).entries()[8:10]
    query = "군부대로 보내도 되나요"
    answered(site, query, entry.entry_id)
    page = entered(browser, site)
    troubles = watch(page)

    page.goto(f"{site.url}/admin/entries/edit?entry_id={entry.entry_id}")
    row = page.get_by_role("row", name=query)
    row.get_by_role("button", name="이 항목은 답이 아니에요").click()

    expect(page.locator(".notice.good")).to_contain_text("그 항목은 답이 아니라고 적어 두었어요")
    expect(page.get_by_role("heading", level=1)).to_have_text("어느 항목의 표현인가요?")
    page.get_by_label("항목 찾기").fill(right.question)
    page.get_by_role("button", name="찾기", exact=True).click()
    page.locator(f'.choices button[value="{right.entry_id}"]').click()
    expect(page.locator(".notice.good")).to_contain_text("표현 1개를 더했어요")
    page.goto(f"{site.url}/admin/entries/edit?entry_id={entry.entry_id}")
    expect(row).to_contain_text("틀린 답으로 표시함")
    closed(page, troubles)


def test_a_proposal_that_is_wrong_gives_way_to_the_next(
    browser: BrowserContext, site: Shop
) -> None:
    query = "울릉도 배편이 끊기면 어쩌나요"
    asked(site, query)
    page = entered(browser, site)
    troubles = watch(page)
    page.goto(f"{site.url}/admin/unanswered")
    choices = group(page, query).locator(".choices li")
    second = choices.nth(1).locator("button").first.inner_text()

    choices.first.get_by_role("button", name="이 답은 아니에요").click()

    expect(page.locator(".notice.good")).to_contain_text("그 항목은 답이 아니라고 적어 두었어요")
    # Whether a line breaks is up to the styles, which may not be there yet.
    expect(choices.first.locator("button").first).to_have_text(second)
    page.get_by_role("button", name="되돌리기").click()
    expect(page.locator(".notice.good")).to_contain_text("되돌렸어요")
    expect(choices.nth(1).locator("button").first).to_have_text(second)
    closed(page, troubles)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_screen_keeps_anybody_out(
    browser: BrowserContext, site: Shop, language: str, scheme: str
) -> None:
    asked(site, *PARKING, "기린은 몇 살까지 사나요")
    page = entered(browser, site, language)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    troubles = watch(page)
    entry = copy_of(site).entries()[0]
    for query in ("문의 글이 여러 개", entry.question, "틀린 답을 받은 질문"):
        answered(site, query, entry.entry_id)
    copy_of(site).refuse(entry.entry_id, "틀린 답을 받은 질문", "cli")
    found: dict[str, list[str]] = {}

    for path in (
        "unanswered",
        "unanswered?was=added&number=2&deeds=1-2",
        "entries",
        "entries?text=nothing-holds-this",
        "entries/new",
        f"entries/edit?entry_id={entry.entry_id}",
    ):
        page.goto(f"{site.url}/admin/{path}")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        found[path] = violations(page)
    page.goto(f"{site.url}/admin/unanswered")
    page.locator("section.group").first.locator("button[formaction$='/other']").click()
    page.wait_for_url("**/unanswered/choose?**")
    found["choose"] = violations(page)

    assert {path: wrong for path, wrong in found.items() if wrong} == {}
    closed(page, troubles)


def test_a_narrow_screen_needs_no_scrolling_sideways(browser: BrowserContext, site: Shop) -> None:
    page = entered(browser, site)
    page.set_viewport_size({"width": 390, "height": 800})
    for path in ("unanswered", "entries", "entries/new"):
        page.goto(f"{site.url}/admin/{path}")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, path
    page.context.close()
