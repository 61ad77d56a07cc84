"""An owner's tasks from start to end, in a browser; and the owner's page for everybody."""

import asyncio
import gc
import re
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import insert

from mundap.feedback.store.tables import improvements
from tests.browser.conftest import violations, watch
from tests.browser.owners_page import SCREENS, arrived, at, entered
from tests.chatbot.admin_site import OWNER, PASSWORD, Shop, shop, shop_entries

pytestmark = pytest.mark.browser

NOW = datetime.now(UTC)
REPORT = {
    "words": {
        "ko": "남겨 둔 질문에 더 많이 맞게 답해서 새 판으로 답해요.",
        "en": "It answers more of the held-back questions rightly, so it serves.",
    },
    "trained": {
        "done": False,
        "words": {"ko": "새 표현이 적어 인코더는 그대로예요.", "en": "Few."},
    },
    "tests": {"covered": 40, "other": 12},
    "before": {"generation": 1, "answered_right": 0.55, "answered_wrong": 0.05, "unknown": 0.2},
    "after": {"generation": 2, "answered_right": 0.7, "answered_wrong": 0.025, "unknown": 0.1},
    "changes": [
        {
            "query": "택배 언제 와요",
            "right": ["delivery-006"],
            "before": {"outcome": "unknown", "entry_id": None},
            "after": {"outcome": "right", "entry_id": "delivery-006"},
        }
    ],
    "questions": {"delivery-006": "주문하면 배송이 며칠 걸리나요?"},
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop with weeks of visitors, with the chat page."""
    with warnings.catch_warnings():
        # gradio opens event loops here that it never closes.
        warnings.simplefilter("ignore", ResourceWarning)
        with shop(tmp_path_factory.mktemp("shop"), demo=True, page=True) as running:
            asyncio.set_event_loop(None)
            gc.collect()
            yield running


@pytest.fixture
def page(browser: BrowserContext, served: Shop) -> Iterator[Page]:
    """A page of an owner who has logged in; nothing on it may fail or leave this machine."""
    page = entered(browser, served)
    troubles = watch(page)
    yield page
    page.context.close()
    # A screen that is left while its icon is still on the way is no trouble.
    assert [each for each in troubles if not each.endswith("/icon.svg")] == []


def answered(shop: Shop, query: str) -> str:
    """Return what a visitor is told."""
    reply = httpx.post(f"{shop.url}/v1/ask", json={"query": query}, timeout=60).json()
    return str(reply["answer"] or reply["message"])


def test_an_owner_comes_in_looks_around_and_leaves(browser: BrowserContext, served: Shop) -> None:
    page = arrived(browser, served)
    page.get_by_label("이름").fill(OWNER)
    page.get_by_label("비밀번호").fill("다른 비밀번호예요")
    page.get_by_role("button", name="들어가기").click()
    expect(page.get_by_role("alert")).to_have_text("이름이나 비밀번호가 맞지 않아요.")
    expect(page.get_by_label("이름")).to_have_value(OWNER)
    page.get_by_label("비밀번호").fill(PASSWORD)
    page.get_by_role("button", name="들어가기").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("현황")
    page.get_by_role("link", name="설정").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("설정")
    page.get_by_role("button", name="나가기").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("들어가기")
    page.goto(f"{served.url}/admin/settings")
    # Who comes back lands where they wanted to go.
    page.get_by_label("이름").fill(OWNER)
    page.get_by_label("비밀번호").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("설정")
    page.context.close()


def test_an_owner_sees_how_it_goes(page: Page) -> None:
    figures = page.locator(".figure")
    expect(figures).to_have_count(6)
    thirty = figures.first.locator("dd").first.inner_text()
    page.get_by_role("link", name="7일", exact=True).click()
    expect(page.get_by_role("link", name="7일", exact=True)).to_have_attribute(
        "aria-current", "page"
    )
    assert int(figures.first.locator("dd").first.inner_text().replace(",", "")) < int(
        thirty.replace(",", "")
    )
    page.get_by_role("link", name="90일").click()
    page.get_by_text("표로 보기").click()
    expect(page.get_by_role("table").first.locator("tbody tr")).to_have_count(90)
    expect(page.get_by_role("img")).to_have_accessible_name(
        "최근 90일의 하루 질문 수: 답함, 골라 달라고 함, 모른다고 함"
    )


def test_an_owner_mends_an_answer_tries_it_publishes_it_and_goes_back(
    page: Page, served: Shop
) -> None:
    query = shop_entries()[0].question
    before = answered(served, query)
    page.get_by_role("link", name="질문과 답").click()
    page.get_by_role("link", name=query).click()
    page.get_by_label("답", exact=False).first.fill("배송비는 오늘부터 없어요.")
    page.get_by_role("button", name="저장").click()

    page.get_by_role("link", name="물어보기").click()
    page.get_by_label("질문").fill(query)
    page.get_by_role("button", name="물어보기").click()
    served_now = page.locator(
        "section", has=page.get_by_role("heading", name="지금 방문자가 받는 답")
    )
    drafted = page.locator("section", has=page.get_by_role("heading", name="게시하면 받을 답"))
    expect(served_now.locator(".said")).to_have_text(before)
    page.get_by_role("button", name="준비하기").click()
    expect(drafted.locator(".said")).to_have_text("배송비는 오늘부터 없어요.", timeout=120_000)
    expect(drafted.get_by_text("가장 가까운 질문")).to_be_visible()
    assert answered(served, query) == before

    page.get_by_role("link", name="변경 보고 게시하기").click()
    expect(page.get_by_text("고친 것 1")).to_be_visible()
    expect(page.locator("ins")).to_have_text("배송비는 오늘부터 없어요.")
    page.get_by_role("button", name="게시하기").click()
    expect(page.get_by_text("게시했어요.")).to_be_visible(timeout=120_000)
    assert answered(served, query) == "배송비는 오늘부터 없어요."

    page.get_by_label("앞").select_option("1")
    page.get_by_label("뒤").select_option("serving")
    page.get_by_role("button", name="견주기").click()
    expect(page.locator("ins")).to_have_text("배송비는 오늘부터 없어요.")

    page.get_by_role("link", name="1판으로 되돌리기").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1판으로 되돌릴까요?")
    page.get_by_role("button", name="1판으로 되돌리기").click()
    expect(page.get_by_text("1판으로 되돌렸어요.")).to_be_visible(timeout=120_000)
    assert answered(served, query) == before
    expect(page.get_by_role("table").last).to_contain_text("앞의 판으로 되돌림")


def test_an_owner_gives_the_chat_its_look(page: Page, served: Shop) -> None:
    page.get_by_role("link", name="설정").click()
    page.get_by_label("이름", exact=True).fill("하나마트 상담")
    page.get_by_label("이름 아래 한 줄", exact=True).fill("무엇이든 물어보세요.")
    page.get_by_label("시작 질문").fill("환불은 언제 되나요?\n배송비는 얼마인가요?")
    page.get_by_label("색").fill("#0f766e")
    page.locator("section", has=page.get_by_role("heading", name="대화창의 모습")).get_by_role(
        "button", name="저장"
    ).click()
    expect(page.get_by_role("status")).to_have_text("저장했어요. 대화창을 새로 열면 보여요.")
    page.get_by_label("전화").fill("1600-0000")
    page.locator("section", has=page.get_by_role("heading", name="연락처")).get_by_role(
        "button", name="저장"
    ).click()

    chat = page.context.new_page()
    chat.goto(served.url)
    expect(chat.locator("#head h1")).to_have_text("하나마트 상담")
    expect(chat.locator("#subtitle")).to_have_text("무엇이든 물어보세요.")
    expect(chat.locator("#chat .example")).to_have_text(
        ["환불은 언제 되나요?", "배송비는 얼마인가요?"]
    )
    expect(chat.locator("#send")).to_have_css("background-color", "rgb(15, 118, 110)")
    assert chat.title() == "하나마트 상담"
    chat.get_by_text("문의하기").click()
    expect(chat.get_by_role("link", name="전화 1600-0000")).to_be_visible()
    # An owner sees why, a visitor does not.
    chat.locator("#box").fill("배송비는 얼마인가요?")
    chat.locator("#box").press("Enter")
    expect(chat.get_by_text("왜 이 답인가요?")).to_be_visible()
    chat.close()
    for name in ("이름", "이름 아래 한 줄"):
        page.get_by_label(name, exact=True).fill("")


def test_a_colour_that_cannot_be_read_is_refused_and_nothing_is_lost(
    browser: BrowserContext, served: Shop
) -> None:
    page = entered(browser, served)
    at(page, served, "settings")
    page.get_by_label("첫인사", exact=True).fill("어서 오세요!")
    page.get_by_label("색").fill("#ffff00")
    page.locator("form[action*=look] button").click()
    expect(page.get_by_role("alert")).to_have_text(
        "저장하지 않았어요. 빨갛게 표시한 칸을 고쳐 주세요."
    )
    expect(page.get_by_label("색")).to_have_accessible_description(
        "이 색 위의 흰 글씨는 읽기 어려워요. 더 짙은 색을 골라 주세요."
    )
    expect(page.get_by_label("첫인사", exact=True)).to_have_value("어서 오세요!")
    page.context.close()


def test_an_owner_chooses_how_sure_an_answer_is_to_be(page: Page, served: Shop) -> None:
    at(page, served, "settings")
    expect(page.locator(".sentence")).to_contain_text("정답")
    page.locator('[name=target_accuracy][value="0.95"]').check()
    page.get_by_role("button", name="이 기준으로 답하기").click()
    expect(page.get_by_role("status")).to_have_text("저장했어요. 다음 질문부터 이렇게 답해요.")
    expect(page.locator('[name=target_accuracy][value="0.95"]')).to_be_checked()
    assert served.service.live.get().confidence.answer == 0.95
    page.get_by_role("radio", name="65%").or_(page.get_by_role("radio", name="70%")).first.check()
    page.get_by_role("button", name="이 기준으로 답하기").click()


def test_an_owner_changes_the_password_and_the_other_browser_is_out(
    browser: BrowserContext, served: Shop
) -> None:
    name, old, new = "박두리", "두리의 긴 비밀번호", "두리의 더 긴 비밀번호"
    served.owners.add(name, old)
    here, elsewhere = (entered(browser, served, owner=(name, old)) for _ in range(2))
    here.get_by_role("link", name="비밀번호 바꾸기").click()
    here.get_by_label("지금 비밀번호").fill(old)
    here.get_by_label("새 비밀번호 10자", exact=False).fill(new)
    here.get_by_label("새 비밀번호 한 번 더").fill(new)
    here.get_by_role("button", name="바꾸기").click()
    expect(here.get_by_role("status")).to_contain_text("비밀번호를 바꿨어요.")
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("들어가기")
    here.get_by_role("link", name="설정").click()
    expect(here.get_by_role("heading", level=1)).to_have_text("설정")
    here.context.close()
    elsewhere.context.close()


def test_an_owner_reads_what_became_of_an_improvement(page: Page, served: Shop) -> None:
    database = served.service.database
    assert database is not None
    at(page, served, "improve")
    with database.writing() as connection:
        done = {"started": NOW, "finished": NOW, "state": "promoted", "generation": 2}
        connection.execute(insert(improvements).values(**done, report=REPORT))
    page.reload()
    expect(page.get_by_text("남겨 둔 질문에 더 많이 맞게 답해서")).to_be_visible()
    expect(page.get_by_role("row", name="맞게 답함")).to_contain_text("55.0%70.0%")
    page.get_by_text("달라진 질문 1개").click()
    expect(page.get_by_role("row", name="택배 언제 와요")).to_contain_text("주문하면 배송이 며칠")


def states(page: Page, served: Shop) -> Iterator[str]:
    """Open each screen, with what unfolds unfolded."""
    for screen in (
        *SCREENS,
        "password",
        "try?q=배송비는 얼마인가요?",
        "changes?before=1&after=draft",
    ):
        at(page, served, screen)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        yield screen


@pytest.mark.parametrize(
    ("language", "scheme", "width"),
    [("ko", "light", 1280), ("en", "dark", 1024), ("ko", "dark", 390), ("en", "light", 390)],
)
def test_axe_finds_nothing_and_nothing_sticks_out(
    browser: BrowserContext, served: Shop, language: str, scheme: Any, width: int
) -> None:
    size = {"width": width, "height": 800}
    page = arrived(browser, served, language, color_scheme=scheme, viewport=size)
    met = {"door": violations(page)}
    page.context.close()
    page = entered(browser, served, language, color_scheme=scheme, viewport=size)
    wide = {}
    for screen in states(page, served):
        met[screen] = violations(page)
        wide[screen] = page.evaluate("document.documentElement.scrollWidth")
    page.context.close()
    assert {screen: found for screen, found in met.items() if found} == {}
    assert {screen: found for screen, found in wide.items() if found > width} == {}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_word_is_in_the_language_that_was_chosen(
    browser: BrowserContext, served: Shop, language: str
) -> None:
    page = entered(browser, served, language)
    for screen in SCREENS:
        at(page, served, screen)
        expect(page.locator("html")).to_have_attribute("lang", language)
        labels = page.evaluate(
            "[...document.querySelectorAll('label, legend, h1, nav a, main > .top p, caption')]"
            ".map((one) => one.childNodes[0].textContent.trim()).filter(Boolean)"
        )
        wrong = "[가-힣]" if language == "en" else r"^[A-Za-z ]+$"
        assert [label for label in labels if re.search(wrong, label)] == []
    page.context.close()


def test_keys_reach_everything_in_the_order_that_is_seen(page: Page, served: Shop) -> None:
    at(page, served, "overview")
    met = []
    for _ in range(len(SCREENS) + 6):
        page.keyboard.press("Tab")
        met.append(page.evaluate("document.activeElement.textContent.trim()"))
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring == "solid"
    names = ["현황", "답을 못 찾은 질문", "질문과 답", "물어보기", "변경과 게시", "개선", "설정"]
    assert met == ["본문으로 가기", *names, "비밀번호 바꾸기", "나가기", "한국어", "English", "7일"]
    page.keyboard.press("Shift+Tab")
    at(page, served, "overview")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_screen_readers_tree_names_the_figures(page: Page, served: Shop) -> None:
    at(page, served, "overview?days=7")
    tree = page.locator("nav").first.aria_snapshot().splitlines()
    assert tree[0] == '- navigation "화면":'
    assert [line.strip() for line in tree if "link" in line][:2] == [
        '- link "현황":',
        '- link "답을 못 찾은 질문":',
    ]
    figures = page.locator(".cards").aria_snapshot()
    for name in ("질문", "답함", "골라 달라고 함", "모른다고 함", "좋아요 비율", "답하는 시간"):
        assert f"- term: {name}" in figures


@pytest.mark.parametrize("width", [390, 1280])
def test_every_target_is_large_enough_to_be_hit(
    browser: BrowserContext, served: Shop, width: int
) -> None:
    page = entered(browser, served, viewport={"width": width, "height": 800})
    small = {}
    for screen in states(page, served):
        found = page.evaluate(
            """() => [...document.querySelectorAll(
                    "button, select, nav a, .button, input, summary")]
                .filter((one) => one.checkVisibility() && one.type !== "hidden")
                .map((one) => [one.textContent.trim() || one.name,
                    (one.closest("label") ?? one).getBoundingClientRect()])
                .filter(([, box]) => box.width < 24 || box.height < 24)
                .map(([name, box]) => `${name} ${box.width}x${box.height}`)"""
        )
        if found:
            small[screen] = found
    page.context.close()
    assert small == {}


def test_everything_works_without_scripts(browser: BrowserContext, served: Shop) -> None:
    page = entered(browser, served, java_script_enabled=False)
    for screen in SCREENS:
        page.goto(f"{served.url}/admin/{screen}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_label("상담 시간").fill("평일 9~18시")
    page.locator("form[action*=contact] button").click()
    expect(page.get_by_label("상담 시간")).to_have_value("평일 9~18시")
    page.context.close()
