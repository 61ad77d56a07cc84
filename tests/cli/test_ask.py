import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mundap.index.bundle.bundle import Bundle
from mundap.index.encoders.encoder import Encoder
from mundap.index.encoders.registry import encoder_directory
from mundap.index.search.fusion import Fusion
from tests.cli.small_faq import ENTRIES
from tests.command_lines import Mundap, assert_refused
from tests.score_confidence import score_confidence


@pytest.fixture
def index(tmp_path: Path, default_encoder: Encoder) -> Callable[[float, float], Path]:
    """Makes an index that answers and offers from given scores on."""

    def build(answer: float, suggest: float) -> Path:
        Bundle.build(
            tmp_path / "index",
            ENTRIES,
            default_encoder,
            encoder_directory=encoder_directory("default"),
            fuse=lambda retriever: Fusion(),
            calibrate=lambda retriever: score_confidence(answer=answer, suggest=suggest),
        )
        return tmp_path / "index"

    return build


Index = Callable[[float, float], Path]


def test_words_need_no_quotes(mundap: Mundap, index: Index) -> None:
    built = index(0.5, 0.3)
    quoted = mundap("ask", "배송비는 얼마인가요?", "--index", built)
    assert mundap("ask", "배송비는", "얼마인가요?", "--index", built) == quoted
    assert (quoted.code, quoted.err) == (0, "")
    assert quoted.out.splitlines()[0] == "3,000원이에요."


def test_a_blank_query_is_refused_before_anything_is_made(mundap: Mundap, files: Path) -> None:
    assert_refused(mundap("ask", " ", "--faq", "faq.csv"), "Ask something, as in: mundap ask")
    assert not (files / "home").exists()


def test_an_answer_comes_without_a_list_of_entries(mundap: Mundap, index: Index) -> None:
    shown = mundap("ask", "환불은", "며칠", "걸려요?", "--index", index(0.5, 0.3))
    lines = shown.out.splitlines()
    assert lines[:2] == ["3영업일이에요.", "주말은 빼요."]
    assert all(line.startswith("  · ") for line in lines[2:])


def test_a_suggestion_shows_the_questions_to_choose_from(mundap: Mundap, index: Index) -> None:
    shown = mundap("ask", "택배", "요금이", "얼마", "들어요", "--index", index(2.0, 0.01))
    lines = shown.out.splitlines()
    assert lines[:2] == ["혹시 아래 질문 중에 찾으시는 것이 있나요?", "  · 배송비는 얼마인가요?"]


def test_a_dont_know_is_what_the_page_says(mundap: Mundap, index: Index) -> None:
    shown = mundap("ask", "양자역학을", "설명해", "주세요", "--index", index(2.0, 1.9))
    assert shown.out.startswith("죄송해요, 그 질문에는 아직 드릴 답이 없어요.")
    assert "  1. " not in shown.out


def test_the_nearest_entries_follow_where_they_are_asked_for(mundap: Mundap, index: Index) -> None:
    built = index(2.0, 1.9)
    plain = mundap("ask", "배송비", "--index", built).out
    listed = mundap("ask", "배송비", "--index", built, "-k", "3").out
    assert listed.startswith(plain)
    below = listed.removeprefix(plain).splitlines()
    assert [line.split()[0] for line in below] == ["1.", "2.", "3."]
    assert below[0].split()[2] == "fee"


def test_the_reply_is_the_same_however_many_entries_are_listed(
    mundap: Mundap, index: Index
) -> None:
    arguments = ("ask", "배송비 환불 쿠폰", "--index", index(2.0, 0.01), "--json")
    few, many = (json.loads(mundap(*arguments, "-k", k).out) for k in ("1", "4"))
    assert (len(few.pop("hits")), len(many.pop("hits"))) == (1, 4)
    assert few == many
    assert len(many["suggestions"]) > 1
