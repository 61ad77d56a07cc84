from pathlib import Path

import numpy as np
import pytest

from mundap.index.faq.code_page import losses, replaced
from mundap.index.faq.copies import without_copies
from mundap.index.faq.entry import (
    FaqEntry,
    dump_jsonl,
    load_jsonl,
    merge_by_answer,
    read_faq,
    read_with_report,
    write_faq,
)
from mundap.index.faq.passages.passages import Passages
from mundap.index.faq.problems import find_problems
from mundap.index.faq.sheets.columns import FaqColumns
from mundap.index.faq.sheets.headings import HeadingRole, heading_role
from mundap.index.search.dense import DenseRetriever
from mundap.index.search.lexical import LexicalIndex
from mundap.index.tables.table import SUFFIXES, TableError
from tests.tiny_encoder import TinyEncoder

FEE = FaqEntry(
    "fee",
    "배송비는 얼마예요?",
    "3,000원이에요.",
    ("택배비 얼마임?",),
    question_en="How much is delivery?",
    answer_en="It is 3,000 won.",
)
PLAIN = FaqEntry("refund", "환불은 언제 돼요?", "사흘 안에요.")


def save(folder: Path, text: str) -> Path:
    path = folder / "faq.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "heading",
    [
        *("영어 질문", "영문질문", "질문(영문)", "질문 (영어)", "질문_EN", "Question (EN)"),
        *("question_en", "QUESTION EN", "questionEn", "Question-English", "en.question", "Q (en)"),
        *("question.en", "\uff11. 질문(ＥＮ)"),
    ],
)
def test_a_heading_says_that_a_question_is_in_english(heading: str) -> None:
    found = heading_role(heading)

    assert found is not None
    assert found.role == "question_en"


@pytest.mark.parametrize("heading", ["영문 답변", "Answer (EN)", "answer_en", "AnswerEN", "A (en)"])
def test_a_heading_says_that_an_answer_is_in_english(heading: str) -> None:
    assert heading_role(heading) == HeadingRole("answer_en", 3)


@pytest.mark.parametrize(
    ("heading", "role"),
    [("Category (EN)", "category"), ("kitchen question", "question"), ("영어", None)],
)
def test_other_headings_mean_what_they_meant(heading: str, role: str | None) -> None:
    found = heading_role(heading)

    assert (found and found.role) == role


def test_columns_in_english_belong_to_their_entry(tmp_path: Path) -> None:
    heading = "질문,답변,Question (EN),Answer (EN),유사질문"
    rows = [
        "배송비는 얼마예요?,3000원이에요.,How much is delivery?,It is 3000 won.,택배비?",
        "환불은 언제 돼요?,사흘 안에요.,,,",
    ]

    entries, reading = read_with_report(save(tmp_path, "\n".join([heading, *rows])))

    assert [(e.question_en, e.answer_en, e.alternates) for e in entries] == [
        ("How much is delivery?", "It is 3000 won.", ("택배비?",)),
        ("", "", ()),
    ]
    assert reading.notes() == []
    assert [str(cell) for cell in reading.table().columns[1].cells][-2:] == [
        "question_en",
        "answer_en",
    ]


def test_a_faq_in_english_alone_is_read_as_ever(tmp_path: Path) -> None:
    path = save(tmp_path, "Question (EN),Answer (EN)\nHow much is delivery?,It is 3000 won.\n")

    [entry] = read_faq(path)

    assert (entry.question, entry.answer) == ("How much is delivery?", "It is 3000 won.")
    assert (entry.question_en, entry.answer_en) == ("", "")


def test_an_english_answer_stands_in_where_there_is_no_other(tmp_path: Path) -> None:
    [entry] = read_faq(save(tmp_path, "질문,영문 답변\n배송비는 얼마예요?,It is 3000 won.\n"))

    assert (entry.answer, entry.answer_en) == ("It is 3000 won.", "")


def test_columns_in_english_can_be_named(tmp_path: Path) -> None:
    path = save(tmp_path, "질문,답변,갑,을\n배송비는?,3000원,Delivery fee?,3000 won\n")
    wanted = FaqColumns(question_en_column="갑", answer_en_column="D")

    [entry] = read_faq(path, wanted)

    assert (entry.question_en, entry.answer_en) == ("Delivery fee?", "3000 won")
    assert wanted.arguments() == ["--question-en-column", "갑", "--answer-en-column", "D"]
    with pytest.raises(TableError, match=r"missing column '병'.*--answer-en-column"):
        read_faq(path, FaqColumns(answer_en_column="병"))


