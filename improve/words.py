"""What a run says to people, in Korean and English."""

from collections.abc import Mapping
from typing import Any

from mundap.improve.candidate import Untrained
from mundap.improve.verdict import FEWEST
from mundap.index.trouble import WORDS, trouble_of

_KEPT = {
    "ko": "지금 쓰는 색인은 그대로이고, 새 색인({generation}번)은 보관만 합니다.",
    "en": "What serves stays, and the candidate (generation {generation}) is kept sealed.",
}
_REASONS: Mapping[str, Mapping[str, str]] = {
    "better": {
        "ko": "나아졌습니다. 따로 떼어 둔 질문 {covered}개 중 바르게 답한 비율이 {before}에서 "
        "{after}가 되어, 새 색인({generation}번)이 답합니다.",
        "en": "Better: of {covered} held-back questions {after} are answered rightly, {before} "
        "before. Generation {generation} serves now.",
    },
    "not worse": {
        "ko": "나빠지지 않았습니다. 따로 떼어 둔 질문 {covered}개 중 바르게 답한 비율이 "
        "{before}에서 {after}로 허용 폭({margin}) 안이어서, 새 색인({generation}번)이 답합니다.",
        "en": "Not worse within the margin of {margin}: of {covered} held-back questions {after} "
        "are answered rightly, {before} before. Generation {generation} serves now.",
    },
    "too few": {
        "ko": "따로 떼어 둔 질문이 {covered}개뿐이라 나아졌는지 알 수 없습니다({fewest}개부터 "
        "견줍니다). 질문을 더 판단해 주세요.",
        "en": "Only {covered} questions are held back, too few to tell ({fewest} are wanted). "
        "Judge more of what visitors ask.",
    },
    "fewer right": {
        "ko": "따로 떼어 둔 질문 {covered}개 중 바르게 답한 비율이 {before}에서 {after}가 되었고, "
        "허용 폭({margin})보다 더 떨어졌을 수 있습니다(95% 구간 {low}부터).",
        "en": "Of {covered} held-back questions {after} are answered rightly, {before} before: "
        "that may be a fall beyond the margin of {margin} (95% interval from {low}).",
    },
    "more wrong": {
        "ko": "틀린 답의 비율이 {rise} 늘어 허용 폭({margin})을 넘습니다.",
        "en": "Wrong answers rise by {rise}, beyond the margin of {margin}.",
    },
    "fewer answered": {
        "ko": "방문자가 최근에 물은 질문 {visited}개 중 지금은 {visited_before}개에 답하는데 새 "
        "색인은 {visited_after}개에만 답합니다. 허용 폭({margin})을 넘습니다.",
        "en": "Of {visited} questions that visitors asked lately {visited_before} are answered, "
        "and only {visited_after} would be: a fall beyond the margin of {margin}.",
    },
    "overtaken": {
        "ko": "견주는 동안 다른 색인이 쓰이기 시작했습니다. 다시 실행해 주세요.",
        "en": "Another generation was let serve meanwhile. Run it again.",
    },
}
_TRAINED = {
    "ko": "받아들인 표현으로 인코더를 새로 학습했습니다.",
    "en": "An encoder was trained on the accepted phrasings.",
}
_UNTRAINED: Mapping[Untrained, Mapping[str, str]] = {
    "few phrasings": {
        "ko": "항목마다 표현이 3개가 안 되어 인코더는 학습하지 않고, 판단된 질문에 맞춰 가중치와 "
        "확신만 다시 맞췄습니다.",
        "en": "There are fewer than 3 phrasings an entry, so no encoder was trained; weights and "
        "confidence were fitted to the judged questions.",
    },
    "one answer": {
        "ko": "답이 하나뿐이라 인코더는 학습하지 않았습니다.",
        "en": "There is one answer alone, so no encoder was trained.",
    },
    "own encoder": {
        "ko": "직접 넣은 인코더를 쓰고 있어 그것은 그대로 두고 가중치와 확신만 다시 맞췄습니다.",
        "en": "An encoder of your own serves and stays as it is; weights and confidence were "
        "fitted to the judged questions.",
    },
}
NOTHING = {
    "ko": "새로 배울 것이 없습니다. 방문자의 질문을 판단해 주시면 그것으로 배웁니다.",
    "en": "There is nothing new to learn. Judge what visitors ask, and it learns from that.",
}

INTERRUPTED = {
    "ko": "실행이 중간에 끊겼고, 그 뒤 내용이 달라져 이어서 하지 않았습니다.",
    "en": "It was interrupted, and not taken up as what it would learn or serve beside changed.",
}

_FAILED = {
    "ko": "마치지 못했습니다. 지금 쓰는 색인은 그대로입니다. {why}",
    "en": "It did not finish, and what serves stays. {why}",
}


def failed_words(error: BaseException) -> dict[str, str]:
    """Say that a run failed, and what can be done about it."""
    told = WORDS[trouble_of(error)]
    return {language: text.format(why=told[language]) for language, text in _FAILED.items()}


def trained_words(untrained: Untrained | None) -> Mapping[str, str]:
    """Say whether an encoder was trained, and why not."""
    return _TRAINED if untrained is None else _UNTRAINED[untrained]


def reason_words(report: Mapping[str, Any]) -> dict[str, str]:
    """Say why the candidate of a report was promoted or not."""
    kept = report["reason"] not in ("better", "not worse")
    values = {
        "generation": report["after"]["generation"],
        "covered": report["tests"]["covered"],
        "fewest": FEWEST,
        "before": _percent(report["before"]["answered_right"]),
        "after": _percent(report["after"]["answered_right"]),
        "margin": _percent(report["margin"]),
        "low": _percent(report["right"][1]),
        "rise": _percent(report["wrong"][0]),
        "visited": report["visitors"]["queries"],
        "visited_before": report["visitors"]["before"],
        "visited_after": report["visitors"]["after"],
    }
    return {
        language: " ".join([text, *([_KEPT[language]] if kept else [])]).format(**values)
        for language, text in _REASONS[report["reason"]].items()
    }


def _percent(share: float) -> str:
    """Return a share as people read it: 71%, 2.5%."""
    return f"{100 * share:.1f}".removesuffix(".0") + "%"
