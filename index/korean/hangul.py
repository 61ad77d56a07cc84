"""Hangul syllables and the letters that they are typed with."""

import re

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
MEDIALS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
# The first stands for a syllable without a final.
FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"

# Letters typed with two keys, and the two.
PAIRS = {
    "ㅘ": "ㅗㅏ",
    "ㅙ": "ㅗㅐ",
    "ㅚ": "ㅗㅣ",
    "ㅝ": "ㅜㅓ",
    "ㅞ": "ㅜㅔ",
    "ㅟ": "ㅜㅣ",
    "ㅢ": "ㅡㅣ",
    "ㄳ": "ㄱㅅ",
    "ㄵ": "ㄴㅈ",
    "ㄶ": "ㄴㅎ",
    "ㄺ": "ㄹㄱ",
    "ㄻ": "ㄹㅁ",
    "ㄼ": "ㄹㅂ",
    "ㄽ": "ㄹㅅ",
    "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ",
    "ㅀ": "ㄹㅎ",
    "ㅄ": "ㅂㅅ",
}
_ONE = {pair: letter for letter, pair in PAIRS.items()}

_FIRST, _LAST = ord("가"), ord("힣")
_BLOCK = len(MEDIALS) * len(FINALS)

_MEDIAL = "|".join([*(PAIRS[letter] for letter in MEDIALS if letter in PAIRS), "[ㅏ-ㅣ]"])
_FINAL = "|".join([*(PAIRS[letter] for letter in FINALS if letter in PAIRS), "[ㄱ-ㅎ]"])
# A consonant before a vowel opens the next syllable; ㄸ, ㅃ and ㅉ never close one.
_SYLLABLE = re.compile(f"([ㄱ-ㅎ])({_MEDIAL})(?:((?![ㄸㅃㅉ])(?:{_FINAL}))(?![ㅏ-ㅣ]))?")


# A consonant and a vowel side by side, but for laughter with tears (ㅋㅋㅠㅠ).
_LOOSE = re.compile("[ㄱ-ㅎ](?<![ㅋㅎ])[ㅏ-ㅣ][ㄱ-ㅎㅏ-ㅣ]*|[ㅋㅎ](?![ㅠㅜㅡ])[ㅏ-ㅣ][ㄱ-ㅎㅏ-ㅣ]*")

_LOST_INITIAL = re.compile("(?<=[가-힣])ㅛ(?![ㄱ-ㅎㅏ-ㅣ])")


def is_syllable(char: str) -> bool:
    """Whether `char` is a whole modern syllable, such as 환."""
    return "가" <= char <= "힣"


def loose_letters(text: str) -> int:
    """Return how many characters are no whole modern syllable."""
    return sum(not is_syllable(char) for char in text)


def letters(text: str) -> str:
    """Return `text` with every syllable as the letters that it is typed with: 환 as ㅎㅗㅏㄴ.

    Other characters stay.
    """
    return "".join(map(_letters_of, text))


def compose(letters: str) -> str:
    """Return what an input method makes of `letters`: the undoing of `letters`.

    Letters that fit in no syllable stay as they are.
    """
    return _SYLLABLE.sub(_syllable, letters)


def with_letters_joined(text: str) -> str:
    """Return `text` with letters that were typed one by one as syllables: ㅈㅜ문 as 주문.

    A ㅛ behind a syllable has lost its ㅇ: 해ㅛ as 해요.
    """
    joined = _LOOSE.sub(lambda run: compose("".join(map(_letters_of, run[0]))), text)
    return _LOST_INITIAL.sub("요", joined)


def instrumental(text: str) -> str:
    """Return the particle that says "by" after `text`: 로, 으로, or (으)로 after no Hangul."""
    last = next((char for char in reversed(text) if char.isalnum()), "")
    if not is_syllable(last):
        return "(으)로"
    final = FINALS[(ord(last) - _FIRST) % len(FINALS)]
    return "로" if final in {FINALS[0], "ㄹ"} else "으로"


def initials(text: str) -> str:
    """Return `text` with every syllable as its first consonant: 환불 as ㅎㅂ."""
    return "".join(
        INITIALS[(ord(char) - _FIRST) // _BLOCK] if is_syllable(char) else char for char in text
    )


def _letters_of(char: str) -> str:
    if not is_syllable(char):
        return PAIRS.get(char, char)
    initial, rest = divmod(ord(char) - _FIRST, _BLOCK)
    medial, final = (MEDIALS[rest // len(FINALS)], FINALS[rest % len(FINALS)])
    return INITIALS[initial] + PAIRS.get(medial, medial) + PAIRS.get(final, final).strip()


def _syllable(match: re.Match[str]) -> str:
    initial, medial, final = match.groups(default=" ")
    row = INITIALS.index(initial) * len(MEDIALS) + MEDIALS.index(_ONE.get(medial, medial))
    return chr(_FIRST + row * len(FINALS) + FINALS.index(_ONE.get(final, final)))
