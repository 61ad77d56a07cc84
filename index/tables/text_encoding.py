"""Which encoding a text file is in, of those that Korean programs write."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import IO

from mundap.index.tables.csv_file import MAX_LINE, decodes, magic_kind
from mundap.index.tables.grid import GridError

_BLOCK = 1 << 16
# Looked at to tell one encoding from another, in bytes.
_SAMPLE = 1 << 20
# Bytes up to which a file is read once and held: what it is, and its rows, take several looks.
_HELD = 1 << 23
# UTF-16 has a NUL beside every comma and line break. A text of Latin letters has one in two bytes,
# a Korean one fewer; a stray NUL in UTF-8 is one in hundreds.
_NULS = 0.25
_NAMES = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp949": "CP949",
    "johab": "Johab",
}
# What `surrogateescape` makes of a byte that does not decode.
UNDECODED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file and its encoding; bytes that are not in it come as lone surrogates."""

    path: Path
    held: bytes | None = None
    encoding: str = ""

    @classmethod
    def of(cls, path: Path) -> "TextFile":
        """Look a file through. Raises GridError where it is no text."""
        with path.open("rb") as file:
            head = file.read(_HELD + 1)
        unread = cls(path, head if len(head) <= _HELD else None)
        return replace(unread, encoding=unread._encoding(head[:_SAMPLE]))

    @property
    def name(self) -> str:
        """The encoding as people know it."""
        return _NAMES[self.encoding]

    def lines(self) -> Iterator[str]:
        """Yield the lines with their ends; raises GridError where one is too long to be a row."""
        with TextIOWrapper(self._bytes(), self.encoding, "surrogateescape", newline="") as text:
            number = 0
            while line := text.readline(MAX_LINE + 1):
                number += 1
                if len(line) > MAX_LINE:
                    raise GridError(
                        f"Line {number} has more than {MAX_LINE:,} characters; no row is so long."
                    )
                yield line

    def breaks(self) -> int:
        """Return how many lines there are, roughly."""
        with self._bytes() as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b""))

    def text(self) -> str:
        """Return all of it; raises GridError where some of it does not decode."""
        text = "".join(self.lines())
        if UNDECODED.search(text):
            line = text[: UNDECODED.search(text).start()].count("\n") + 1  # type: ignore[union-attr]
            raise GridError(f"Line {line} is not {self.name}. Save the file as UTF-8.")
        return text

    def _bytes(self) -> IO[bytes]:
        return self.path.open("rb") if self.held is None else BytesIO(self.held)

    def _encoding(self, head: bytes) -> str:
        kind = magic_kind(head)
        if kind is not None:
            raise GridError(f"The file is {kind}, whatever its name says. Give it its own suffix.")
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return self._checked("utf-16")
        if head.count(0) > len(head) * _NULS:
            return self._checked(_utf16(head))
        whole = self._decodable("utf-8-sig", "cp949", "johab")
        if "utf-8-sig" in whole:
            return "utf-8-sig"
        if 0 in head and self._decodable(_utf16(head)):
            return _utf16(head)
        if _mostly_utf8(head):
            return "utf-8-sig"
        best = max(whole or ["cp949", "johab"], key=lambda name: _korean(head, name))
        if not whole and _korean(head, best) < 0.5:
            raise GridError(
                "The file is no text in UTF-8, UTF-16, CP949 or Johab. Save it as UTF-8."
            )
        return best

    def _checked(self, encoding: str) -> str:
        if not self._decodable(encoding):
            raise GridError("The file begins as UTF-16 and does not go on so. Save it as UTF-8.")
        return encoding

    def _decodable(self, *encodings: str) -> list[str]:
        """Return the encodings that all of the file is in."""
        decoders = {name: codecs.getincrementaldecoder(name)() for name in encodings}
        with self._bytes() as file:
            while decoders:
                block = file.read(_BLOCK)
                decoders = {n: each for n, each in decoders.items() if decodes(each, block)}
                if not block:
                    break
        return [*decoders]


def _utf16(head: bytes) -> str:
    """Return which half of a character comes first: the other half of a comma is the NUL."""
    return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"


def _mostly_utf8(head: bytes) -> bool:
    """Whether it is UTF-8 but for some rows: nothing else makes syllables of it by chance."""
    text = head.decode("utf-8-sig", "surrogateescape")
    return _syllables(text) * 4 > len(UNDECODED.findall(text))


def _syllables(text: str) -> int:
    return len(re.findall("[가-힣]", text))


def _korean(head: bytes, encoding: str) -> float:
    """Return the share of what is not ASCII that are usual Korean syllables, those of KS X 1001."""
    text = re.sub("[\x00-\x7f]", "", head.decode(encoding, "replace"))
    usual = sum("가" <= char <= "힣" and _is_usual(char) for char in text)
    return usual / len(text) if text else 0.0


def _is_usual(char: str) -> bool:
    # Of the others the codec makes eight bytes.
    return len(char.encode("euc-kr", "ignore")) == 2
