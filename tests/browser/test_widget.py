"""The bubble and its panel, on a site of another origin, in a real browser."""

import gzip
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Locator, Page, expect

from tests.browser.conftest import page_site, violations, watch
from tests.browser.owners_site import owners_site
from tests.chatbot.api_site import Site

pytestmark = pytest.mark.browser

TITLE = "하나몰 문답"
HEAD = """<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>하나몰</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/icon.js"></head><body><main><h1>하나몰</h1>
<p>가게의 첫 화면입니다.</p><p><button id="own">문의</button> <input aria-label="찾기"></p>
</main>{scripts}</body></html>"""
# Notes what happens to the first widget of a page, as a site's own script might.
NOTES = """
window.notes = [];
for (const name of ["ready", "open", "close", "ask", "reply"]) {
    mundap.addEventListener(name, ({ detail }) => notes.push([name, detail]));
}
document.querySelector("#own").addEventListener("click", () => mundap.toggle());
"""


def beside(origin: str) -> str:
    """Return another origin of the owner's, which is of the same site as the chat page."""
    return origin.replace("localhost", "127.0.0.1")


class Panel:
    """Names for what a widget has put on a page."""

    def __init__(self, page: Page, name: str = "mundap-1") -> None:
        self.page = page
        self.root = page.locator(f"mundap-widget[data-name={name}]")
        self.bubble: Locator = self.root.locator(".bubble")
        self.dialog: Locator = self.root.locator("dialog")
        self.close: Locator = self.root.locator(".close")
        self.cover: Locator = self.root.locator(".cover")
        self.chat: FrameLocator = self.root.frame_locator("iframe")
        self.box = self.chat.locator("#box")
        self.asked = self.chat.locator("#chat .asked")
        self.answers = self.chat.locator("#chat .reply[aria-busy=false] .answer")

    def open(self) -> None:
        self.bubble.click()
        expect(self.cover).to_be_hidden()
        expect(self.chat.locator("#chat .example").first).to_be_visible()


@pytest.fixture(autouse=True, scope="module")
def _patient() -> Iterator[None]:
    """A page in a page in a busy machine takes its time."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """What the owner's site shows, by path."""
    return {"/notes.js": NOTES, "/icon.js": ""}


@pytest.fixture(scope="module")
def faq(tmp_path_factory: pytest.TempPathFactory, pages: dict[str, str]) -> Iterator[Site]:
    """The chat page, which the owner's site may frame."""
    folder = tmp_path_factory.mktemp("widget")
    # Each needs the other's port: the site is told later whom to trust.
    with owners_site(pages) as origin:
        chat = {"title": TITLE, "page": {"colour": "#0f766e"}}
        origins = (origin, beside(origin))
        with page_site(folder, chat, embed_origins=origins) as served:
            pages["origin"], pages["chat"] = origin, served.url
            yield served


@pytest.fixture(scope="module")
def origin(faq: Site, pages: dict[str, str]) -> str:
    return pages["origin"]


@pytest.fixture
def page(browser: BrowserContext, faq: Site) -> Iterator[Page]:
    """A visitor's tab; nothing on it may fail, be refused by a policy or leave this machine."""
    page = browser.new_page()
    troubles = watch(page)
    yield page
    page.close()
    assert [each for each in troubles if "left this machine: http://localhost" not in each] == []


def put(pages: dict[str, str], faq: Site, *attributes: str) -> None:
    """Give the site's first page a widget for each of `attributes`."""
    scripts = [f'<script src="{faq.url}/widget.js" {each}></script>' for each in attributes]
    pages["/"] = HEAD.format(scripts="".join(scripts) + '<script src="/notes.js"></script>')


@pytest.fixture
def panel(page: Page, pages: dict[str, str], faq: Site, origin: str) -> Panel:
    """The closed widget of a page that has one, as it comes."""
    put(pages, faq, "")
    page.goto(origin)
    return Panel(page)


def notes(page: Page) -> list[str]:
    """Return the names of what the site was told of."""
    found: list[list[str]] = page.evaluate("notes")
    return [name for name, _ in found]


