import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mundap.chatbot.page.similarity_html import alert, score, table
from mundap.chatbot.page.similarity_tab import MAX_LENGTH, StsEvents, _words
from mundap.chatbot.page.text import sts_text
from mundap.chatbot.similarity.similarity import RankedText, Similarity, StsScore
from mundap.chatbot.similarity.table import SentenceTable
from mundap.index.faq.csv_file import CsvFile
from mundap.index.similarity.pair_encoder import CosineEncoder
from mundap.index.similarity.scale import LINEAR
from tests.tiny_encoder import TinyEncoder

KO, EN = sts_text("ko"), sts_text("en")


@pytest.fixture
def events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StsEvents:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "cache"))
    return StsEvents(Similarity(CosineEncoder(TinyEncoder()), LINEAR), max_rows=1000)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "문장.csv"
    path.write_bytes("id,문장\n1,환불 <b>되나요\n2,=1+1\n".encode("cp949"))
    return path


def no_progress(done: Any, **given: Any) -> None:
    """Stand in for gradio's progress bar."""


def test_two_sentences_get_a_score_and_a_bar(events: StsEvents) -> None:
    shown = events.compare("환불 되나요", "환불  되나요", "ko")
    assert "<strong>5.00</strong> / 5" in shown
    assert '<meter min="0" max="5" value="5.0">' in shown
    assert "코사인 유사도 1.000" in shown


@pytest.mark.parametrize(
    ("first", "second", "language", "problem"),
    [
        ("", "환불", "ko", KO.blank),
        ("환불", " \n", "en", EN.blank),
        ("가" * (MAX_LENGTH + 1), "나", "ko", "문장은 1,000자까지 쓸 수 있어요."),
    ],
)
def test_blank_and_long_sentences_are_told_so(
    events: StsEvents, first: str, second: str, language: Any, problem: str
) -> None:
    assert events.compare(first, second, language) == alert(problem)
    assert events.rank(first + second, None, "", language)[0].startswith('<p class="sts-alert"')


def test_a_file_is_shown_from_the_closest_on_and_kept_whole(events: StsEvents, file: Path) -> None:
    shown, download = events.rank("환불 <b>되나요", str(file), "", "ko", no_progress)  # type: ignore[arg-type]

    assert "‘문장’ 열의 문장 2개를 비교했어요." in shown
    assert "<tr><td>5.00</td><td>0</td><td>환불 &lt;b&gt;되나요</td></tr>" in shown
    content = Path(download["value"]).read_text(encoding="utf-8-sig")
    lines = list(csv.reader(io.StringIO(content)))
    assert [line[3] for line in lines] == ["text", "환불 <b>되나요", "'=1+1"]
    assert download["visible"]


def test_a_file_must_be_chosen(events: StsEvents) -> None:
    shown, download = events.rank("환불", None, "", "en")
    assert shown == alert(EN.no_file)
    assert download["visible"] is False


@pytest.mark.parametrize(
    ("content", "column", "problem", "detail"),
    [
        (b"PK\x03\x04", "", KO.problems["not_csv"], "an Excel workbook"),
        (b"text\nx\n", "문장", KO.problems["bad_csv"], "no column &#x27;문장&#x27;"),
        (b"<script>\n\n", "<b>", KO.problems["bad_csv"], "found &#x27;&lt;script&gt;&#x27;"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_so(
    events: StsEvents, tmp_path: Path, content: bytes, column: str, problem: str, detail: str
) -> None:
    (tmp_path / "f").write_bytes(content)
    shown, download = events.rank("환불", str(tmp_path / "f"), column, "ko")
    assert problem in shown
    assert detail in shown
    assert download["visible"] is False


def test_progress_is_told_every_few_hundred_rows(events: StsEvents, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    def progress(done: tuple[int, int], **given: Any) -> None:
        told.append(done)

    (tmp_path / "f").write_bytes(b"text\n" + b"x\n" * 600)
    events.rank("x", str(tmp_path / "f"), "", "ko", progress)  # type: ignore[arg-type]
    assert told == [(256, 600), (512, 600)]


def test_nothing_of_a_visitor_is_markup() -> None:
    hostile = "<img src=x onerror=alert(1)>"
    shown = table(
        [RankedText(0, hostile, StsScore(0.0, 0.0))],
        SentenceTable(CsvFile(io.BytesIO(), "utf-8"), hostile, 0, 1),
        KO,
    )
    assert "<img" not in shown + alert(hostile, hostile)


def test_a_cross_encoder_has_no_cosine_to_show() -> None:
    assert "<small></small>" in score(StsScore(None, 1.0), KO)


def test_every_word_of_the_tab_is_there_in_both_languages() -> None:
    korean, english = _words("ko"), _words("en")
    assert korean.keys() == english.keys()
    assert all(korean[name] != english[name] for name in korean)
    assert KO.problems.keys() == EN.problems.keys() == {"not_csv", "too_many_rows", "bad_csv"}
