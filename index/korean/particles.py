"""What may follow a noun within a word: 에서, 은, 으로도, 예요."""

import re

# By the last letter of the noun: 은 follows a final consonant, 는 a vowel.
_AFTER_CONSONANT = (
    "은 이 을 과 으로 이랑 이나 이라도 이란 이라는 이라고 "
    "이며 이고 이지만 이라면 이라서 이에요 이요"
)
_AFTER_VOWEL = "는 가 를 와 로 랑 나 라도 란 라는 라고 며 고 지만 라면 라서 예요 요"
_ALWAYS = (
    "의 에 에서 에게 께 한테 하고 도 만 부터 까지 마다 보다 처럼 대로 밖에 "
    "인데 인가요 입니다 들 님 이면"
)
_MORE = "(?:은|는|이|가|을|를|의|도|만|로|으로)?(?:요)?"
_FINALS = 28
_RIEUL = 8


def _pattern(*words: str) -> re.Pattern[str]:
    forms = sorted(" ".join(words).split(), key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(forms)}){_MORE}")


_CONSONANT, _VOWEL = _pattern(_AFTER_CONSONANT, _ALWAYS), _pattern(_AFTER_VOWEL, _ALWAYS)
_RIEUL_TAIL = _pattern(_AFTER_CONSONANT.replace("으로", "로"), _ALWAYS)
_EITHER = _pattern(_AFTER_CONSONANT, _AFTER_VOWEL, _ALWAYS)


def final_of(noun: str) -> int | None:
    """Return the number of the final consonant of the last syllable, 0 for none; None if unknown.

    Letters and digits are read in more than one way.
    """
    last = ord(noun[-1]) - ord("가")
    return last % _FINALS if 0 <= last <= ord("힣") - ord("가") else None


def is_tail(tail: str, noun: str) -> bool:
    """Whether `tail` is nothing, or particles that Korean lets follow `noun`."""
    if not tail:
        return True
    final = final_of(noun)
    if final is None:
        return _EITHER.fullmatch(tail) is not None
    pattern = _RIEUL_TAIL if final == _RIEUL else _CONSONANT if final else _VOWEL
    return pattern.fullmatch(tail) is not None


def is_particles(tail: str) -> bool:
    """Whether `tail` is particles, as people type them: 무신사은 for 무신사는."""
    return _EITHER.fullmatch(tail) is not None


def with_particle(noun: str, after_vowel: str, after_consonant: str) -> str:
    """Return `noun` with the one of two particles that it asks for: 로 and 으로."""
    final = final_of(noun)
    takes_vowel = not final or (final == _RIEUL and after_vowel == "로")
    return noun + (after_vowel if takes_vowel else after_consonant)
