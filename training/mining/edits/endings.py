"""Korean sentence endings: how polite they are, and the shape they take after a past "었"."""

from dataclasses import dataclass
from typing import Literal

from mundap.training.mining.edits.sentence import Predicate, Sentence

Level = Literal["해", "해요", "합니다", "합니까", "한다", "하는지", "하는데"]

# Ending without "요" -> the same ending after "었". Orders and proposals have no past.
_AFTER_PAST = {
    "어": "어",
    "야": "어",
    "예": "어",
    "에": "어",
    "나": "나",
    "는가": "는가",
    "ᆫ가": "나",
    "은가": "나",
    "지": "지",
    "네": "네",
    "니": "니",
    "냐": "냐",
    "다": "다",
    "ᆫ다": "다",
    "는다": "다",
    "ᆸ니다": "습니다",
    "습니다": "습니다",
    "ᆸ니까": "습니까",
    "습니까": "습니까",
    "는지": "는지",
    "ᆫ지": "는지",
    "은지": "는지",
    "는데": "는데",
    "ᆫ데": "는데",
    "은데": "는데",
    "거든": "거든",
    "ᆯ까": "을까",
    "을까": "을까",
}
_LEVELS: dict[str, Level] = {
    "다": "한다",
    "ᆫ다": "한다",
    "는다": "한다",
    "ᆸ니다": "합니다",
    "습니다": "합니다",
    "ᆸ니까": "합니까",
    "습니까": "합니까",
    "는지": "하는지",
    "ᆫ지": "하는지",
    "은지": "하는지",
    "는데": "하는데",
    "ᆫ데": "하는데",
    "은데": "하는데",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """An ending without its "요", and whether it had one."""

    form: str
    tag: str
    polite: bool

    @classmethod
    def of(cls, sentence: Sentence, predicate: Predicate) -> "Ending":
        """Read the ending of a predicate, "요" within it or apart."""
        form, tag = sentence.form(predicate.ending), sentence.tag(predicate.ending)
        apart = predicate.stop - predicate.ending > 1
        if form == "죠":
            return cls("지", tag, True)
        if tag == "EF" and form.endswith("요"):
            return cls(form[:-1], tag, True)
        return cls(form, tag, apart)

    @property
    def level(self) -> Level | None:
        """How polite it is, or the kind of clause it ends; None for an ending not listed."""
        if self.form not in _AFTER_PAST:
            return None
        return _LEVELS.get(self.form, "해요" if self.polite else "해")

    def after_past(self) -> tuple[str, str, bool] | None:
        """Return it for `join` as it stands after "었"; None for an order or proposal."""
        form = _AFTER_PAST.get(self.form)
        if form is None:
            return None
        return form + "요" * self.polite, "EF" if self.polite else self.tag, False
