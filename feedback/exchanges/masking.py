"""Takes obvious personal data out of a text before it is kept.

Patterns of our own, as what visitors type is freer than what libraries look for: of the formats in
`tests/feedback/exchanges/test_masking.py` phonenumbers finds three phone numbers in four, and
presidio's pattern of resident numbers one in five; python-stdnum wants a check digit, which numbers
given out since October 2020 do not have.
"""

import re
import unicodedata

# Between the groups of a number: what is no letter and no digit, and what is drawn like a dash.
_GAP = r"(?:[^\w@+]|[_\u1173\u3161\u30fc]){0,4}"
_SOME_GAP = _GAP.replace("{0,4}", "{1,4}")
# Characters that nobody sees, where they stand beside a letter or a digit. Between two emoji they
# make one of them.
_HIDDEN = r"[\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff]"
_IS_HIDDEN = re.compile(_HIDDEN)
_UNSEEN = re.compile(rf"(?<=[\w@.+-]){_HIDDEN}+|(?<!{_HIDDEN}){_HIDDEN}+(?=[\w@.+-])")
# Without one of these a text has nothing to mask: most have none, and are read once.
_SIGN = re.compile(r"[\d@]")
# The last label in Latin letters: a particle may follow it.
_EMAIL = re.compile(
    r"(?<![\w.+%-])(?:[\w.+%-]+@|[A-Za-z0-9_.+%-]+ {0,2}@ {0,2})"
    r"(?:[\w-]+\.)+(?:[A-Za-z][A-Za-z0-9-]*|한국)"
)
# Resident registration: date of birth, then a digit for century and sex and six more. A whole year
# wants a gap, as an order is often numbered by its date.
_BORN = r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_RESIDENT = re.compile(rf"(?<!\d)(?:{_BORN}{_GAP}|(?:19|20){_BORN}{_SOME_GAP})[1-8]\d{{6}}(?!\d)")
# Mobile, area and internet numbers of Korea, with or without +82.
_PHONE = re.compile(
    rf"(?<!\d)(?:\+?82{_GAP}(?:\(0\)|0)?|\(?0)"
    rf"(?:2|1[016789]|[3-6]\d|70|50\d){_GAP}\d{{3,4}}{_GAP}\d{{4}}(?!\d)"
)
_ABROAD = re.compile(r"(?<!\d)\+\d(?:[\s().\-\u2010-\u2015\u2212~/_·]{0,2}\d){7,14}(?!\d)")
# As cards are printed: in fours, as 4-6-5 or 4-6-4, or as one number.
_CARD = re.compile(
    rf"(?<!\d)(?=[3-69]|2[2-7])(?:\d{{4}}(?:{_SOME_GAP}\d{{4}}){{3}}"
    rf"|\d{{4}}{_SOME_GAP}\d{{6}}{_SOME_GAP}\d{{4,5}}|\d{{13,19}})(?!\d)"
)


def mask(text: str) -> str:
    """Return `text`, in NFKC, with personal data replaced by what it was, such as "[phone]".

    Finds e-mail addresses, resident registration numbers, card numbers (Luhn) and phone
    numbers; names, addresses and numbers in words it cannot know.
    """
    text = unicodedata.normalize("NFKC", text)
    if _IS_HIDDEN.search(text):
        text = _UNSEEN.sub("", text)
    if not _SIGN.search(text):
        return text
    text = _EMAIL.sub("[email]", text)
    text = _RESIDENT.sub("[resident number]", text)
    text = _without_cards(text)
    return _ABROAD.sub("[phone]", _PHONE.sub("[phone]", text))


def has_check_digit(digits: str) -> bool:
    """Whether the last of `digits` is that of a payment card (Luhn)."""
    doubled = [2 * int(digit) for digit in digits[-2::-2]]
    total = sum(map(int, digits[-1::-2])) + sum(n - 9 if n > 9 else n for n in doubled)
    return total % 10 == 0


def _without_cards(text: str) -> str:
    kept, place = "", 0
    while (found := _CARD.search(text, place)) is not None:
        is_card = has_check_digit(re.sub(r"\D", "", found[0]))
        # Its first group may belong to something else, and the card begin behind it.
        end = found.end() if is_card else found.start() + 4
        kept += text[place : found.start()] + ("[card]" if is_card else text[found.start() : end])
        place = end
    return kept + text[place:]
