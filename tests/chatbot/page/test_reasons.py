from dataclasses import fields, replace
from html.parser import HTMLParser

import pytest

from mundap.chatbot.page.reasons import ReasonsText, percent, reasons_html, reasons_text
from mundap.chatbot.page.turns import told
from mundap.chatbot.reply import Reply, Suggestion
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.languages import Language
from mundap.index.query.query_layer import QueryLayer, Step
from mundap.index.search.reasons import Reasons

KEYS = Step("keyboard layout", "ghksqnf rlrks", "환불 기간")
REASONS = Reasons("환불 기간", (KEYS,), "환불은 며칠 걸려요?", 1, 2, ("환불",))
OFFERED = (Suggestion("a", "환불은요?", 0.6),)
ANSWER = Reply("answer", "3일 안에요.", 1, "a", "환불은 며칠 걸려요?", 0.8, 0.93)


class Seen(HTMLParser):
    """An independent reader: the tags of a piece of HTML in order, and the text in each."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.texts = list[str](), list[tuple[str, str]]()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append((self.tags[-1], data))


def rows(html: str) -> list[tuple[str, str]]:
    """Return the labels and values of a description list."""
    shown = [text for tag, text in Seen(html).texts if tag in {"dt", "dd"}]
    return list(zip(shown[::2], shown[1::2], strict=True))


def notes(reply: Reply, query: str, reasons: Reasons | None, language: Language) -> list[str]:
    """Return the lines under a reply, with percentages."""
    return list(told(reply, query, "0", reasons, with_reasons=True)["notes"][language])


def test_reasons_are_a_closed_native_disclosure() -> None:
    seen = Seen(reasons_html(REASONS, 0.93, "ko"))
    assert seen.tags == ["details", "summary", "dl", *["dt", "dd"] * 5]
    assert seen.texts[0] == ("summary", "왜 이 답인가요?")
    assert " open" not in reasons_html(REASONS, 0.93, "ko")


def test_reasons_say_what_was_repaired_found_shared_and_how_likely_it_is_right() -> None:
    assert rows(reasons_html(REASONS, 0.93, "ko")) == [
        ("한/영 자판 바꿈", "ghksqnf rlrks → 환불 기간"),
        ("가장 가까운 질문", "환불은 며칠 걸려요?"),
        ("순위", "뜻으로 1위 · 낱말로 2위"),
        ("겹치는 낱말", "환불"),
        ("맞을 확률", "93%"),
    ]


def test_reasons_are_told_in_english() -> None:
    assert rows(reasons_html(REASONS, 0.93, "en")) == [
        ("Keyboard layout", "ghksqnf rlrks → 환불 기간"),
        ("Nearest question", "환불은 며칠 걸려요?"),
        ("Rank", "1 by meaning · 2 by words"),
        ("Shared words", "환불"),
        ("Likely right", "93%"),
    ]


def test_without_a_word_in_common_there_is_no_rank_by_words() -> None:
    lone = replace(REASONS, steps=(), bm25_rank=0, shared=())
    assert rows(reasons_html(lone, 0.4, "ko"))[1:3] == [
        ("순위", "뜻으로 1위"),
        ("겹치는 낱말", "겹치는 낱말 없음"),
    ]


def test_what_a_reranker_put_first_has_no_ranks() -> None:
    reranked = replace(REASONS, steps=(), dense_rank=0, bm25_rank=0, shared=())
    assert rows(reasons_html(reranked, 0.4, "ko")) == [
        ("가장 가까운 질문", "환불은 며칠 걸려요?"),
        ("순위", "다시 견주어 1위"),
        ("맞을 확률", "40%"),
    ]


def test_html_in_a_query_and_in_a_faq_is_shown_as_text() -> None:
    hostile = "<img src=\"/file=x\" onerror='alert(1)'></dd>&lt;"
    step = Step("spelling", hostile, hostile + "!")
    html = reasons_html(
        replace(REASONS, steps=(step,), question=hostile, shared=(hostile,)),
        0.5,
        "ko",
    )
    assert Seen(html).tags == ["details", "summary", "dl", *["dt", "dd"] * 5]
    assert [value for _, value in rows(html)][:2] == [f"{hostile} → {hostile}!", hostile]
    assert 'src="/file' not in html  # gradio would make an address of it


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(0.0, 1), (0.004, 1), (0.126, 13), (0.934, 93), (0.994, 99), (0.9999, 99), (1.0, 99)],
)
def test_a_probability_is_never_told_as_certain(probability: float, shown: int) -> None:
    assert percent(probability) == shown


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_step_of_the_query_layer_has_a_name(language: Language) -> None:
    layer = QueryLayer.of(Passages.of([FaqEntry("a", "환불은 언제 되나요?", "3일 안에요.")]))
    assert list(reasons_text(language).steps) == [name for name, _ in layer._repairs]


@pytest.mark.parametrize("field", [field.name for field in fields(ReasonsText)])
def test_every_label_is_written_in_both_languages(field: str) -> None:
    korean, english = (getattr(reasons_text(language), field) for language in ("ko", "en"))
    assert korean != english
    assert "" not in (korean, english)


def test_an_answer_says_what_was_searched_for_and_matched() -> None:
    assert notes(ANSWER, "ghksqnf rlrks", REASONS, "ko") == [
        "‘환불 기간’으로 찾았어요",
        "찾은 질문: 환불은 며칠 걸려요? · 맞을 확률 93%",
    ]
    assert notes(ANSWER, "ghksqnf rlrks", REASONS, "en") == [
        "Searched for ‘환불 기간’",
        "Matched question: 환불은 며칠 걸려요? · 93% likely right",
    ]


def test_visitors_are_told_the_question_without_its_percentage() -> None:
    shown = told(ANSWER, "ghksqnf rlrks", "0", REASONS)
    assert shown["notes"]["ko"][1] == "찾은 질문: 환불은 며칠 걸려요?"
    assert shown["why"] is None


def test_a_question_that_was_asked_as_it_stands_is_not_told_again() -> None:
    plain = replace(REASONS, steps=())
    assert told(ANSWER, "환불은 며칠 걸려요", "0", plain)["notes"] == {"ko": [], "en": []}


def test_a_query_that_needed_no_repair_says_nothing_of_one() -> None:
    shown = notes(ANSWER, "환불 기간", replace(REASONS, steps=()), "ko")
    assert shown == ["찾은 질문: 환불은 며칠 걸려요? · 맞을 확률 93%"]


def test_suggestions_have_reasons_too() -> None:
    reply = Reply("suggest", "혹시", 1, score=0.6, confidence=0.5, suggestions=OFFERED)
    shown = told(reply, "?", "0", REASONS, with_reasons=True)
    assert shown["notes"]["ko"] == ["‘환불 기간’으로 찾았어요"]
    assert shown["why"] == {each: reasons_html(REASONS, 0.5, each) for each in ("ko", "en")}


def test_a_dont_know_says_how_it_read_the_query_and_gives_no_reason() -> None:
    reply = Reply("unknown", "몰라요.", 1, confidence=0.05)
    shown = told(reply, "?", "0", REASONS, with_reasons=True)
    assert (shown["notes"]["ko"], shown["why"]) == (["‘환불 기간’으로 찾았어요"], None)
    assert notes(reply, "?", replace(REASONS, steps=()), "ko") == []
