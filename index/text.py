"""One clean-up for stored and typed text, so that both sides of a comparison agree."""

import unicodedata


def clean(text: str) -> str:
    """Return `text` in NFC, on one line, single-spaced, without control and format characters.

    macOS types Hangul decomposed (NFD): the same word would otherwise be another string.
    A joiner (U+200D) between emoji goes too; emoji carry no meaning for retrieval here.
    """
    # Composed last: an accent may meet its letter only once a joiner between them is gone.
    visible = unicodedata.normalize("NFC", "".join(map(_visible, text)))
    return " ".join(visible.split())


def clean_lines(text: str) -> str:
    r"""Return `text`, to be shown, with line breaks as "\n" and no other control character.

    Drops what some kind of table cannot carry; accents and joined emoji stay as they are.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in lines if char in "\n\t" or _storable(char)).strip()


def match_key(text: str) -> str:
    """Return the form in which two texts count as the same: clean, without case."""
    return clean(text).casefold()


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cc":  # tab, line break, NUL: they part words
        return " "
    # Cf zero width and bidi marks stand inside words; Co is private use.
    return "" if category in {"Cf", "Co"} or not _storable(char) else char


def _storable(char: str) -> bool:
    """Whether UTF-8 and XML can carry it: no control character, no lone surrogate (Cs)."""
    return unicodedata.category(char) not in {"Cc", "Cs"} and char not in "\ufffe\uffff"
