"""Ranked texts on their way out, piece by piece: JSON for programs, CSV for spreadsheets."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from io import StringIO
from typing import Any

from mundap.chatbot.similarity.similarity import CHUNK, Best, RankedText

# Texts that a JSON answer repeats; the other scores come without.
TOP = 10
COLUMNS = ("row", "score", "cosine", "text")

# A spreadsheet takes a cell that begins so for a formula, and runs it. Full-width signs count in
# an Asian locale.
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def csv_cell(text: str) -> str:
    """Return `text` as a cell that no spreadsheet runs."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def csv_pieces(ranked: Iterable[RankedText]) -> Iterator[bytes]:
    """Yield a CSV file: COLUMNS, one line for each text in the order given.

    It begins with a byte order mark, without which Excel garbles Korean.
    """
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    yield b"\xef\xbb\xbf"
    for number, item in enumerate(ranked, start=1):
        cosine = "" if item.score.cosine is None else item.score.cosine
        writer.writerow((item.row, item.score.score, cosine, csv_cell(item.text)))
        if number % CHUNK == 0:
            yield _drain(buffer)
    yield _drain(buffer)


def json_pieces(ranked: Iterable[RankedText], **about: Any) -> Iterator[bytes]:
    """Yield one JSON object: `about`, "scores" {row: score} of all texts, "top" with texts."""
    best = Best(TOP)
    head = json.dumps(about, ensure_ascii=False).removesuffix("}")
    pieces = [f'{head}{", " if about else ""}"scores": {{']
    for number, item in enumerate(best.watch(ranked), start=1):
        pieces.append(f'{", " if number > 1 else ""}"{item.row}": {item.score.score}')
        if number % CHUNK == 0:
            yield "".join(pieces).encode()
            pieces = []
    top = [{"row": item.row, "text": item.text, **asdict(item.score)} for item in best.items()]
    pieces.append(f'}}, "top": {json.dumps(top, ensure_ascii=False)}}}\n')
    yield "".join(pieces).encode()


def _drain(buffer: StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")
