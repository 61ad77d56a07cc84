import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.chatbot.similarity.output import csv_cell, csv_pieces, json_pieces
from mundap.chatbot.similarity.similarity import CHUNK, RankedText, StsScore

ITEMS = [
    RankedText(0, "환불, 되나요?", StsScore(0.25, 1.5)),
    RankedText(1, '=HYPERLINK("http://x")', StsScore(-0.5, 0.0)),
    RankedText(2, "두 줄\n문장", StsScore(None, 4.25)),
]


def read(pieces: list[bytes]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(pieces).decode("utf-8-sig"), newline="")))


def test_csv_has_a_line_for_each_text_in_order() -> None:
    assert read(list(csv_pieces(ITEMS))) == [
        ["row", "score", "cosine", "text"],
        ["0", "1.5", "0.25", "환불, 되나요?"],
        ["1", "0.0", "-0.5", '\'=HYPERLINK("http://x")'],
        ["2", "4.25", "", "두 줄\n문장"],
    ]


def test_csv_begins_with_the_mark_by_which_excel_knows_utf_8() -> None:
    assert b"".join(csv_pieces(ITEMS)).startswith(b"\xef\xbb\xbfrow,")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(start: str) -> None:
    assert csv_cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"
    assert csv_cell(f"환불{start}") == f"환불{start}"


@given(st.lists(st.text(), max_size=5))
def test_no_text_of_a_csv_file_begins_a_formula(texts: list[str]) -> None:
    items = [RankedText(row, text, StsScore(0.0, 0.0)) for row, text in enumerate(texts)]
    lines = read(list(csv_pieces(items)))[1:]
    assert len(lines) == len(texts)
    assert not any(line[3][:1] in tuple("=+-@\t\r\n") for line in lines if line[3])


def test_json_has_every_score_and_the_best_with_their_texts() -> None:
    shown = json.loads(b"".join(json_pieces(ITEMS, column='"문장"', rows=3)))
    assert shown == {
        "column": '"문장"',
        "rows": 3,
        "scores": {"0": 1.5, "1": 0.0, "2": 4.25},
        "top": [
            {"row": 2, "text": "두 줄\n문장", "cosine": None, "score": 4.25},
            {"row": 0, "text": "환불, 되나요?", "cosine": 0.25, "score": 1.5},
            {"row": 1, "text": '=HYPERLINK("http://x")', "cosine": -0.5, "score": 0.0},
        ],
    }


def test_ten_texts_are_enough_and_none_is_one_too() -> None:
    items = [RankedText(row, "가", StsScore(0.0, row % 5)) for row in range(3 * CHUNK)]
    shown = json.loads(b"".join(json_pieces(items)))
    assert len(shown["scores"]) == 3 * CHUNK
    assert [item["row"] for item in shown["top"]] == [4 + 5 * place for place in range(10)]
    assert json.loads(b"".join(json_pieces([]))) == {"scores": {}, "top": []}
    assert read(list(csv_pieces([]))) == [["row", "score", "cosine", "text"]]


@pytest.mark.parametrize("write", [csv_pieces, json_pieces])
def test_pieces_leave_as_the_texts_come(write) -> None:  # type: ignore[no-untyped-def]
    taken = 0

    def texts():  # type: ignore[no-untyped-def]
        nonlocal taken
        for taken in range(1, 4 * CHUNK + 1):
            yield RankedText(taken, "가", StsScore(0.0, 0.0))

    pieces = write(texts())
    next(pieces)
    next(pieces)
    assert taken <= 2 * CHUNK
    assert max(map(len, pieces)) < 100 * CHUNK
