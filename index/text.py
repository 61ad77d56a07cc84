"""One clean-up for stored and typed text, so that both sides of a comparison agree."""

import unicodedata


def clean(text: str) -> str:
    """Return `text` in NFC, on one line, single-spaced, without control and format characters.

    macOS types Hangul decomposed (NFD): the same word would otherwise be another string.
    A joiner (U+200D) between emoji goes too; emoji carry no meaning for retrieval here.
    """
    composed = unicodedata.normalize("NFC", text)
    visible = "".join(_visible(char) for char in composed)
    return " ".join(visible.split())


def match_key(text: str) -> str:
    """Return the form in which two texts count as the same: clean, without case."""
    return clean(text).casefold()


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cc":  # tab, line break, NUL: they part words
        return " "
    # Cf zero width and bidi marks stand inside words; Cs lone surrogates, Co private use.
    return "" if category in {"Cf", "Cs", "Co"} else char
