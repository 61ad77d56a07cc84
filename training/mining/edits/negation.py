"""Not for yes and yes for not: 환불 되나요 -> 환불 안 되나요, 쓸 수 있어 -> 쓸 수 없어."""

from mundap.training.mining.edits.endings import Ending
from mundap.training.mining.edits.sentence import ASKING, Part, Predicate, Sentence, words

_OPPOSITES = {"있": ("없", "VA"), "없": ("있", "VA"), "알": ("모르", "VV"), "모르": ("알", "VV")}
_NOT: Part = ("안", "MAG", True)
# 세요, 으세요, 십시오, 어, 어요: orders and requests, where no question mark stands.
_ORDERS = frozenset({"세", "으세", "ᆸ시오", "시오", "으십시오", "라", "어라"})
_ASKED_FAVOUR = frozenset({"주", "달", "드리"})
# Honorific verbs that the analyser takes apart; their denials are words of their own.
_HONORIFIC = frozenset({"주무", "계", "잡수", "드"})
# Words that stand in denials only, so that one cannot be taken out.
_NEVER_AFFIRMED = words("전혀 통 별로 결코 도무지 좀처럼 도저히 밖에 절대 절대로 영 아직")
_NOTHING = ("하나도", "아무", "암것", "더 이상", "더이상")


def change_negation(sentence: Sentence) -> str | None:
    """Return the sentence denied, or affirmed; None where Korean has no simple way.

    Denials in a question for something ("며칠 안 걸려요?") ask nothing, so none is made there.
    """
    predicate = sentence.predicate()
    if predicate is None or sentence.form(predicate.stem) in _HONORIFIC:
        return None
    if _only_denied(sentence) and _denies(sentence, predicate):
        return None
    affirmed = _affirmed(sentence, predicate)
    if affirmed is not None:
        return affirmed
    if sentence.asks_for_something(predicate.stem) and not _says_why(sentence, predicate):
        return None
    return _opposite(sentence, predicate) or _denied(sentence, predicate)


def _says_why(sentence: Sentence, predicate: Predicate) -> bool:
    asked = {sentence.form(row) for row in range(predicate.stem)} & ASKING
    return asked == {"왜"}


def _only_denied(sentence: Sentence) -> bool:
    forms = {morpheme.form for morpheme in sentence.morphemes}
    return bool(forms & _NEVER_AFFIRMED) or any(word in sentence.text for word in _NOTHING)


def _denies(sentence: Sentence, predicate: Predicate) -> bool:
    forms = {sentence.form(predicate.stem), sentence.form(predicate.stem - 1)}
    return bool(forms & {"안", "못", "않", "못하", "없", "모르"})


def _affirmed(sentence: Sentence, predicate: Predicate) -> str | None:
    """Take a denial out: 안 돼요 -> 돼요, 되지 않아요 -> 돼요, 받지 못했어 -> 받았어."""
    stem = predicate.stem
    form, before = sentence.form(stem), sentence.form(stem - 1)
    long = form in {"않", "못하"} or (form == "하" and before == "못")
    first = stem - 1 if before == "못" else stem
    if long and sentence.form(first - 1) == "지" and sentence.tag(first - 2) in {"VV", "XSV"}:
        rest = [sentence.part(row, spaced=False) for row in range(stem + 1, predicate.stop)]
        return sentence.replaced(first - 1, predicate.stop, rest)
    if before in {"안", "못"} and sentence.tag(stem - 1) == "MAG":
        spaced = sentence.part(stem - 1)[2]
        return sentence.replaced(stem - 1, stem + 1, [sentence.part(stem, spaced=spaced)])
    return None


def _opposite(sentence: Sentence, predicate: Predicate) -> str | None:
    stem = predicate.stem
    opposite = _OPPOSITES.get(sentence.form(stem))
    helps = sentence.tag(stem - 1) == "EC"  # 하고 있다, 해 있다: no word of its own
    if opposite is None or helps or sentence.form(predicate.ending) in _ORDERS:
        return None
    return sentence.replaced(stem, stem + 1, [(*opposite, sentence.part(stem)[2])])


def _denied(sentence: Sentence, predicate: Predicate) -> str | None:
    stem, tag = predicate.stem, sentence.tag(predicate.stem)
    if sentence.form(stem) in _OPPOSITES.keys() - {"있"}:
        return None
    if sentence.form(stem - 1) == "어야" or tag == "VCN":
        return None  # 해야 하지 않나요 means 해야 하나요
    if _is_order(sentence, predicate):
        if tag == "VCP":  # 주무세요, taken for a noun
            return None
        return _forbidden(sentence, predicate)
    if tag == "VCP":
        return _is_not(sentence, predicate)
    noun = sentence.tag(stem - 1).startswith("NN") and len(sentence.form(stem - 1)) > 1
    if tag == "XSV" and noun:
        verb: Part = (sentence.form(stem), "VV", True)
        return sentence.replaced(stem, stem + 1, [_NOT, verb])
    if tag == "VV":
        return sentence.replaced(stem, stem + 1, [_NOT, sentence.part(stem, spaced=True)])
    return _not_long(sentence, predicate)


def _is_order(sentence: Sentence, predicate: Predicate) -> bool:
    ending = Ending.of(sentence, predicate)
    honoured = sentence.form(predicate.ending - 1) == "시"
    if ending.form in _ORDERS or (ending.form == "오" and honoured):  # 가져가시오
        return not sentence.is_question()
    favour = sentence.tag(predicate.stem) == "VX" and sentence.form(predicate.stem) in _ASKED_FAVOUR
    plain = ending.form == "어" and predicate.ending == predicate.stem + 1
    return favour and plain and not sentence.is_question()


def _forbidden(sentence: Sentence, predicate: Predicate) -> str | None:
    rest = [sentence.part(row, spaced=False) for row in range(predicate.stem + 1, predicate.stop)]
    parts: list[Part] = [("지", "EC", False), ("말", "VX", True), *rest]
    return sentence.replaced(predicate.stem + 1, predicate.stop, parts)


def _is_not(sentence: Sentence, predicate: Predicate) -> str | None:
    """Deny a noun: 무료예요 -> 무료가 아니에요."""
    stem = predicate.stem
    if not sentence.tag(stem - 1).startswith(("NNG", "NNP", "XSN")):
        return None
    form, tag, _ = sentence.part(predicate.ending)
    ending: Part = ("에요" if form == "예요" else form, tag, False)
    between = [sentence.part(row) for row in range(stem + 1, predicate.ending)]
    after = [sentence.part(row) for row in range(predicate.ending + 1, predicate.stop)]
    parts: list[Part] = [("이", "JKS", False), ("아니", "VCN", True), *between, ending, *after]
    return sentence.replaced(stem, predicate.stop, parts)


def _not_long(sentence: Sentence, predicate: Predicate) -> str | None:
    """Deny an adjective or auxiliary: 비싸요 -> 비싸지 않아요."""
    rest = [sentence.part(row, spaced=False) for row in range(predicate.stem + 1, predicate.stop)]
    parts: list[Part] = [("지", "EC", False), ("않", "VX", True), *rest]
    return sentence.replaced(predicate.stem + 1, predicate.stop, parts)
