"""JSON as one value, and JSON Lines, as tables."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mundap.index.tables.grid import Grid, GridError, GridFile, GridRow, grid_of_records
from mundap.index.tables.json_shapes import flat_records, records_of
from mundap.index.tables.text_encoding import UNDECODED, TextFile


def json_grids(path: Path) -> GridFile:
    """Open a file of one JSON value, or of one a line whatever its suffix. Raises GridError."""
    text = TextFile.of(path)
    whole = text.text()
    try:
        value = _parsed(whole)
    except json.JSONDecodeError as error:
        if len(whole.split("\n", 2)) > 1 and _is_json(next(iter(whole.lstrip().split("\n")))):
            return json_lines_grids(path)
        raise GridError(f"Line {error.lineno} is not JSON: {error.msg}.") from None
    records = records_of(value)
    if not records:
        raise GridError(
            "no list of questions and answers in it; wanted an array of objects, such as "
            '[{"question": "...", "answer": "..."}].'
        )
    return GridFile(f"JSON, {text.name}", (grid_of_records(records, "entry"),))


def json_lines_grids(path: Path) -> GridFile:
    """Open a file of one JSON value a line, or of one for all lines. Raises GridError."""
    text = TextFile.of(path)
    first = next((line for line in text.lines() if line.strip()), "")
    if not _is_json(first) and first.lstrip()[:1] in ("[", "{"):
        try:
            _parsed(text.text())
        except json.JSONDecodeError:
            pass  # lines, of which the first is bad
        else:
            return json_grids(path)
    headings = dict.fromkeys(name for _, record, _ in _records(text) for name in record)
    names = tuple(headings)

    def rows() -> Iterator[GridRow]:
        for number, record, fault in _records(text):
            yield GridRow(number, [record.get(name) for name in names], fault)

    return GridFile(
        f"JSON Lines, {text.name}", (Grid(rows, "", names, "line", about=text.breaks()),)
    )


def _records(text: TextFile) -> Iterator[tuple[int, dict[str, Any], str]]:
    """Yield the records of each line: most hold one, a chat or an array several."""
    for number, line in enumerate(text.lines(), start=1):
        if not line.strip():
            continue
        if UNDECODED.search(line):
            yield (
                number,
                {},
                f"it holds bytes that are not {text.name}; save the file anew as UTF-8",
            )
            continue
        try:
            value = _parsed(line.rstrip().removesuffix(","))
        except json.JSONDecodeError as error:
            yield number, {}, f"it is not JSON: {error.msg} at character {error.colno}"
            continue
        items = value if isinstance(value, list) and not _is_pair(value) else [value]
        found = [record for item in items for record in flat_records(item)]
        for record in found:
            yield number, record, ""
        if not found:
            yield number, {}, f"it is no object in braces, but {line.strip()[:40]!r}"


def _is_pair(value: list[Any]) -> bool:
    return len(value) == 2 and all(isinstance(part, str) for part in value)


def _is_json(line: str) -> bool:
    try:
        _parsed(line)
    except json.JSONDecodeError:
        return False
    return True


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise GridError("the JSON nests too deep; no list of questions does.") from None
