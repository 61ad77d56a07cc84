import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.training.data.conversions import (
    convert_chatbot_data,
    convert_intention_3i4k,
    convert_klue_nli,
    convert_klue_sts,
    convert_kornli,
    convert_korsts,
    convert_nsmc,
    convert_parakqc,
    convert_question_pair,
)

BOM = "\ufeff"
STS_HEADER = "genre\tfilename\tyear\tid\tscore\tsentence1\tsentence2\n"
NLI_HEADER = "sentence1\tsentence2\tgold_label\n"
PAIR_HEADER = "id,qid1,qid2,question1,question2,is_duplicate\n"

Convert = Callable[[Path], pd.DataFrame]


def write(folder: Path, text: str) -> Path:
    path = folder / "raw.txt"
    path.write_bytes(text.encode())
    return path


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return frame.to_dict(orient="records")  # type: ignore[return-value]


def test_chatbot_data_keeps_commas_quotes_and_line_ends_in_cells(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "Q,A,label\r\n"
        "12시 땡!,하루가 또 가네요.,0\r\n"
        '나 결정 잘 한거지?,"네, 이제 잘 해낼 차례예요.",1\r\n'
        '"""사랑해""라고 할까 😀","용기를\n내세요.",2\r\n',
    )
    assert records(convert_chatbot_data(path)) == [
        {"Q": "12시 땡!", "A": "하루가 또 가네요.", "label": 0},
        {"Q": "나 결정 잘 한거지?", "A": "네, 이제 잘 해낼 차례예요.", "label": 1},
        {"Q": '"사랑해"라고 할까 😀', "A": "용기를\n내세요.", "label": 2},
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = write(tmp_path, f"{BOM}Q,A,label\n안녕,안녕하세요.,0\n")
    assert records(convert_chatbot_data(path)) == [{"Q": "안녕", "A": "안녕하세요.", "label": 0}]


def test_decomposed_hangul_stays_decomposed(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "환불 되나요")
    path = write(tmp_path, f"Q,A,label\n{decomposed},네.,0\n")
    assert convert_chatbot_data(path)["Q"].tolist() == [decomposed]


def test_the_training_half_of_question_pair_has_ids(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        PAIR_HEADER + '1,1,2,외로워요",라디오처럼 끄고 켤 수 있다면",1\n'
        '2,3,4,"결국, 부자가 되었다",결국 부자가 됐다,0\n',
    )
    assert records(convert_question_pair(path)) == [
        {"question1": '외로워요"', "question2": '라디오처럼 끄고 켤 수 있다면"', "is_different": 1},
        {"question1": "결국, 부자가 되었다", "question2": "결국 부자가 됐다", "is_different": 0},
    ]


def test_the_test_half_of_question_pair_has_a_nameless_last_column(tmp_path: Path) -> None:
    path = write(tmp_path, "test_id,question1,question2,is_duplicate,\n1,몇 시야?,지금 몇 시?,0,\n")
    assert records(convert_question_pair(path)) == [
        {"question1": "몇 시야?", "question2": "지금 몇 시?", "is_different": 0}
    ]


def test_ten_lines_of_parakqc_are_one_intent(tmp_path: Path) -> None:
    mail = [f"메일 {number}번 지워" for number in range(10)]
    weather = [f"{number}일 날씨 어때?" for number in range(10)]
    path = write(
        tmp_path,
        BOM
        + "".join(f"0\t3\t{text}\n" for text in mail)
        # The last line of the file need not end.
        + "\n".join(f"3\t1\t{text}" for text in weather),
    )
    frame = convert_parakqc(path)
    assert frame["intent_id"].tolist() == [0] * 10 + [1] * 10
    assert frame["question"].tolist() == mail + weather
    assert list(frame.columns) == ["intent_id", "question"]


def test_a_quote_in_korsts_is_text(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        STS_HEADER + 'main-captions\tMSRvid\t2012test\t0001\t5.000\t"U2"라고 쓰인 기둥\t"U2 기둥\n'
        'main-news\tx\t2016\t0002\t0.25\t그가 "안녕"했다\t"또 안녕"\r\n',
    )
    assert records(convert_korsts(path)) == [
        {"sentence1": '"U2"라고 쓰인 기둥', "sentence2": '"U2 기둥', "score": 5.0},
        {"sentence1": '그가 "안녕"했다', "sentence2": '"또 안녕"', "score": 0.25},
    ]


def test_a_hypothesis_that_looks_missing_stays_text(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        NLI_HEADER + '"엄마, 저 왔어요."\tN/A\tneutral\n'
        "그림이 없다.\tnull\tcontradiction\n갈 수 없었다.\t못 갔다.\tentailment\n",
    )
    assert records(convert_kornli(path)) == [
        {"premise": '"엄마, 저 왔어요."', "hypothesis": "N/A", "label": "neutral"},
        {"premise": "그림이 없다.", "hypothesis": "null", "label": "contradiction"},
        {"premise": "갈 수 없었다.", "hypothesis": "못 갔다.", "label": "entailment"},
    ]


def test_an_odd_line_separator_within_a_review_does_not_end_it(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'id\tdocument\tlabel\n1\t"최고 ㅋㅋ"\u2028또 볼래\x85\t1\n2\t\t0\n3\t노잼;;\t0\n',
    )
    assert records(convert_nsmc(path)) == [
        {"text": '"최고 ㅋㅋ"\u2028또 볼래\x85', "label": 1},
        {"text": "", "label": 0},
        {"text": "노잼;;", "label": 0},
    ]


def test_3i4k_has_no_header_and_keeps_its_spaces(tmp_path: Path) -> None:
    path = write(tmp_path, f"{BOM}0\t회\n2\t지금 몇 시야 \n\n6\t집에 가\n")
    assert records(convert_intention_3i4k(path)) == [
        {"label": "0", "text": "회"},
        {"label": "2", "text": "지금 몇 시야 "},
        {"label": "6", "text": "집에 가"},
    ]


def test_klue_sts_takes_the_rating_that_is_not_rounded(tmp_path: Path) -> None:
    labels = {"label": 3.7, "real-label": 3.714285714285714, "binary-label": 1}
    items = [
        {"guid": "1", "sentence1": '숙소는 "역" 옆\t', "sentence2": "역 근처", "labels": labels},
        {"guid": "2", "sentence1": "가", "sentence2": "나", "labels": {"real-label": 0}},
    ]
    path = write(tmp_path, BOM + json.dumps(items, ensure_ascii=False, indent=1))
    assert records(convert_klue_sts(path)) == [
        {"sentence1": '숙소는 "역" 옆\t', "sentence2": "역 근처", "score": 3.714285714285714},
        {"sentence1": "가", "sentence2": "나", "score": 0.0},
    ]


def test_klue_nli_takes_the_gold_label(tmp_path: Path) -> None:
    items = [
        {
            "guid": "klue-nli-v1_train_00000",
            "genre": "NSMC",
            "premise": "힛걸 진짜 최고다",
            "hypothesis": "힛걸이 최고다",
            "gold_label": "entailment",
            "author": "entailment",
        }
    ]
    path = write(tmp_path, json.dumps(items))
    assert records(convert_klue_nli(path)) == [
        {"premise": "힛걸 진짜 최고다", "hypothesis": "힛걸이 최고다", "label": "entailment"}
    ]


# Any character but those that end a cell, and those that UTF-8 cannot hold.
cells = st.text(st.characters(exclude_characters="\t\r\n", exclude_categories=["Cs"]))


@given(st.lists(st.tuples(cells, cells), min_size=1))
def test_any_cell_of_a_tab_separated_file_comes_back_as_it_is(pairs: list[tuple[str, str]]) -> None:
    lines = [f"g\tf\ty\t1\t{row % 6}\t{one}\t{two}\n" for row, (one, two) in enumerate(pairs)]
    with TemporaryDirectory() as folder:
        frame = convert_korsts(write(Path(folder), STS_HEADER + "".join(lines)))
    expected = [(one, two, float(row % 6)) for row, (one, two) in enumerate(pairs)]
    assert list(frame.itertuples(index=False, name=None)) == expected


@pytest.mark.parametrize(
    ("convert", "text", "message"),
    [
        (convert_chatbot_data, "", r"raw\.txt, line 1: no column Q, A, label; .* met nothing"),
        (convert_chatbot_data, "Q,answer\n", r"line 1: no column A, label; .* met Q, answer"),
        (convert_chatbot_data, "Q,A,label\n", r"line 1: no rows; wanted Q, A, label"),
        (convert_chatbot_data, "Q,A,label\n가,나,0\n다,1\n", r"line 3: 2 cells; wanted 3 \(Q, A"),
        (convert_chatbot_data, "Q,A,label\n가,나,3\n", r"line 2: label is '3'; wanted one of 0, 1"),
        (convert_chatbot_data, "Q,A,label\n가,나\r다,0\n", r"line 2: new-line .*; wanted CSV"),
        (convert_question_pair, PAIR_HEADER + "1,1,2,가,나,\n", r"line 2: is_duplicate is ''"),
        (convert_parakqc, "0\t1\t가\n" * 9, r"line 9: the file ends within an intent; .* 10 lines"),
        (convert_parakqc, "0\t가\n", r"line 1: 2 cells; wanted 3 \(topic, act, question\)"),
        (convert_korsts, STS_HEADER + "g\tf\ty\t1\t5.1\t가\t나\n", r"line 2: score is '5.1'"),
        (convert_korsts, STS_HEADER + "g\tf\ty\t1\tnan\t가\t나\n", r"wanted a number from 0 to 5"),
        (convert_korsts, STS_HEADER + "g\tf\ty\t1\t높음\t가\t나\n", r"line 2: score is '높음'"),
        (convert_korsts, STS_HEADER + "g\tf\ty\t1\t1.0\t가\n", r"line 2: 6 cells; wanted 7"),
        (convert_kornli, NLI_HEADER + "가\t나\t-\n", r"line 2: gold_label is '-'; .* entailment"),
        (convert_nsmc, "id\tdocument\tlabel\n1\t가\t2\n", r"line 2: label is '2'; wanted one of 0"),
        (convert_intention_3i4k, "0\t가\n7\t나\n", r"line 2: label is '7'; wanted one of 0, 1"),
        (convert_intention_3i4k, "0 가\n", r"line 1: 1 cells; wanted 2 \(label, text\)"),
        (convert_klue_sts, "[\n{]", r"line 2: .*; wanted a JSON list of objects"),
        (convert_klue_sts, "{}", r"line 1: wanted a JSON list of objects, met another value"),
        (convert_klue_sts, "[]", r"line 1: no rows; wanted sentence1, sentence2, score"),
        (convert_klue_sts, '["가"]', r"item 1: sentence1 is missing"),
        (convert_klue_sts, '[{"sentence1": 1}]', r"item 1: sentence1 is 1; wanted a text"),
        (
            convert_klue_sts,
            '[{"sentence1": "가", "sentence2": "나", "labels": {"label": 1.0}}]',
            r"item 1: labels\.real-label is missing",
        ),
        (
            convert_klue_sts,
            '[{"sentence1": "가", "sentence2": "나", "labels": {"real-label": null}}]',
            r"item 1: score is None; wanted a number from 0 to 5",
        ),
        (
            convert_klue_nli,
            '[{"premise": "가", "hypothesis": "나", "gold_label": "함의"}]',
            r"item 1: gold_label is '함의'; wanted one of entailment, neutral, contradiction",
        ),
    ],
)
def test_an_unexpected_shape_is_refused_with_its_line(
    convert: Convert, text: str, message: str, tmp_path: Path
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ValueError, match=message):
        convert(path)


def test_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "ratings.txt"
    path.write_bytes(b"id\tdocument\tlabel\n1\t" + "재미".encode("cp949") + b"\t1\n")
    with pytest.raises(ValueError, match=r"ratings\.txt, line 2: byte 3 is not UTF-8"):
        convert_nsmc(path)
