"""A file of JSON objects, one a line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class JsonLinesError(ValueError):
    """A line is no JSON object; the message names the line, not the file."""


def json_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the object of each line that is not empty. Raises JsonLinesError."""
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        try:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _row(line, number)
        except UnicodeDecodeError:
            raise JsonLinesError("The file is not UTF-8 text.") from None


def _row(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise JsonLinesError(f"Line {number} is not JSON: {error.msg}.") from None
    if not isinstance(row, dict):
        raise JsonLinesError(
            f"Line {number} is not an object in braces, but {line.strip()[:40]!r}."
        )
    return {name.strip(): value for name, value in row.items()}