def focused(page: Page) -> str:
    """Return what has the focus, through shadow trees: its class, id or tag."""
    return str(
        page.evaluate(
            """() => { let it = document.activeElement;
            while (it.shadowRoot?.activeElement) it = it.shadowRoot.activeElement;
            return it.className || it.id || it.tagName; }"""
        )
    )


def test_a_visitor_asks_in_the_panel_of_a_site_that_allows_nothing_inline(panel: Panel) -> None:
    expect(panel.bubble).to_have_accessible_name(f"{TITLE} 열기")
    expect(panel.bubble).to_have_css("background-color", "rgb(15, 118, 110)")
    expect(panel.dialog).to_be_hidden()
    panel.open()
    panel.page.keyboard.type("환불은 언제 되나요?")
    panel.page.keyboard.press("Enter")
    expect(panel.answers).to_have_text("회수 후 3일 안에 환불돼요.")
    assert panel.page.evaluate("document.cookie") == ""
    assert panel.page.context.cookies() == []


def test_nothing_of_the_page_is_fetched_before_the_bubble_is_pressed(panel: Panel) -> None:
    expect(panel.bubble).to_be_visible()
    assert len(panel.page.frames) == 1


def test_the_keyboard_opens_it_asks_and_comes_back(panel: Panel) -> None:
    panel.page.locator("input").focus()
    panel.page.keyboard.press("Tab")
    assert focused(panel.page) == "bubble"
    panel.page.keyboard.press("Enter")
    expect(panel.box).to_be_focused()
    panel.page.keyboard.press("Escape")
    expect(panel.dialog).to_be_hidden()
    assert focused(panel.page) == "bubble"
    panel.page.keyboard.press("Enter")
    expect(panel.box).to_be_focused()
    panel.close.focus()
    panel.page.keyboard.press("Escape")
    expect(panel.dialog).to_be_hidden()
    assert focused(panel.page) == "bubble"


def test_an_escape_that_folds_a_menu_leaves_the_panel(panel: Panel) -> None:
    panel.open()
    menu = panel.chat.locator("#more")
    menu.locator("summary").click()
    panel.page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(panel.dialog).to_be_visible()
    panel.page.keyboard.press("Escape")
    expect(panel.dialog).to_be_hidden()


def test_a_screen_reader_is_told_of_a_dialog_and_of_the_frame_in_it(panel: Panel) -> None:
    expect(panel.root.get_by_role("button", name=f"{TITLE} 열기")).to_have_count(1)
    panel.open()
    expect(panel.root.get_by_role("dialog", name=TITLE)).to_be_visible()
    expect(panel.root.get_by_role("button", name="닫기")).to_be_visible()
    expect(panel.root.locator("iframe")).to_have_attribute("title", TITLE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_open_or_closed(
    browser: BrowserContext, pages: dict[str, str], faq: Site, scheme: str
) -> None:
    # axe is a script from elsewhere, which the site's own policy refuses.
    put(pages, faq, "")
    with owners_site({**pages, "chat": ""}) as free:
        page = browser.new_page()
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(free)
        panel = Panel(page)
        assert violations(page) == []
        page.evaluate("mundap.open()")
        expect(panel.dialog).to_be_visible()
        assert violations(page) == []
        page.close()


def test_the_site_may_open_ask_listen_and_close(panel: Panel) -> None:
    page = panel.page
    page.evaluate("mundap.ask('환불은 언제 되나요?')")
    expect(panel.answers).to_have_text("회수 후 3일 안에 환불돼요.")
    page.evaluate("mundap.ask('배송은 며칠 걸리나요?')")
    expect(panel.answers.last).to_have_text("출고 후 이틀 안에 받으세요.")
    page.wait_for_function("notes.filter(([name]) => name === 'reply').length === 2")
    assert page.evaluate("mundap.isOpen") is True
    page.evaluate("mundap.close()")
    expect(panel.dialog).to_be_hidden()
    assert notes(page) == ["open", "ready", "ask", "reply", "ask", "reply", "close"]
    told = page.evaluate("notes.find(([name]) => name === 'reply')[1]")
    assert told == {
        "query": "환불은 언제 되나요?",
        "kind": "answer",
        "text": "회수 후 3일 안에 환불돼요.",
    }


def test_what_is_no_question_is_refused_in_words(panel: Panel) -> None:
    for wrong in ("''", "'  '", "undefined", "{}"):
        said = panel.page.evaluate(
            f"(() => {{ try {{ mundap.ask({wrong}) }} catch (e) {{ return e.message }} }})()"
        )
        assert said == "mundap: ask() wants a question, a string that is not blank"
    expect(panel.dialog).to_be_hidden()


def test_closing_leaves_the_focus_of_who_types_elsewhere(panel: Panel) -> None:
    panel.open()
    panel.page.locator("input").focus()
    panel.page.evaluate("mundap.close()")
    assert focused(panel.page) == "INPUT"
    panel.page.locator("#own").click()
    expect(panel.box).to_be_focused()
    panel.page.keyboard.press("Escape")
    expect(panel.dialog).to_be_hidden()
    assert focused(panel.page) == "own"


def test_on_a_phone_the_panel_is_the_screen_and_nothing_behind_it_is_reached(
    panel: Panel,
) -> None:
    panel.page.set_viewport_size({"width": 390, "height": 780})
    panel.open()
    assert panel.dialog.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 780}
    # No keyboard of a phone's covers the greeting.
    assert focused(panel.page) == "close"
    for _ in range(30):
        panel.page.keyboard.press("Tab")
        assert focused(panel.page) in {"close", "IFRAME", "BODY"}
    panel.page.keyboard.press("Escape")
    expect(panel.dialog).to_be_hidden()
    assert focused(panel.page) == "bubble"


