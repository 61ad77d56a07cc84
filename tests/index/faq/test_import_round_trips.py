"""What was imported once, whatever it was, is exported and imported without a change."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.index.faq.cells.cell_text import read_cell
from mundap.index.faq.code_page import losses, replaced
from mundap.index.faq.entry import FaqEntry, read_faq, write_faq
from mundap.index.korean.text import clean, clean_lines
from mundap.index.tables.table import SUFFIXES

PIECES = [
    *(
        "환불은 3일 걸려요.",
        "3,000원",
        "02-123-4567",
        "5 < 10",
        "<이름>",
        "https://example.org/a?b=1&c=2",
    ),
    *(
        "<b>",
        "</b>",
        "<p>",
        "</p>",
        "<br>",
        "<ul>",
        "<li>",
        "</ul>",
        "<table>",
        "<tr>",
        "<td>",
        "<th>",
    ),
    *('<a href="https://example.org/(a)">', "</a>", "</table>", "&nbsp;", "&amp;lt;", "&lt;b&gt;"),
    *(
        "\n",
        "\r\n",
        "\t",
        "\0",
        "  ",
        "|",
        "\\",
        '"',
        ",",
        ";",
        "=1+1",
        "—",
        "•",
        "😀",
        "\xa0",
        "é",
    ),
    *(
        "Q1. ",
        "[답변] ",
        "A: ",
        "답: ",
        "7) ",
        "**",
        "- ",
        "`",
        "\u200b",
        "＜b＞",
        "\u1112\u1161\u11ab",
    ),
]
raw = st.lists(st.sampled_from(PIECES), max_size=10).map("".join)
rows = st.lists(st.tuples(raw, raw, raw), min_size=1, max_size=4)


def imported(entry: FaqEntry) -> FaqEntry:
    return FaqEntry(
        entry.entry_id,
        read_cell(entry.question, plain=True)[0],
        clean_lines(read_cell(entry.answer)[0]),
        tuple(read_cell(text, plain=True)[0] for text in entry.alternates),
        clean(entry.category),
    )


def entries_of(found: list[tuple[str, str, str]]) -> list[FaqEntry]:
    read = [FaqEntry("anchor", "배송비는 얼마예요?", "3,000원이에요.")]
    for number, (question, answer, alternate) in enumerate(found):
        read.append(
            imported(
                FaqEntry(
                    f"e{number}", f"환불 {question}", f"네, {answer}", (f"또 {alternate}",), "돈"
                )
            )
        )
    return read


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(rows)
@settings(max_examples=30)
def test_every_format_that_holds_all_of_unicode_is_the_identity(
    suffix: str, found: list[tuple[str, str, str]]
) -> None:
    entries = entries_of(found)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"faq{suffix}"
        write_faq(entries, path)
        back = read_faq(path)
    assert back == entries
    assert [imported(entry) for entry in back] == entries


@given(rows)
@settings(max_examples=30)
def test_cp949_is_the_identity_on_what_was_replaced_and_on_what_it_holds(
    found: list[tuple[str, str, str]],
) -> None:
    entries = entries_of(found)
    written = [imported(entry) for entry in replaced(entries, "cp949")]
    for before, after in zip(entries, written, strict=True):
        assert after == before or losses([before], "cp949")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "faq.csv"
        write_faq(written, path, encoding="cp949")
        back = read_faq(path)
    assert back == written
    assert [imported(entry) for entry in back] == written
