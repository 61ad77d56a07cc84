"""Past for present or future, future for past: 먹었어 -> 먹을 거야."""

from mundap.training.mining.edits.endings import Ending, Level
from mundap.training.mining.edits.sentence import Part, Predicate, Sentence, words

_PAST = frozenset({"었", "았", "였"})
# Beside these words another tense contradicts itself.
_OF_THE_PAST = words("어제 그제 그저께 엊그제 아까 방금 이미 벌써 지난 지나 아직 최근")
_OF_THE_FUTURE = words("내일 모레 글피 이따 이따가 나중 곧 다음 앞으로 향후")

_WILL: Part = ("ᆯ", "ETM", False)
_THING: Part = ("거", "NNB", True)
_IS: Part = ("이", "VCP", False)
_FUTURES: dict[Level, tuple[Part, ...]] = {
    "해": (_WILL, _THING, _IS, ("야", "EF", False)),
    "해요": (_WILL, _THING, _IS, ("예요", "EF", False)),
    "합니다": (_WILL, _THING, ("ᆸ니다", "EF", False)),
    "합니까": (_WILL, _THING, ("ᆸ니까", "EF", False)),
    "한다": (_WILL, ("것", "NNB", True), _IS, ("다", "EF", False)),
    "하는지": (("ᆯ지", "EC", False),),
}
_ENDED = {"해": "어", "해요": "어요", "합니다": "습니다", "합니까": "습니까", "한다": "다"}


def change_tense(sentence: Sentence) -> str | None:
    """Return the sentence in another tense; None where it has none that could change."""
    predicate = sentence.predicate()
    if predicate is None or sentence.form(predicate.stem) in {"말", "아니"}:
        return None
    if _is_future(sentence, predicate):
        return _future_to_past(sentence, predicate)
    between = [sentence.form(row) for row in range(predicate.stem + 1, predicate.ending)]
    if _PAST & set(between):
        return _past_to_future(sentence, predicate)
    return None if "겠" in between else _present_to_past(sentence, predicate)


def _is_future(sentence: Sentence, predicate: Predicate) -> bool:
    """Whether it is of the form 먹을 거야."""
    stem = predicate.stem
    will = sentence.form(stem - 2) in {"ᆯ", "을"} and sentence.tag(stem - 2) == "ETM"
    return will and sentence.form(stem - 1) in {"거", "것"} and sentence.tag(stem) == "VCP"


def _past_to_future(sentence: Sentence, predicate: Predicate) -> str | None:
    level = Ending.of(sentence, predicate).level
    if level not in _FUTURES or _names(sentence, _OF_THE_PAST):
        return None
    if any(m.tag == "EC" and m.form.endswith("더니") for m in sentence.morphemes):
        return None  # 골랐더니 tells what has happened
    kept = [
        sentence.part(row)
        for row in range(predicate.stem + 1, predicate.ending)
        if sentence.form(row) not in _PAST
    ]
    parts = [*kept, *_FUTURES[level]]
    return sentence.replaced(predicate.stem + 1, predicate.stop, parts)


def _present_to_past(sentence: Sentence, predicate: Predicate) -> str | None:
    ending = Ending.of(sentence, predicate)
    ordered = ending.form in {"세", "으세"} and ending.polite  # 세요: 시 and 어요
    after = ("어요", "EF", False) if ordered else ending.after_past()
    if after is None or _names(sentence, _OF_THE_FUTURE) or _has_condition(sentence):
        return None
    kept = [sentence.part(row) for row in range(predicate.stem + 1, predicate.ending)]
    honoured: list[Part] = [("시", "EP", False)] if ordered else []
    parts = [*kept, *honoured, ("었", "EP", False), after]
    return sentence.replaced(predicate.stem + 1, predicate.stop, parts)


def _future_to_past(sentence: Sentence, predicate: Predicate) -> str | None:
    level = Ending.of(sentence, predicate).level
    if level not in _ENDED or _names(sentence, _OF_THE_FUTURE):
        return None
    parts = [("었", "EP", False), (_ENDED[level], "EF", False)]
    return sentence.replaced(predicate.stem - 2, predicate.stop, parts)


def _has_condition(sentence: Sentence) -> bool:
    """Whether a clause ends with 면, 려면: beside it the past sounds wrong."""
    return any(m.tag == "EC" and m.form.endswith("면") for m in sentence.morphemes)


def _names(sentence: Sentence, words: frozenset[str]) -> bool:
    return any(morpheme.form in words for morpheme in sentence.morphemes)