def test_turning_a_phone_keeps_the_conversation(panel: Panel) -> None:
    panel.page.evaluate("mundap.ask('환불은 언제 되나요?')")
    expect(panel.answers).to_have_count(1)
    for size in ((390, 780), (780, 390), (1000, 800)):
        panel.page.set_viewport_size({"width": size[0], "height": size[1]})
        expect(panel.answers).to_be_visible()
    box = panel.dialog.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (400, 680)
    assert notes(panel.page) == ["open", "ready", "ask", "reply"]


def test_attributes_change_words_look_and_context(
    page: Page, pages: dict[str, str], faq: Site, origin: str
) -> None:
    starters = "환불은 언제 되나요?|교환은 어떻게 하나요?"
    put(
        pages,
        faq,
        f'data-title="배송 &lt;b&gt; 도우미" data-greeting="어서 오세요" data-starters="{starters}"'
        ' data-colour="#b91c1c" data-logo="/icon.js" data-position="left" data-language="en"'
        ' data-category="배송"',
    )
    page.goto(origin)
    panel = Panel(page)
    expect(panel.bubble).to_have_accessible_name("Open 배송 <b> 도우미")
    expect(panel.bubble).to_have_css("background-color", "rgb(185, 28, 28)")
    assert (panel.bubble.bounding_box() or {})["x"] == 20
    panel.open()
    expect(panel.chat.locator("h1")).to_have_text("배송 <b> 도우미")
    expect(panel.chat.locator("h1 img")).to_have_attribute("src", f"{origin}/icon.js")
    expect(panel.chat.locator("#welcome .greeting")).to_have_text("어서 오세요")
    expect(panel.chat.locator("#chat .example")).to_have_text(starters.split("|"))
    expect(panel.chat.locator("#send")).to_have_css("background-color", "rgb(185, 28, 28)")
    expect(panel.chat.locator("#send")).to_have_text("Send")
    expect(panel.chat.locator("#category")).to_have_value("배송")


def test_an_attribute_that_says_nothing_is_left_out_in_words(
    browser: BrowserContext, pages: dict[str, str], faq: Site, origin: str
) -> None:
    put(
        pages,
        faq,
        'data-colour="yellow" data-position="top" data-language="jp"'
        ' data-logo="javascript:alert(1)" data-name="a b"',
    )
    page = browser.new_page()
    lines: list[str] = []
    page.on("console", lambda line: lines.append(line.text))
    page.goto(origin)
    expect(Panel(page).bubble).to_have_css("background-color", "rgb(15, 118, 110)")
    wanted = ["colour", "position", "language", "logo", "name"]
    met = [line.split("=")[0].removeprefix("mundap: data-") for line in lines]
    assert sorted(met) == sorted(wanted)
    assert all("is left out; wanted " in line for line in lines)
    page.close()


