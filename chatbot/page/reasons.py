"""Why a reply is as it is, for a visitor to unfold under it."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mundap.index.languages import Language
from mundap.index.search.reasons import Reasons


@dataclass(frozen=True, slots=True)
class ReasonsText:
    """Every label of the reasons under a reply, in one language."""

    summary: str
    question: str
    ranks: str
    # {rank} by meaning; {rank} by words.
    by_meaning: str
    by_words: str
    no_word: str
    # A reranker put it first.
    second_look: str
    shared: str
    likelihood: str
    # By the name of a step of the query layer.
    steps: dict[str, str]


_KOREAN_REASONS = ReasonsText(
    summary="왜 이 답인가요?",
    question="가장 가까운 질문",
    ranks="순위",
    by_meaning="뜻으로 {rank}위",
    by_words="낱말로 {rank}위",
    no_word="겹치는 낱말 없음",
    second_look="다시 견주어 1위",
    shared="겹치는 낱말",
    likelihood="맞을 확률",
    steps={
        "laughter": "웃음소리 줄임",
        "keyboard layout": "한/영 자판 바꿈",
        "loose letters": "흩어진 자모 모음",
        "initial consonants": "초성 풀이",
        "loan words": "외래어를 한글로",
        "repeated letters": "겹친 글자 줄임",
        "spelling": "맞춤법 고침",
    },
)
_ENGLISH_REASONS = ReasonsText(
    summary="Why this answer?",
    question="Nearest question",
    ranks="Rank",
    by_meaning="{rank} by meaning",
    by_words="{rank} by words",
    no_word="no word in common",
    second_look="first at a second look",
    shared="Shared words",
    likelihood="Likely right",
    steps={
        "laughter": "Laughter shortened",
        "keyboard layout": "Keyboard layout",
        "loose letters": "Loose letters joined",
        "initial consonants": "Initial consonants",
        "loan words": "Loan word in Hangul",
        "repeated letters": "Repeated letters",
        "spelling": "Spelling",
    },
)


def reasons_text(language: Language) -> ReasonsText:
    """Return the labels of the reasons in one language."""
    return _KOREAN_REASONS if language == "ko" else _ENGLISH_REASONS


def percent(probability: float) -> int:
    """Return a probability in percent as people are told it: never 0, and never certain."""
    return max(1, min(99, round(100 * probability)))


# Each reply shows the whole conversation again.
@lru_cache(maxsize=1024)
def reasons_html(reasons: Reasons, probability: float, language: Language) -> str:
    """Return the reasons as a native disclosure, closed; whatever is typed or stored is text."""
    text = reasons_text(language)
    rows = "".join(
        f"<dt>{label}</dt><dd>{html.escape(value)}</dd>"
        for label, value in _rows(reasons, probability, text)
    )
    return f'<details class="why"><summary>{text.summary}</summary><dl>{rows}</dl></details>'


def _rows(reasons: Reasons, probability: float, text: ReasonsText) -> Iterator[tuple[str, str]]:
    for step in reasons.steps:
        yield text.steps[step.name], f"{step.before} → {step.after}"
    yield text.question, reasons.question
    if reasons.dense_rank:
        ranks = [text.by_meaning.format(rank=reasons.dense_rank)]
        if reasons.bm25_rank:
            ranks.append(text.by_words.format(rank=reasons.bm25_rank))
        yield text.ranks, " · ".join(ranks)
        yield text.shared, ", ".join(reasons.shared) or text.no_word
    else:
        yield text.ranks, text.second_look
    yield text.likelihood, f"{percent(probability)}%"
