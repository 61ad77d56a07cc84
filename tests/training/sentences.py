"""Judged sentences, few and plain enough that anything learns them."""

from pathlib import Path

import pandas as pd

from mundap.index.tables.table_writer import write_table

_TOPICS = [
    ("배송비가 얼마예요", "택배 요금 알려 줘", "운임이 궁금해요"),
    ("환불해 주세요", "돈을 돌려받고 싶어요", "refund 부탁해"),
    ("쿠폰은 어디에 넣나요", "할인권 등록", "코드 입력하는 곳"),
    ("전화번호가 뭐예요", "상담 번호", "연락처 알려 주세요"),
    ("안녕하세요", "하이 ㅎㅎ", "처음 뵙겠습니다"),
    ("사이즈 표 어디 있나요", "치수 안내", "몇 센티인가요"),
]
TEXTS = [text for topic in _TOPICS for text in topic]


def sts_rows() -> list[tuple[str, str, float]]:
    """Return 36 pairs: of one topic 4 to 5, of neighbouring ones 2, of others 0 to 1."""
    rows = []
    for number, topic in enumerate(_TOPICS):
        near, far = _TOPICS[number - 1], _TOPICS[number - 3]
        rows += [(topic[0], topic[1], 5.0), (topic[1], topic[2], 4.4), (topic[0], topic[2], 4.0)]
        rows += [(topic[0], near[1], 2.0), (topic[1], far[2], 0.0), (topic[2], far[0], 1.0)]
    return rows


def nli_rows() -> list[tuple[str, str, str]]:
    """Return 18 pairs: each premise with one hypothesis of every label."""
    labels = ("entailment", "neutral", "contradiction")
    return [
        (topic[0], hypothesis, label)
        for number, topic in enumerate(_TOPICS)
        for hypothesis, label in zip(
            (topic[1], f"{topic[2]} 그리고", f"{_TOPICS[number - 3][0]} 아니"), labels, strict=True
        )
    ]


def write_sts(path: Path, rows: list[tuple[str, str, float]] | None = None) -> Path:
    columns = ["sentence1", "sentence2", "score"]
    write_table(pd.DataFrame(rows or sts_rows(), columns=columns), path)
    return path


def write_nli(path: Path, rows: list[tuple[str, str, str]] | None = None) -> Path:
    columns = ["premise", "hypothesis", "label"]
    write_table(pd.DataFrame(rows or nli_rows(), columns=columns), path)
    return path
