import csv
import io
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from mundap.chatbot.page.files import Files
from mundap.chatbot.page.similarity_html import alert, score, table
from mundap.chatbot.page.similarity_tab import StsEvents, _words
from mundap.chatbot.page.text import sts_text
from mundap.chatbot.places import Places
from mundap.chatbot.similarity.similarity import RankedText, Similarity, StsScore
from mundap.chatbot.similarity.table import SentenceTable
from mundap.index.similarity.pair_encoder import CosineEncoder
from mundap.index.similarity.scale import LINEAR
from mundap.index.tables.csv_file import CsvFile
from tests.tiny_encoder import TinyEncoder

KO, EN = sts_text("ko"), sts_text("en")


@pytest.fixture
def files() -> Iterator[Files]:
    with closing(Files()) as files:
        yield files


def sts_events(files: Files, rankings: Places) -> StsEvents:
    similarity = Similarity(CosineEncoder(TinyEncoder()), LINEAR)
    return StsEvents(similarity, files, rankings, max_rows=1000, max_length=1000)


@pytest.fixture
def events(files: Files) -> StsEvents:
    return sts_events(files, Places(2, 1))


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
        ("가" * 1001, "나", "ko", "문장은 1,000자까지 쓸 수 있어요."),
    ],
)
def test_blank_and_long_sentences_are_told_so(
    events: StsEvents, first: str, second: str, language: Any, problem: str
) -> None:
    assert events.compare(first, second, language) == alert(problem)
    assert events.rank(first + second, "", "", language).startswith('<p class="sts-alert"')


def test_a_file_is_shown_from_the_closest_on_and_kept_whole(
    events: StsEvents, files: Files
) -> None:
    sent = files.keep(io.BytesIO("id,문장\n1,환불 <b>되나요\n2,=1+1\n".encode("cp949")), "me")
    shown = events.rank("환불 <b>되나요", sent, "", "ko")

    assert "‘문장’ 열의 문장 2개를 비교했어요." in shown
    assert "<tr><td>5.00</td><td>0</td><td>환불 &lt;b&gt;되나요</td></tr>" in shown
    link = re.search(r'href="gradio_api/file=([\w-]+)" download="similarity.csv"', shown)
    assert link is not None
    kept = files.get(link[1])
    with kept.open() as opened:
        lines = list(csv.reader(io.StringIO(opened.read().decode("utf-8-sig"))))
    assert kept.owner == "me"
    assert [line[3] for line in lines] == ["text", "환불 <b>되나요", "'=1+1"]


@pytest.mark.parametrize("token", ["", "/etc/passwd", "http://example.org/x", "../x"])
def test_only_a_file_that_was_sent_is_read(events: StsEvents, token: str) -> None:
    assert events.rank("환불", token, "", "en") == alert(EN.no_file)


def test_a_second_file_of_one_visitor_is_told_to_wait(files: Files) -> None:
    rankings = Places(2, 1)
    events = sts_events(files, rankings)
    sent = files.keep(io.BytesIO(b"text\nx\n"), "me")
    with rankings.taken("me"):
        assert events.rank("x", sent, "", "ko") == alert(KO.busy)
    assert "<table>" in events.rank("x", sent, "", "ko")


@pytest.mark.parametrize(
    ("content", "column", "problem", "detail"),
    [
        (b"PK\x03\x04", "", KO.problems["not_csv"], "an Excel workbook"),
        (b"text\nx\n", "문장", KO.problems["bad_csv"], "no column &#x27;문장&#x27;"),
        (b"<script>\n\n", "<b>", KO.problems["bad_csv"], "found &#x27;&lt;script&gt;&#x27;"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_so(
    events: StsEvents, files: Files, content: bytes, column: str, problem: str, detail: str
) -> None:
    shown = events.rank("환불", files.keep(io.BytesIO(content), "me"), column, "ko")
    assert problem in shown
    assert detail in shown


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
