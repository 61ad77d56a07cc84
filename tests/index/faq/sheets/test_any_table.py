"""Any table, written in any kind of file, is read as it was."""

import html
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.index.faq.cells.alternates import join_alternates
from mundap.index.faq.entry import FaqEntry, read_with_report
from mundap.index.korean.text import clean, clean_lines
from tests.index.faq.sheets.shapes import delimited, lines_of, ods, ods_rows, parquet, xls, xlsx

WORDS = [
    *(
        "주차",
        "되나요?",
        "환불",
        "방법",
        "3,000원",
        "1,234",
        "001",
        "N/A",
        "2025-03-01",
        "-",
        "=1+1",
    ),
    *('"급함"', '"', "a;b", "x|y", "탭\t글", "줄\n바꿈", "A/S", "(2시간)", "50%", "010-1234-5678"),
    *(
        "\\",
        "https://a.kr/?q=1",
        "뷁",
        "제①호",
        "'따옴표'",
        "질문이요",
        "답변은",
        "{}",
        "[1]",
        "~",
        "+82",
    ),
]
HEADINGS = ("질문", "답변", "분류", "유사질문")
text = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
rows = st.lists(
    st.builds(
        FaqEntry,
        entry_id=st.just(""),
        question=text,
        answer=text,
        category=st.one_of(st.just(""), st.sampled_from(["이용", "배송·교환"])),
        alternates=st.lists(text.map(clean), max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda row: clean(row.question),
)


def cells(row: FaqEntry) -> tuple[str, str, str, str]:
    return row.question, row.answer, row.category, join_alternates(row.alternates)


def table(entries: list[FaqEntry]) -> list[tuple[str, ...]]:
    return [HEADINGS, *map(cells, entries)]


def records(entries: list[FaqEntry]) -> list[dict[str, object]]:
    return [
        dict(zip(HEADINGS, (*cells(row)[:3], list(row.alternates)), strict=True)) for row in entries
    ]


def as_text(
    name: str, separator: str, encoding: str, *, quoted: bool = False
) -> Callable[..., Path]:
    def write(folder: Path, entries: list[FaqEntry]) -> Path:
        path = folder / name
        path.write_bytes(delimited(table(entries), separator, quoted=quoted).encode(encoding))
        return path

    return write


def as_html(folder: Path, entries: list[FaqEntry]) -> Path:
    lines = ["".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in table(entries)]
    path = folder / "f.html"
    path.write_text(f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>", "utf-8")
    return path


def as_json(folder: Path, entries: list[FaqEntry]) -> Path:
    path = folder / "f.json"
    path.write_text(json.dumps({"faqs": records(entries)}, ensure_ascii=False), "utf-8")
    return path


def as_json_lines(folder: Path, entries: list[FaqEntry]) -> Path:
    path = folder / "f.jsonl"
    path.write_text(lines_of(records(entries)), "utf-8")
    return path


def as_parquet(folder: Path, entries: list[FaqEntry]) -> Path:
    columns = zip(*(record.values() for record in records(entries)), strict=True)
    return parquet(folder / "f.parquet", dict(zip(HEADINGS, map(list, columns), strict=True)))


WRITERS: dict[str, Callable[[Path, list[FaqEntry]], Path]] = {
    "commas": as_text("f.csv", ",", "utf-8"),
    "semicolons": as_text("f.csv", ";", "utf-8-sig"),
    "bars": as_text("f.csv", "|", "utf-8"),
    "tabs": as_text("f.tsv", "\t", "utf-8"),
    "text": as_text("f.txt", "\t", "utf-16"),
    "quotes": as_text("f.csv", ";", "utf-8", quoted=True),
    "utf-16-le": as_text("f.csv", ",", "utf-16-le"),
    "utf-16-be": as_text("f.csv", ",", "utf-16-be"),
    "cp949": as_text("f.csv", ",", "cp949"),
    "johab": as_text("f.csv", ",", "johab"),
    "JSON": as_json,
    "JSON Lines": as_json_lines,
    "xlsx": lambda folder, entries: xlsx(
        folder / "f.xlsx", ("FAQ", [["FAQ"], *table(entries)]), formulas=False
    ),
    "xls": lambda folder, entries: xls(folder / "f.xls", table(entries)),
    "ods": lambda folder, entries: ods(folder / "f.ods", ("FAQ", ods_rows(table(entries)))),
    "HTML": as_html,
    "Parquet": as_parquet,
}


@pytest.mark.parametrize("kind", WRITERS)
@given(entries=rows)
@settings(max_examples=12, deadline=None)
def test_any_table_is_read_as_it_was(kind: str, entries: list[FaqEntry]) -> None:
    with TemporaryDirectory() as folder:
        found, reading = read_with_report(WRITERS[kind](Path(folder), entries))
    assert [(e.question, e.answer, e.category, e.alternates) for e in found] == [
        (clean(row.question), clean_lines(row.answer), row.category, row.alternates)
        for row in entries
    ]
    assert list(reading.rejected) == []
    assert reading.copies == 0
