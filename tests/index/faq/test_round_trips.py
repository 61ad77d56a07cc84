import io
import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mundap.index.faq.cells.alternates import join_alternates, split_alternates
from mundap.index.faq.code_page import losses
from mundap.index.faq.entry import (
    FaqEntry,
    dump_jsonl,
    load_jsonl,
    read_faq,
    write_faq,
)
from mundap.index.faq.sheets.row_reader import shown_text
from mundap.index.korean.text import clean, clean_lines
from mundap.index.tables import table_writer
from mundap.index.tables.table import SUFFIXES

NFD = unicodedata.normalize("NFD", "교환하고 싶어요")
HOSTILE = [
    "001",
    "N/A",
    "nan",
    "null",
    "=HYPERLINK(1)",
    "-",
    "#N/A",
    "TRUE",
    "1e5",
    "2026-01-01",
    "배송비는 3,000원|무료",
    "C:\\폴더\\",
    "\\|",
    "\\\\",
    '"네"라고',
    '"',
    "'",
    "첫 줄\n둘째 줄\r\n\r\n넷째",
    "줄\u2028안 \u2029 \x85",
    NFD,
    "👨\u200d👩\u200d👧 가족",
    "\u200b\ufeff배송",
    "\ud83d",
    "\x00\x07\uffff",
    "_x000D_",
    "a;b\tc",
]


def shown(text: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Texts of which something is left once they are clean."""
    return text.filter(lambda raw: bool(shown_text(raw, plain=True)[0] and shown_text(raw)[0]))


any_text = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(), max_size=20))
cp949_text = st.text(st.characters(codec="cp949"), max_size=20)


def entry_lists(text: st.SearchStrategy[str]) -> st.SearchStrategy[list[FaqEntry]]:
    entry = st.builds(
        FaqEntry,
        entry_id=shown(text).map(lambda raw: clean(raw).replace(" ", "-")),
        question=shown(text),
        answer=shown(text),
        alternates=st.lists(text, max_size=4).map(tuple),
        category=text,
        question_en=text,
        answer_en=text,
    )
    return st.lists(entry, min_size=1, max_size=4, unique_by=lambda entry: entry.entry_id)


def as_read(entry: FaqEntry) -> FaqEntry:
    alternates = tuple(shown_text(text, plain=True)[0] for text in entry.alternates)
    return FaqEntry(
        entry.entry_id,
        shown_text(entry.question, plain=True)[0],
        shown_text(entry.answer)[0],
        tuple(text for text in alternates if text),
        clean(entry.category),
        question_en=shown_text(entry.question_en, plain=True)[0],
        answer_en=shown_text(entry.answer_en)[0],
    )


def save(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(raw=entry_lists(any_text))
@settings(max_examples=25)
def test_a_faq_comes_back_as_it_was_written(suffix: str, raw: list[FaqEntry]) -> None:
    entries = [as_read(entry) for entry in raw]
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"faq{suffix}"
        write_faq(entries, path)
        assert read_faq(path) == entries


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_faq_of_several_pieces_is_whole(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_writer, "_PIECE", 2)
    # Only the last piece shows what alternates are.
    entries = [FaqEntry(f"a{n}", f"{n}번은?", "네.") for n in range(4)]
    entries.append(FaqEntry("b", "휴관일은?", "월요일", ("쉬는 날", "언제 쉬어?")))
    write_faq(iter(entries), tmp_path / f"faq{suffix}")
    assert read_faq(tmp_path / f"faq{suffix}") == entries


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
# A CSV file with a NUL byte is taken for UTF-16.
@given(raw=entry_lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"))))
@settings(max_examples=25)
def test_what_was_never_clean_is_read_clean(suffix: str, raw: list[FaqEntry]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"faq{suffix}"
        write_faq(raw, path)
        assert read_faq(path) == [as_read(entry) for entry in raw]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949"])
@given(raw=entry_lists(cp949_text))
@settings(max_examples=25)
def test_csv_for_korean_excel_keeps_what_its_encoding_holds(
    encoding: str, raw: list[FaqEntry]
) -> None:
    # A real Korean sentence tells CP949 from UTF-8; a lone syllable may be valid in both.
    entries = [FaqEntry("앵커", "배송비는 얼마예요?", "3,000원")]
    entries += [as_read(entry) for entry in raw if entry.entry_id != "앵커"]
    # What was Korean in the wrong encoding is mended, and may be no part of this one then.
    assume(encoding == "utf-8-sig" or not losses(entries, encoding))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "faq.csv"
        write_faq(entries, path, encoding=encoding)
        assert read_faq(path) == entries


@given(entry_lists(any_text))
def test_the_json_lines_of_a_bundle_keep_every_entry(entries: list[FaqEntry]) -> None:
    entries = [as_read(entry) for entry in entries]

    assert load_jsonl(io.StringIO(dump_jsonl(entries), newline="\n")) == entries


@given(st.lists(st.text(min_size=1).filter(str.strip), max_size=5))
def test_alternates_survive_one_cell(alternates: list[str]) -> None:
    lines = tuple(re.sub("[\r\n]", " ", text) for text in alternates)
    assert split_alternates(join_alternates(alternates)) == lines


@pytest.mark.parametrize(
    ("cell", "alternates"),
    [
        ("", ()),
        (" | ", ()),
        ("반품|교환", ("반품", "교환")),
        ("반품||교환|", ("반품", "교환")),
        (r"가\|나|다", ("가|나", "다")),
        (r"가\\|나", ("가\\", "나")),
        # The won sign on Korean keyboards is a backslash.
        (r"\3,000 맞나요|C:\폴더" + "\\", (r"\3,000 맞나요", "C:\\폴더\\")),
        ("줄\n바꿈|둘", ("줄\n바꿈", "둘")),
    ],
)
def test_a_cell_typed_by_hand_splits_at_bars(cell: str, alternates: tuple[str, ...]) -> None:
    assert split_alternates(cell) == alternates


rows = st.lists(
    st.tuples(shown(any_text), shown(any_text)),
    min_size=1,
    max_size=5,
    unique_by=lambda row: (clean(row[0]), clean_lines(row[1])),
)


@given(rows.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
@settings(max_examples=25)
def test_derived_ids_do_not_depend_on_the_order_of_rows(
    orders: tuple[list[tuple[str, str]], Sequence[tuple[str, str]]],
) -> None:
    found = []
    with TemporaryDirectory() as folder:
        for order in orders:
            lines = "".join(json.dumps({"Q": q, "A": a}) + "\n" for q, a in order)
            found.append(read_faq(save(Path(folder), "faq.jsonl", lines)))

    assert sorted(found[0], key=repr) == sorted(found[1], key=repr)
    assert len({entry.entry_id for entry in found[0]}) == len(orders[0])


def test_a_long_separator_in_an_answer_is_no_end_of_line(tmp_path: Path) -> None:
    entries = [FaqEntry("a", "질문", "첫 줄\u2028둘째\u2029셋째")]
    write_faq(entries, tmp_path / "faq.jsonl")

    assert read_faq(tmp_path / "faq.jsonl") == entries
    assert load_jsonl(io.StringIO(dump_jsonl(entries), newline="\n")) == entries
