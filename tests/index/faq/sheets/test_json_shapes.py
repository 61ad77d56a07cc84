"""Every shape of JSON that programs keep questions and answers in."""

from pathlib import Path

import pytest

from mundap.index.faq.entry import read_with_report
from tests.index.faq.sheets.shapes import (
    PAIRS,
    A,
    Built,
    Q,
    Read,
    assert_pairs,
    json_file,
    lines_of,
    objects,
    question_of,
    text_file,
)

SAME: dict[str, Built] = {
    "JSON in cp949": text_file("f.json", lines_of([objects()]), "cp949"),
    "JSON Lines in utf-16": text_file("f.jsonl", lines_of(objects()), "utf-16"),
    "an array": json_file("f.json", objects()),
    "an array under a name": json_file("f.json", {"version": 2, "faqs": objects("q", "a")}),
    "an array deep inside": json_file("f.json", {"data": {"result": {"list": objects()}}}),
    "pairs": json_file("f.json", [list(pair) for pair in PAIRS]),
    "an object of question: answer": json_file("f.json", dict(PAIRS)),
    "lines in a .json": text_file("f.json", lines_of(objects())),
    "an array on one line of a .jsonl": text_file("f.jsonl", lines_of([objects()])),
    "an array over all lines of a .jsonl": json_file("f.jsonl", objects()),
    "messages": text_file(
        "f.jsonl",
        lines_of(
            [
                {
                    "messages": [{"role": "system", "content": "도서관 안내원"}]
                    + [
                        {"role": role, "content": text}
                        for role, text in zip(("user", "assistant"), pair, strict=True)
                    ]
                }
                for pair in PAIRS
            ]
        ),
    ),
    "conversations": json_file(
        "f.json",
        [
            {"conversations": [{"from": "human", "value": q}, {"from": "gpt", "value": a}]}
            for q, a in PAIRS
        ],
    ),
    "answers in a list": text_file(
        "f.jsonl", lines_of([{"question": q, "answers": [a]} for q, a in PAIRS])
    ),
    "SQuAD": json_file(
        "f.json",
        {
            "data": [
                {
                    "title": "도서관",
                    "paragraphs": [
                        {
                            "context": "…",
                            "qas": [
                                {
                                    "id": str(n),
                                    "question": q,
                                    "answers": [{"text": a, "answer_start": 0}],
                                }
                                for n, (q, a) in enumerate(PAIRS)
                            ],
                        }
                    ],
                }
            ]
        },
    ),
    "SQuAD a row": text_file(
        "f.jsonl",
        lines_of(
            [{"question": q, "answers": {"text": [a], "answer_start": [0]}} for q, a in PAIRS]
        ),
    ),
    "a list for each column": json_file("f.json", {"question": list(Q), "answer": list(A)}),
    "objects by number": json_file("f.json", {str(n): row for n, row in enumerate(objects())}),
    "schema.org in a graph": text_file(
        "f.json",
        '{"@graph": [{"@type": "WebPage", "name": "x"}, {"@type": ["FAQPage"], "mainEntity": ['
        + ",".join(question_of(*pair) for pair in PAIRS)
        + "]}]}",
    ),
    "schema.org as JSON": text_file(
        "f.json",
        f'{{"@type": "FAQPage", "mainEntity": [{",".join(question_of(*pair) for pair in PAIRS)}]}}',
    ),
    "JSON Lines with commas at their ends": text_file(
        "f.jsonl", lines_of(objects()).replace("}\n", "},\n")
    ),
    "names as programs join them": json_file(
        "f.json",
        {"list": [{"faqNo": n, "faqTitle": q, "faqContent": a} for n, (q, a) in enumerate(PAIRS)]},
    ),
    "names of government software": json_file(
        "f.json", [{"faqId": "F1", "qestnSj": q, "answerCn": a} for q, a in PAIRS]
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_json_is_read_without_an_option(name: str, tmp_path: Path) -> None:
    assert_pairs(SAME[name](tmp_path))


def test_a_list_of_answers_is_joined_and_said(read: Read) -> None:
    (entry,), reading = read(
        "f.jsonl", lines_of([{"q": "주차 되나요?", "a": ["네.", "2시간 무료예요.", "네."]}])
    )
    assert entry.answer == "네.\n\n2시간 무료예요."
    assert reading.notes() == ["1 cell: lists of answers, joined as paragraphs."]


def test_arrays_under_the_names_of_categories_keep_them(tmp_path: Path) -> None:
    value = {"대출": objects()[:2], "회원": objects()[2:]}
    entries, _ = read_with_report(json_file("f.json", value)(tmp_path))
    assert [entry.category for entry in entries] == ["대출", "대출", "회원"]
