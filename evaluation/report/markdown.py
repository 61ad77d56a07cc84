"""A report as Markdown, for a repository or a pull request; charts are tables there."""

import re

from mundap.evaluation.report.document import Block, Chart, Document, Table, Tile


def to_markdown(document: Document) -> str:
    """Return the page as GitHub's Markdown, ending in a line break."""
    parts = [f"# {_text(document.title)}", _text(document.subtitle)]
    for section in document.sections:
        parts += [f"## {_text(section.title)}", *map(_block, section.blocks)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _block(block: Block) -> str:
    match block:
        case str():
            return _text(block)
        case Table():
            return _table(block)
    if isinstance(block[0], Tile):
        return "\n".join(_tile(item) for item in block if isinstance(item, Tile))
    return "\n\n".join(_chart(item) for item in block if isinstance(item, Chart))


def _tile(tile: Tile) -> str:
    note = f" ({_text(tile.note)})" if tile.note else ""
    return f"- **{_text(tile.value)}** {_text(tile.label)}{note}"


def _chart(chart: Chart) -> str:
    return f"### {_text(chart.title)}\n\n{_table(chart.numbers)}"


def _table(table: Table) -> str:
    rest = "---" if table.kind == "texts" else "---:"
    rule = ["---", *[rest] * (len(table.columns) - 1)]
    rows = [[_text(cell).replace("|", "\\|") for cell in row] for row in table.rows]
    lines = ["| " + " | ".join(row) + " |" for row in ([*map(_text, table.columns)], rule, *rows)]
    caption = [_text(table.caption), ""] if table.caption else []
    return "\n".join([*caption, *lines])


def _text(text: str) -> str:
    """Escape what Markdown would take for a mark-up, and keep the text on one line."""
    return " ".join(re.sub(r"([\\`*_\[\]<>#~])", r"\\\1", text).split())
