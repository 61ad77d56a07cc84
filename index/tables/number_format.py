"""A number, date or truth value of a spreadsheet as its program shows it."""

import datetime
import re
from typing import Any

# What is rendered: digits with or without groups and decimals, a percent sign, words around it.
_FORMAT = re.compile(
    r'(?P<before>(?:"[^"]*"|\\.|[^"0#?;@\\])*)(?P<digits>[#0,]*0)(?P<decimals>\.0+)?(?P<percent>%?)'
    r'(?P<after>(?:"[^"]*"|\\.|[^"0#?;@\\])*)'
)
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*].|(.)')


def shown_value(cell: Any) -> str:
    """Return the text of a cell of openpyxl, "" for an empty one and for an error such as #N/A."""
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, str):
        return value
    return shown_number(value, cell.number_format if cell.data_type == "n" else "General")


def shown_number(value: Any, number_format: str = "General") -> str:
    """Return a value as text; a format that is not known shows the value itself."""
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time(0):
            return value.date().isoformat()
        return value.isoformat(" ", "seconds").removesuffix(":00")
    if isinstance(value, datetime.time):
        return value.isoformat("seconds").removesuffix(":00")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        found = _FORMAT.fullmatch(number_format.partition(";")[0])
        if found is not None and value >= 0:
            return _rendered(value, found)
        return str(int(value) if isinstance(value, float) and value.is_integer() else value)
    return str(value)


def _rendered(value: float, form: re.Match[str]) -> str:
    decimals = len(form["decimals"] or ".") - 1
    shown = f"{value * 100 if form['percent'] else value:,.{decimals}f}"
    digits = form["digits"]
    if "," not in digits:
        shown = shown.replace(",", "")
        whole, point, rest = shown.partition(".")
        shown = whole.zfill(digits.count("0")) + point + rest
    return _plain(form["before"]) + shown + form["percent"] + _plain(form["after"])


def _plain(literal: str) -> str:
    return "".join(
        "".join(part or "" for part in match.groups()) for match in _LITERAL.finditer(literal)
    )
