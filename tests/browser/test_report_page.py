"""The report of `mundap eval report` as people open it: from a file, on a desk or a telephone."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page

from mundap.evaluation.queries import Query
from mundap.evaluation.report.full_report import write_documents
from mundap.evaluation.report.measured import Measured
from mundap.evaluation.statistics.confidence import ConfidenceFigures
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.problems import FaqProblem

pytestmark = pytest.mark.browser

ENTRIES = [
    FaqEntry(f"e{n}", f"무통장입금은 언제까지 입금해야 하나요? {n}", "24시간") for n in range(30)
]
LONG = "휴대폰이 늘 알아서 채워 줘서 몰랐는데 새 노트북에서 들어가려니 암호를 도저히 모르겠어요"
QUERIES = [Query(f"q{n}", f"{LONG} {n}", f"e{n}") for n in range(30)]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with every kind of block, wide tables and long Korean texts."""
    rng = np.random.default_rng(0)
    correct = rng.random(200) < 0.5
    runs = {
        name: {f"q{n}": {f"e{(n + shift) % 30}": 1.0, f"e{n}": 0.5} for n in range(30)}
        for name, shift in (("hybrid", 1), ("dense", 0), ("bm25", 2))
    }
    pair = FaqProblem("confusable", ("e0", "e1"), "met", "mend", (LONG, LONG), 0.9)
    confidence = ConfidenceFigures.of(rng.random(200), correct, np.ones(200, bool), resamples=0)
    measured = Measured.of(ENTRIES, QUERIES, runs, problems=[pair] * 12, confidence=confidence)
    return write_documents(measured, tmp_path_factory.mktemp("report"))[0]


def opened(browser: BrowserContext, report: Path, width: int) -> tuple[Page, list[str]]:
    page = browser.new_page()
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.on("console", lambda line: seen.append(line.text))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(report.as_uri())
    return page, seen


@pytest.mark.parametrize("width", [390, 1100])
def test_the_page_asks_for_nothing_and_fits_the_width(
    width: int, browser: BrowserContext, report: Path
) -> None:
    page, seen = opened(browser, report, width)
    assert seen == [report.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("svg").count() == 5
    page.close()


def test_rows_of_texts_are_cards_on_a_telephone_and_rows_on_a_desk(
    browser: BrowserContext, report: Path
) -> None:
    page, _ = opened(browser, report, 390)
    cell = page.locator("td[data-name='found instead']").first
    assert cell.evaluate("c => getComputedStyle(c, '::before').content") == '"found instead"'
    assert cell.bounding_box()["width"] > 300  # type: ignore[index]
    page.set_viewport_size({"width": 1100, "height": 800})
    assert cell.evaluate("c => getComputedStyle(c, '::before').content") == "none"
    page.close()


def test_text_and_lines_stand_out_from_the_paper_in_light_and_dark(
    browser: BrowserContext, report: Path
) -> None:
    page, _ = opened(browser, report, 1100)
    papers = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        paper = brightness(page, "document.body", "backgroundColor")
        ink = brightness(page, "document.querySelector('td')", "color")
        drawn = brightness(page, "document.querySelector('svg text')", "fill")
        assert abs(paper - ink) > 0.6
        assert abs(paper - drawn) > 0.35
        papers.append(paper)
    assert papers[0] > 0.9 > 0.2 > papers[1]
    page.close()


def brightness(page: Page, element: str, name: str) -> float:
    """Return the mean of red, green and blue, from 0 to 1."""
    colour: str = page.evaluate(f"getComputedStyle({element}).{name}")
    red, green, blue = colour.removeprefix("rgb(").removesuffix(")").split(",")
    return (int(red) + int(green) + int(blue)) / (3 * 255)


def test_more_rows_wait_behind_a_line_to_press(browser: BrowserContext, report: Path) -> None:
    page, _ = opened(browser, report, 390)
    hidden = page.locator("details td").last
    assert not hidden.is_visible()
    page.get_by_text("2 more", exact=True).click()
    assert page.locator("details[open] td").first.is_visible()
    page.close()