def test_a_title_in_english_translates_a_title_and_no_question(tmp_path: Path) -> None:
    one = "제목,내용,제목(영문)\n배송비는?,3000원이에요.,Delivery fee?\n"
    other = "질문,답변,제목(영문)\n배송비는?,3000원이에요.,Notice\n"

    assert read_faq(save(tmp_path, one))[0].question_en == "Delivery fee?"
    entries, reading = read_with_report(save(tmp_path, other))
    assert entries[0].question_en == ""
    assert any("제목(영문)" in line for line in reading.notes())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_faq_without_english_has_no_columns_for_it(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"faq{suffix}"
    write_faq([PLAIN], path)

    _, reading = read_with_report(path)

    assert [column.heading for column in reading.sheets[0].layout.columns] == [
        *("entry_id", "question", "answer", "alternates", "category")
    ]


def test_json_lines_of_a_bundle_of_before_are_read() -> None:
    line = (
        '{"entry_id": "a", "question": "질문", "answer": "답", "alternates": [], "category": ""}\n'
    )

    assert load_jsonl([line]) == [FaqEntry("a", "질문", "답")]
    assert dump_jsonl(load_jsonl([line])) == line


def test_the_english_question_is_searched_and_no_other_phrasing() -> None:
    passages = Passages.of([FEE, PLAIN])

    assert passages.texts == (*FEE.phrasings, "How much is delivery?", PLAIN.question)
    assert passages.english is not None
    assert passages.english.tolist() == [False, False, True, False]
    assert passages.phrasings == 1.5
    assert Passages.of([PLAIN]).english is None
    assert Passages.with_answers([FEE]).texts == (
        "배송비는 얼마예요? 3,000원이에요.",
        "How much is delivery? It is 3,000 won.",
    )


def test_an_english_question_that_is_a_phrasing_too_is_that_alone() -> None:
    entry = FaqEntry("a", "배송비", "무료", ("Delivery fee",), question_en="delivery  fee")

    passages = Passages.of([entry])

    assert passages.texts == ("배송비", "Delivery fee")
    assert passages.english is None


def test_an_entry_loses_nothing_to_korean_queries_by_its_translation() -> None:
    encoder, owners = TinyEncoder(dimension=64), np.array([0, 1])
    plain = DenseRetriever.build(encoder, [FaqEntry("fee", *FEE.phrasings[:1], FEE.answer), PLAIN])
    translated = DenseRetriever.build(
        encoder, [FaqEntry("fee", FEE.question, FEE.answer, question_en=FEE.question_en), PLAIN]
    )
    korean, english = encoder.encode(["배송비 얼마예요?", "How much is delivery?"])

    for found, wanted in zip(
        translated.best_and_centroid(korean, owners),
        plain.best_and_centroid(korean, owners),
        strict=True,
    ):
        assert found == pytest.approx(wanted)
    best, centroids = translated.best_and_centroid(english, owners)
    assert (best[0], centroids[0]) == pytest.approx((1.0, 1.0))
    assert LexicalIndex.build(translated.passages).language == 1.0


def test_copies_and_merged_entries_keep_their_english() -> None:
    plain = FaqEntry("fee-2", FEE.question, FEE.answer)
    other = FaqEntry(
        "c", "배송비 알려 줘", FEE.answer, question_en="Delivery fee?", answer_en="3,000"
    )

    assert without_copies([plain, FEE])[0] == FaqEntry(
        "fee-2",
        FEE.question,
        FEE.answer,
        FEE.alternates,
        question_en=FEE.question_en,
        answer_en=FEE.answer_en,
    )
    assert merge_by_answer([FEE, other]) == [
        FaqEntry(
            "fee",
            FEE.question,
            FEE.answer,
            (*FEE.alternates, "배송비 알려 줘", "Delivery fee?"),
            question_en=FEE.question_en,
            answer_en=FEE.answer_en,
        )
    ]


def test_of_two_english_answers_to_a_copy_the_second_is_named(tmp_path: Path) -> None:
    rows = ["entry_id,question,answer,answer_en", "a,질문,답,one", "a,질문,답,two", "a,질문,답,"]
    path = save(tmp_path, "\n".join(rows))

    entries, reading = read_with_report(path)

    assert [entry.answer_en for entry in entries] == ["one"]
    assert reading.lost.shown() == [
        f"{path}, row 3: its English answer was left out, as it is a copy of another row."
    ]


def test_what_is_wrong_in_english_is_found_too() -> None:
    entry = FaqEntry("a", "질문이요?", "답이에요.", ("다른 질문",), answer_en="<p>Call us.</p>")

    assert [problem.kind for problem in find_problems([entry])] == ["tag"]


def test_what_an_encoding_lacks_in_english_is_replaced() -> None:
    entry = FaqEntry("a", "질문", "답", question_en="Fee — how much?", answer_en="3 € ✔")

    assert [loss.char for loss in losses([entry], "cp949")] == ["—", "✔"]
    [written] = replaced([entry], "cp949")
    assert (written.question_en, written.answer_en) == ("Fee - how much?", "3 € V")
