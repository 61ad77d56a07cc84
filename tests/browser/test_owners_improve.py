"""Improving from the owner's page for real: a child process learns, proves and promotes or not."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from mundap.chatbot.home.first_run import is_prepared
from mundap.chatbot.home.home import Home
from mundap.feedback.editing.working_copy import WorkingCopy
from mundap.feedback.verdicts.query_parts import decide_parts
from mundap.improve.parting import is_held_back
from mundap.index.korean.text import match_key
from tests.browser.conftest import violations, watch
from tests.browser.owners_page import entered
from tests.chatbot.admin_site import OWNER, Shop, shop
from tests.feedback.unanswered.store import ask
from tests.improve.small_shop import ENTRIES, say, uncovered, visitors

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Of an improvement, with everything that a busy machine does besides.
MILLISECONDS = 300_000


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path, entries=ENTRIES) as served:
        assert served.service.publishing is not None
        served.service.publishing.draft.begin("cli")
        yield served


def weeks_of_clicks(site: Shop) -> None:
    """Accept what visitors ask as an owner has done for weeks; tests are the same every week."""
    copy = copy_of(site)
    for query, _, entry_id in visitors():
        assert entry_id is not None
        copy.add_phrasing(entry_id, query, OWNER)
    say(copy.database, uncovered())
    now, keys = datetime.now(UTC), [match_key(one[0]) for one in (*visitors(), *uncovered())]
    held_back = {key for key in keys if is_held_back(key, None, now)}
    with copy.database.writing() as connection:
        decide_parts(connection, {key: "test" if key in held_back else "training" for key in keys})


def copy_of(site: Shop) -> WorkingCopy:
    assert site.service.database is not None
    return WorkingCopy(site.service.database)


def told(site: Shop, query: str) -> str:
    """Return what a visitor is told."""
    reply = httpx.post(f"{site.url}/v1/ask", json={"query": query}, timeout=60).json()
    return str(reply["answer"] or reply["message"])


def accept(page: Page, site: Shop, query: str, entry_id: str) -> None:
    """Let a visitor ask, and accept it for an entry as an owner does."""
    with copy_of(site).database.writing() as connection:
        ask(connection, query)
    page.get_by_role("link", name="답을 못 찾은 질문").click()
    card = page.locator("section.group").filter(has=page.get_by_role("heading", name=query))
    card.get_by_role("button", name="다른 항목 고르기").click()
    question = next(e.question for e in ENTRIES if e.entry_id == entry_id)
    page.get_by_label("항목 찾기").fill(question)
    page.get_by_role("button", name="찾기", exact=True).click()
    page.locator(f'.choices button[value="{entry_id}"]').click()
    expect(page.locator(".notice.good")).to_contain_text("표현 1개를 더했어요")


def improved(page: Page) -> None:
    """Press the button, see how far it is, and wait until the screen says what came of it."""
    page.get_by_role("navigation").get_by_role("link", name="개선").click()
    page.get_by_role("button", name="개선 시작하기").click()
    expect(page.get_by_text("배우고 시험하는 중이에요").first).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    # The run that goes on is listed below, without figures yet, once the child has begun.
    deadline = time.monotonic() + MILLISECONDS / 1000
    while "도는 중" not in page.locator("main").inner_text():
        assert time.monotonic() < deadline
        page.wait_for_timeout(500)
        page.reload()
    assert violations(page) == []
    expect(page.get_by_role("button", name="개선 시작하기")).to_be_visible(timeout=MILLISECONDS)


def test_what_owners_accepted_is_learned_proven_and_serves_and_is_taken_back(
    browser: BrowserContext, site: Shop
) -> None:
    weeks_of_clicks(site)
    query, entry = "택배 얼마 말해 줘", ENTRIES[0]
    page = entered(browser, site)
    troubles = watch(page)
    accept(page, site, query, entry.entry_id)

    improved(page)

    run = page.locator("section.card").nth(1)
    expect(run.locator(".tag").first).to_have_text("나아져서 씀")
    expect(run).to_contain_text("따로 떼어 둔 질문")
    expect(run).to_contain_text("새 색인(2번)이 답합니다.")
    expect(run.get_by_role("row", name="맞게 답함")).to_be_visible()
    assert violations(page) == []
    assert told(site, query) == entry.answer
    # A file that is edited later takes nothing of it back at the next start.
    assert site.service.chat.faq is not None
    with site.service.chat.faq.open("a", encoding="utf-8") as file:
        file.write("new,새 질문인가요?,새 답이에요.,\n")
    assert is_prepared(Home.of(site.service.chat))

    # All that was edited were phrasings, which serve: nothing waits, until something is edited.
    changes = page.get_by_role("navigation").get_by_role("link", name="변경과 게시")
    expect(changes).to_have_text("변경과 게시")
    page.get_by_role("link", name="질문과 답").click()
    page.get_by_role("link", name=entry.question).click()
    page.get_by_label("답", exact=False).first.fill("배송비는 오늘부터 없어요.")
    page.get_by_role("button", name="저장").click()
    expect(changes).to_have_text("변경과 게시 1개 게시 전")
    changes.click()
    page.get_by_role("button", name="게시하기").click()
    expect(page.get_by_text("3판을 게시했어요.")).to_be_visible(timeout=MILLISECONDS)
    expect(changes).to_have_text("변경과 게시")
    assert told(site, query) == "배송비는 오늘부터 없어요."

    for number, then in ((2, entry.answer), (1, None)):
        page.get_by_role("link", name=f"{number}판으로 되돌리기").click()
        page.get_by_role("button", name=f"{number}판으로 되돌리기").click()
        expect(page.get_by_text(f"{number}판으로 되돌렸어요.")).to_be_visible(timeout=MILLISECONDS)
        if then is not None:
            assert told(site, query) == then
    assert site.service.live.get().manifest.generation == 1
    # The working copy went back too: what the first generation held, without the phrasings.
    assert copy_of(site).entries() == list(site.service.live.get().entries)
    assert not any(each.alternates for each in copy_of(site).entries())
    page.context.close()
    assert [each for each in troubles if not each.endswith("/icon.svg")] == []


def test_too_few_questions_keep_the_candidate_sealed_and_the_screen_says_why(
    browser: BrowserContext, site: Shop
) -> None:
    query, entry = "택배 며칠 말해 줘", ENTRIES[1]
    page = entered(browser, site, java_script_enabled=False)
    accept(page, site, query, entry.entry_id)
    before = told(site, query)

    page.get_by_role("navigation").get_by_role("link", name="개선").click()
    page.get_by_role("button", name="개선 시작하기").click()
    # Without scripts the screen looks again by itself too.
    expect(page.get_by_role("button", name="개선 시작하기")).to_be_visible(timeout=MILLISECONDS)

    run = page.locator("section.card").nth(1)
    expect(run.locator(".tag").first).to_have_text("쓰지 않음")
    expect(run).to_contain_text("나아졌는지 알 수 없습니다(20개부터 견줍니다)")
    expect(run).to_contain_text("새 색인(2번)은 보관만 합니다.")
    assert told(site, query) == before
    assert site.service.live.get().manifest.generation == 1
    # Nothing was accepted since: it says so, and makes nothing.
    page.get_by_role("button", name="개선 시작하기").click()
    expect(page.get_by_text("새로 배울 것이 없습니다.")).to_be_visible(timeout=MILLISECONDS)
    page.context.close()
