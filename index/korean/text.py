"""One clean-up for stored and typed text, so that both sides of a comparison agree."""

import re
import unicodedata

# Runs of all but Hangul syllables, letters (old ones too) and spaces; `tokenizers` reads it too.
NOT_HANGUL = r"[^가-힣ᄀ-ᇿㄱ-ㆎ\s]+"
# Forms of full and half width: one of ＡＢＣ is one character, its usual form another.
# Not the signs ￠￡￦ at their end, which Korean code pages hold in this width alone.
_WIDE = re.compile("[\uff00-\uffdf]")
# Most texts are clean already: of these characters none changes, whichever stand beside it.
_PLAIN = re.compile("[!-~가-힣ㄱ-ㅎㅏ-ㅣ]+(?: [!-~가-힣ㄱ-ㅎㅏ-ㅣ]+)*")


def clean(text: str) -> str:
    """Return `text` in NFC, on one line, single-spaced, without control and format characters.

    Full-width Latin (ＡＢＣ) and half-width Hangul letters take their usual width.
    macOS types Hangul decomposed (NFD): the same word would otherwise be another string.
    A joiner (U+200D) between emoji goes too; emoji carry no meaning for retrieval here.
    """
    if _PLAIN.fullmatch(text):
        return text
    text = _WIDE.sub(lambda char: _halved(char[0]), text)
    # Composed last: an accent may meet its letter only once a joiner between them is gone.
    visible = unicodedata.normalize("NFC", "".join(map(_visible, text)))
    return " ".join(visible.split())


def clean_lines(text: str) -> str:
    r"""Return `text`, to be shown, with line breaks as "\n" and no other control character.

    Drops what some kind of table cannot carry; accents and joined emoji stay as they are.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in lines if char in "\n\t" or _storable(char)).strip()


def hangul_only(text: str) -> str:
    """Return the Hangul of `text`, syllables and single letters, clean and single-spaced."""
    return " ".join(re.sub(NOT_HANGUL, " ", clean(text)).split())


def match_key(text: str) -> str:
    """Return the form in which two texts count as the same: clean, without case."""
    return clean(text).casefold()


def _halved(char: str) -> str:
    """Return a character of full or half width in its usual one."""
    kind, _, code = unicodedata.decomposition(char).partition(" ")
    return chr(int(code, 16)) if kind in ("<wide>", "<narrow>") else char


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cc":  # tab, line break, NUL: they part words
        return " "
    # Cf zero width and bidi marks stand inside words; Co is private use.
    return "" if category in {"Cf", "Co"} or not _storable(char) else char


def _storable(char: str) -> bool:
    """Whether UTF-8 and XML can carry it: no control character, no lone surrogate (Cs)."""
    return unicodedata.category(char) not in {"Cc", "Cs"} and char not in "\ufffe\uffff"