def test_several_widgets_never_clash(
    page: Page, pages: dict[str, str], faq: Site, origin: str
) -> None:
    put(pages, faq, 'data-name="order"', 'data-name="help" data-colour="#b91c1c"', "")
    # A browser that blocks the cookies of other sites keeps nothing of theirs.
    page.goto(beside(origin))
    first, second, third = Panel(page, "order"), Panel(page, "help"), Panel(page, "mundap-3")
    tops = [(panel.bubble.bounding_box() or {})["y"] for panel in (first, second, third)]
    assert tops == [720, 648, 576]
    first.open()
    first.box.fill("환불은 언제 되나요?")
    first.box.press("Enter")
    expect(first.answers).to_have_count(1)
    page.evaluate("mundap.named('help').open()")
    expect(first.dialog).to_be_hidden()
    expect(second.chat.locator("#chat .example").first).to_be_visible()
    expect(second.asked).to_have_count(0)
    second.box.fill("배송은 며칠 걸리나요?")
    second.box.press("Enter")
    expect(second.answers).to_have_text("출고 후 이틀 안에 받으세요.")
    assert notes(page) == ["open", "ready", "ask", "reply", "close"]
    # The next page of the site has both conversations.
    page.goto(beside(origin))
    first.bubble.click()
    expect(first.answers).to_have_text("회수 후 3일 안에 환불돼요.")
    page.evaluate("mundap.named('help').open()")
    expect(second.answers).to_have_text("출고 후 이틀 안에 받으세요.")
    assert page.evaluate("mundap.named('nobody')") is None


def test_a_bubble_can_be_left_out(
    page: Page, pages: dict[str, str], faq: Site, origin: str
) -> None:
    put(pages, faq, 'data-bubble="off"')
    page.goto(origin)
    panel = Panel(page)
    expect(panel.bubble).to_be_hidden()
    page.locator("#own").click()
    expect(panel.box).to_be_focused()


def test_a_site_that_is_not_listed_gets_no_page(
    browser: BrowserContext, pages: dict[str, str], faq: Site
) -> None:
    with owners_site(pages) as foreign:
        put(pages, faq, "")
        page = browser.new_page()
        page.clock.install()
        lines: list[str] = []
        page.on("console", lambda line: lines.append(line.text))
        page.goto(foreign)
        panel = Panel(page)
        with page.expect_console_message(lambda line: "frame-ancestors" in line.text):
            panel.bubble.click()
        expect(panel.cover).to_contain_text("불러오는 중이에요…")
        page.clock.run_for(11_000)
        expect(panel.cover).to_contain_text("지금은 연결할 수 없어요.")
        expect(panel.cover.get_by_role("link")).to_have_attribute("href", f"{faq.url}/")
        assert [line for line in lines if f"is {foreign} in the embed_origins" in line]
        page.close()


def test_a_page_that_was_away_is_tried_again(
    browser: BrowserContext, pages: dict[str, str], faq: Site, origin: str
) -> None:
    put(pages, faq, "")
    page = browser.new_page()
    page.route(f"{faq.url}/", lambda route: route.abort())
    page.clock.install()
    page.goto(origin)
    panel = Panel(page)
    panel.bubble.click()
    page.clock.run_for(11_000)
    again = panel.cover.get_by_role("button")
    expect(again).to_have_text("다시 시도")
    page.unroute(f"{faq.url}/")
    again.click()
    expect(panel.cover).to_be_hidden()
    expect(panel.box).to_be_focused()
    page.close()


def test_messages_of_anybody_else_are_not_heard(panel: Panel) -> None:
    panel.open()
    panel.page.evaluate("postMessage({ mundap: 'close' }, '*')")
    frame = panel.page.frames[1]
    frame.evaluate("postMessage({ mundap: 'ask', query: '환불은 언제 되나요?' }, '*')")
    panel.page.evaluate("mundap.ask('배송은 며칠 걸리나요?')")
    expect(panel.asked).to_have_text(["배송은 며칠 걸리나요?"])
    expect(panel.dialog).to_be_visible()


def test_it_weighs_less_than_15_kilobytes(faq: Site) -> None:
    answer = faq.get("/widget.js", **{"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < 15_000
    assert len(gzip.compress(answer.content)) < 15_000
