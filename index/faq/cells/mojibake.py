"""Korean that was read in the wrong encoding: how it came about, and the text as it was."""

import re
from dataclasses import dataclass
from itertools import product

# Latin letters and signs that bytes above 127 turn into. Windows puts signs of its own on 32 of
# them, and most programs leave the five that it has no sign for as they are.
_WINDOWS = {
    char: byte
    for byte in range(0x80, 0xA0)
    for char in [bytes([byte]).decode("cp1252", "ignore")]
    if char
}
_LATIN_BYTES = {**{chr(byte): byte for byte in range(0x80, 0x100)}, **_WINDOWS}
_LATIN_RUN = re.compile(f"[{re.escape(''.join(_LATIN_BYTES))}]{{2,}}")
# Hanja, with which UTF-8 read as CP949 is strewn, and what stands for bytes that no code holds.
_HANJA = re.compile("[\u4e00-\u9fff\uf900-\ufaff]")
_LOST = re.compile("\ufffd|占쏙옙|锟斤拷|占쎌")
_SUSPECT = re.compile(f"{_LATIN_RUN.pattern}|{_HANJA.pattern}|{_LOST.pattern}")
_HANGUL = re.compile("[가-힣]")


@dataclass(frozen=True, slots=True)
class Mojibake:
    """What went wrong, as "UTF-8 read as CP949", and the text mended, where that is certain."""

    cause: str
    mended: str | None = None


def find_mojibake(text: str) -> Mojibake | None:
    """Return what is wrong with a text that was read in the wrong encoding; None if nothing is.

    Asks for the text as it was read: clean-up drops characters that mending needs. It is mended
    only where each of its bytes makes sense in the other encoding.
    """
    if not _SUSPECT.search(text):
        return None
    return _of_latin(text) or _of_cp949(text) or _lost(text)


def mended(text: str) -> str:
    """Return a text as it was before it was read in the wrong encoding, as far as is certain."""
    # A file that went through two hands has it twice; each time the text becomes shorter.
    while (found := find_mojibake(text)) is not None and found.mended is not None:
        text = found.mended
    return text


def _of_latin(text: str) -> Mojibake | None:
    """UTF-8, or CP949, read as Latin-1 or as Windows's Western code page, in parts or whole."""
    runs = _LATIN_RUN.findall(text)
    if not runs:
        return None
    as_bytes = [bytes(_LATIN_BYTES[char] for char in run) for run in runs]
    known = "Windows-1252" if any(char in _WINDOWS for run in runs for char in run) else "Latin-1"
    if (decoded := _decoded(as_bytes, "utf-8")) is not None:
        return Mojibake(f"UTF-8 read as {known}", _replaced(text, decoded))
    decoded = _decoded(as_bytes, "cp949")
    if decoded is not None and _is_korean("".join(decoded), least=2):
        return Mojibake(f"CP949 read as {known}", _replaced(text, decoded))
    # Some bytes are gone, as those that Windows has no sign for: Hangul still shows.
    for encoding, least in (("utf-8", 2), ("cp949", 4)):
        if _is_korean("".join(part.decode(encoding, "ignore") for part in as_bytes), least):
            return Mojibake(f"{encoding.upper()} read as {known}")
    return None


def _of_cp949(text: str) -> Mojibake | None:
    """UTF-8 read as CP949: "諛곗넚" for "배송"."""
    if not _HANJA.search(text):
        return None
    cause = "UTF-8 read as CP949"
    try:
        mended = text.encode("cp949").decode("utf-8")
    except UnicodeError:
        partly = _HANGUL.findall(text.encode("cp949", "ignore").decode("utf-8", "ignore"))
        # Ordinary Korean with a few hanja leaves next to nothing that is UTF-8.
        enough = 4 * len(partly) > len(_HANGUL.findall(text))
        return Mojibake(cause) if enough and _is_korean("".join(partly), least=2) else None
    return Mojibake(cause, mended) if len(_HANGUL.findall(mended)) > 1 else None


def _lost(text: str) -> Mojibake | None:
    found = _LOST.search(text)
    if found is None:
        return None
    if found[0] == "\ufffd":
        return Mojibake("bytes of another encoding, replaced when the text was read")
    return Mojibake("CP949 read as UTF-8, and what came of it read as CP949")


def _decoded(parts: list[bytes], encoding: str) -> list[str] | None:
    try:
        return [part.decode(encoding) for part in parts]
    except UnicodeDecodeError:
        return None


def _replaced(text: str, runs: list[str]) -> str:
    following = iter(runs)
    return _LATIN_RUN.sub(lambda _: next(following), text)


# Rows of KS X 1001: what Korean is written with, 2,350 syllables, and signs among them.
_COMMON, _SIGNS = (
    frozenset(bytes(pair).decode("euc-kr", "ignore") for pair in product(rows, range(0xA1, 0xFF)))
    for rows in (range(0xB0, 0xC9), range(0xA1, 0xA4))
)
_USUAL = _COMMON | _SIGNS


def _is_korean(text: str, least: int) -> bool:
    """Whether all is usual in Korean: at least so many syllables, and no more signs than those."""
    syllables = sum(char in _COMMON for char in text)
    others = len(text) - syllables
    return least <= syllables >= others and all(char in _USUAL for char in text)
