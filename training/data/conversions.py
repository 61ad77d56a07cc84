"""Raw public data files -> tables, one converter for each raw format.

A converter picks and renames columns and types them; the texts stay as published. It raises
ValueError naming file, line and what was wanted when the file has another shape.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mundap.training.data.sentence_pairs import NLI_LABELS

_PARAPHRASES = 10

# The number of a line (or item), from 1, with its cells.
_Row = tuple[int, Sequence[str]]


def convert_chatbot_data(path: Path) -> pd.DataFrame:
    """CSV -> Q, A, label (0 daily life, 1 break-up, 2 love)."""
    rows = [
        (question, answer, int(_one_of(label, "012", "label", path, line)))
        for line, (question, answer, label) in _pick(_csv_rows(path), ("Q", "A", "label"), path)
    ]
    return _frame(rows, ("Q", "A", "label"), path)


def convert_question_pair(path: Path) -> pd.DataFrame:
    """CSV -> question1, question2, is_different (0 same meaning, 1 different).

    The published column is called `is_duplicate`, but its 1 means "different".
    """
    wanted = ("question1", "question2", "is_duplicate")
    rows = [
        (first, second, int(_one_of(label, "01", "is_duplicate", path, line)))
        for line, (first, second, label) in _pick(_csv_rows(path), wanted, path)
    ]
    return _frame(rows, ("question1", "question2", "is_different"), path)


def convert_parakqc(path: Path) -> pd.DataFrame:
    """Lines `topic <tab> act <tab> question` -> intent_id (from 0), question.

    There is no id in the file: every ten consecutive lines phrase one intent.
    """
    lines = list(_sized(_tab_rows(path), 3, "topic, act, question", path))
    if len(lines) % _PARAPHRASES:
        raise ValueError(
            f"{path}, line {lines[-1][0]}: the file ends within an intent; wanted a multiple of "
            f"{_PARAPHRASES} lines."
        )
    rows = [(row // _PARAPHRASES, question) for row, (_, (*_, question)) in enumerate(lines)]
    return _frame(rows, ("intent_id", "question"), path)


def convert_korsts(path: Path) -> pd.DataFrame:
    """TSV -> sentence1, sentence2, score (0 to 5). A `"` in it is text, never quoting."""
    columns = ("sentence1", "sentence2", "score")
    rows = [
        (first, second, _score(score, path, f"line {line}"))
        for line, (first, second, score) in _pick(_tab_rows(path), columns, path)
    ]
    return _frame(rows, columns, path)


def convert_kornli(path: Path) -> pd.DataFrame:
    """TSV -> premise, hypothesis, label (a word). A `"` in it is text, never quoting."""
    wanted = ("sentence1", "sentence2", "gold_label")
    rows = [
        (premise, hypothesis, _one_of(label, NLI_LABELS, "gold_label", path, line))
        for line, (premise, hypothesis, label) in _pick(_tab_rows(path), wanted, path)
    ]
    return _frame(rows, ("premise", "hypothesis", "label"), path)


def convert_nsmc(path: Path) -> pd.DataFrame:
    """TSV -> text, label (0 bad, 1 good). A few reviews are empty and stay so."""
    rows = [
        (text, int(_one_of(label, "01", "label", path, line)))
        for line, (text, label) in _pick(_tab_rows(path), ("document", "label"), path)
    ]
    return _frame(rows, ("text", "label"), path)


def convert_intention_3i4k(path: Path) -> pd.DataFrame:
    """Lines `label <tab> text` -> label ("0" to "6"), text.

    0 fragment, 1 statement, 2 question, 3 command, 4 rhetorical question, 5 rhetorical
    command, 6 depends on intonation.
    """
    rows = [
        (_one_of(label, "0123456", "label", path, line), text)
        for line, (label, text) in _sized(_tab_rows(path), 2, "label, text", path)
    ]
    return _frame(rows, ("label", "text"), path)


def convert_klue_sts(path: Path) -> pd.DataFrame:
    """JSON list -> sentence1, sentence2, score: the mean human rating, 0 to 5, not rounded."""
    columns = ("sentence1", "sentence2", "score")
    rows = [
        (
            _text(item, "sentence1", path, number),
            _text(item, "sentence2", path, number),
            _score(_field(item, ("labels", "real-label"), path, number), path, f"item {number}"),
        )
        for number, item in enumerate(_json_items(path), start=1)
    ]
    return _frame(rows, columns, path)


def convert_klue_nli(path: Path) -> pd.DataFrame:
    """JSON list -> premise, hypothesis, label (a word)."""
    rows = []
    for number, item in enumerate(_json_items(path), start=1):
        premise, hypothesis, label = (
            _text(item, key, path, number) for key in ("premise", "hypothesis", "gold_label")
        )
        _one_of(label, NLI_LABELS, "gold_label", path, number, unit="item")
        rows.append((premise, hypothesis, label))
    return _frame(rows, ("premise", "hypothesis", "label"), path)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    # Split at \n alone: reviews contain characters that str.splitlines takes for line ends.
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            try:
                yield number, raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise ValueError(
                    f"{path}, line {number}: byte {error.start + 1} is not UTF-8; wanted a "
                    "UTF-8 text file."
                ) from None


def _tab_rows(path: Path) -> Iterator[_Row]:
    for number, line in _lines(path):
        text = line.removesuffix("\n").removesuffix("\r")
        if text:
            yield number, text.split("\t")


def _csv_rows(path: Path) -> Iterator[_Row]:
    reader = csv.reader(line for _, line in _lines(path))
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise ValueError(f"{path}, line {reader.line_num}: {error}; wanted CSV.") from None


def _json_items(path: Path) -> list[Any]:
    text = "".join(line for _, line in _lines(path))
    try:
        items = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{path}, line {error.lineno}: {error.msg}; wanted a JSON list of objects."
        ) from None
    if not isinstance(items, list):
        raise ValueError(f"{path}, line 1: wanted a JSON list of objects, met another value.")
    return items


def _pick(rows: Iterator[_Row], wanted: Sequence[str], path: Path) -> Iterator[_Row]:
    _, header = next(rows, (1, []))
    missing = [name for name in wanted if name not in header]
    if missing:
        raise ValueError(
            f"{path}, line 1: no column {', '.join(missing)}; wanted {', '.join(wanted)}, "
            f"met {', '.join(header) or 'nothing'}."
        )
    places = [header.index(name) for name in wanted]
    for number, cells in _sized(rows, len(header), ", ".join(header), path):
        yield number, [cells[place] for place in places]


def _sized(rows: Iterable[_Row], count: int, names: str, path: Path) -> Iterator[_Row]:
    for number, cells in rows:
        if len(cells) != count:
            raise ValueError(
                f"{path}, line {number}: {len(cells)} cells; wanted {count} ({names})."
            )
        yield number, cells


def _one_of(
    value: str, allowed: Sequence[str], name: str, path: Path, number: int, unit: str = "line"
) -> str:
    if value not in tuple(allowed):
        raise ValueError(
            f"{path}, {unit} {number}: {name} is {value!r}; wanted one of {', '.join(allowed)}."
        )
    return value


def _score(value: object, path: Path, place: str) -> float:
    try:
        score = float(value) if isinstance(value, str | int | float) else -1.0
    except ValueError:
        score = -1.0
    if not 0 <= score <= 5:  # also refuses "nan"
        raise ValueError(f"{path}, {place}: score is {value!r}; wanted a number from 0 to 5.")
    return score


def _text(item: object, key: str, path: Path, number: int) -> str:
    value = _field(item, (key,), path, number)
    if not isinstance(value, str):
        raise ValueError(f"{path}, item {number}: {key} is {value!r}; wanted a text.")
    return value


def _field(item: object, keys: Sequence[str], path: Path, number: int) -> object:
    value = item
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            raise ValueError(f"{path}, item {number}: {'.'.join(keys)} is missing; wanted a value.")
        value = value[key]
    return value


def _frame(rows: Sequence[tuple[Any, ...]], columns: Sequence[str], path: Path) -> pd.DataFrame:
    if not rows:
        raise ValueError(f"{path}, line 1: no rows; wanted {', '.join(columns)}.")
    return pd.DataFrame(rows, columns=list(columns))
