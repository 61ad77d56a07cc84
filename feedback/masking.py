"""Takes obvious personal data out of a text before it is kept."""

import re
import unicodedata

# Between the groups of a number: spaces, dots and every kind of dash.
_SEPARATOR = r"[\s.\-\u2010-\u2015\u2212~]"

_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
# Resident registration: date of birth, then seven digits. Those given out since October 2020
# have no check digit, so the date is all there is to check.
_RESIDENT = re.compile(
    rf"(?<!\d)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){_SEPARATOR}*\d{{7}}(?!\d)"
)
# Mobile, area and internet numbers of Korea, with or without +82.
_PHONE = re.compile(
    rf"(?<!\d)(?:\+?82{_SEPARATOR}*(?:\(0\)|0)?|\(?0)"
    rf"(?:2|1[016789]|[3-6]\d|70|50\d)\)?{_SEPARATOR}*\d{{3,4}}{_SEPARATOR}*\d{{4}}(?!\d)"
)
_ABROAD = re.compile(rf"(?<!\d)\+\d(?:{_SEPARATOR}?\d){{7,14}}(?!\d)")
_DIGITS = re.compile(rf"\d(?:{_SEPARATOR}{{0,2}}\d){{12,}}")
_CARD_LENGTHS = range(13, 20)


def mask(text: str) -> str:
    """Return `text`, in NFKC, with personal data replaced by what it was, such as "[phone]".

    Finds e-mail addresses, resident registration numbers, card numbers (Luhn) and phone
    numbers; names and addresses it cannot know.
    """
    text = unicodedata.normalize("NFKC", text)
    text = _EMAIL.sub("[email]", text)
    text = _RESIDENT.sub("[resident number]", text)
    text = _DIGITS.sub(lambda found: _mask_cards(found[0]), text)
    return _ABROAD.sub("[phone]", _PHONE.sub("[phone]", text))


def is_card_number(digits: str) -> bool:
    """Whether `digits` has the length and the check digit (Luhn) of a payment card."""
    if len(digits) not in _CARD_LENGTHS:
        return False
    doubled = [2 * int(digit) for digit in digits[-2::-2]]
    total = sum(map(int, digits[-1::-2])) + sum(n - 9 if n > 9 else n for n in doubled)
    return total % 10 == 0


def _mask_cards(run: str) -> str:
    """Mask the groups of digits that make up a card number, beside others or not."""
    parts = re.split(r"(\d+)", run)  # separators at even places, groups of digits at odd ones
    kept: list[str] = []
    place = 0
    while place < len(parts):
        end = _card_end(parts, place) if place % 2 else None
        kept.append(parts[place] if end is None else "[card]")
        place = place + 1 if end is None else end
    return "".join(kept)


def _card_end(parts: list[str], start: int) -> int | None:
    """Return the place after the card number that begins at `start`, or None."""
    digits = ""
    for place in range(start, len(parts), 2):
        digits += parts[place]
        if len(digits) > _CARD_LENGTHS[-1]:
            return None
        if is_card_number(digits):
            return place + 1
    return None
