"""What stands behind the rows of a sheet of a workbook: merged cells, and where cells lead."""

import html
import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple
from zipfile import ZipFile

from mundap.index.tables.grid import GridError

# Cells that say what the one above says, and links; a sheet of more is no table.
_MOST_MERGED = 100_000
_MOST_LINKS = 500_000
_MARK = re.compile(
    rb"""<(?:\w+:)?(?:
        (?P<kind>mergeCell|hyperlink)\s(?P<of>[^>]*)>
      | c\s(?P<cell>[^>]*)>\s*<(?:\w+:)?f\b[^>]*>\s*
        HYPERLINK\(\s*(?:&quot;|")(?P<address>[^<"]*?)(?:&quot;|")
    )""",
    re.VERBOSE,
)
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(r"""(?:\w+:)?(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_CELLS = re.compile(r"([A-Z]+)(\d+)(?::[A-Z]+(\d+))?")
_BLOCK = 1 << 20
# An address has 2,083 characters at most in Excel, and a title beside it.
_LONGEST_TAG = 8192
_MOST_RELATIONS = 64 << 20


class SheetMarks(NamedTuple):
    """Marks of one sheet.

    `merged` has for each column, from 0, the rows below the first of merged cells -> that one;
    `links` has by row and column where the cell leads.
    """

    merged: dict[int, dict[int, int]]
    links: dict[tuple[int, int], str]

    @classmethod
    def of(cls, archive: ZipFile, name: str) -> "SheetMarks":
        """Read the marks of the sheet of this name; raises GridError where there are too many.

        Openpyxl knows them only of a sheet that it holds as a whole. Of cells that are merged
        sideways the first column counts alone.
        """
        merged: dict[int, dict[int, int]] = {}
        relations: dict[tuple[int, int], tuple[str, str]] = {}
        links: dict[tuple[int, int], str] = {}
        cells_merged = 0
        for kind, attributes in _marks(archive, name):
            cells = _CELLS.fullmatch(attributes.get("ref", ""))
            if cells is None:
                continue
            column, first = _column(cells[1]), int(cells[2])
            if kind == b"mergeCell":
                last = int(cells[3] or first)
                cells_merged += max(0, last - first)
                if cells_merged > _MOST_MERGED:
                    raise GridError(f"More than {_MOST_MERGED:,} cells are merged; no table is so.")
                below = dict.fromkeys(range(first + 1, last + 1), first)
                merged.setdefault(column, {}).update(below)
            elif kind == b"formula":
                links[first, column] = attributes["address"]
            elif "id" in attributes:
                part = attributes.get("location", "")
                relations[first, column] = attributes["id"], f"#{part}" if part else ""
            if len(relations) + len(links) > _MOST_LINKS:
                raise GridError(f"More than {_MOST_LINKS:,} cells are links; no table is so.")
        addresses = _addresses(archive, name) if relations else {}
        for cell, (relation, part) in relations.items():
            if relation in addresses:
                links[cell] = addresses[relation] + part
        return cls(merged, links)


def is_address(target: str) -> bool:
    """Whether a cell that leads there leads visitors anywhere: a site, a mail, a telephone."""
    return re.match(r"(?:https?|mailto|tel):", target, re.IGNORECASE) is not None


def _marks(archive: ZipFile, name: str) -> Iterator[tuple[bytes, dict[str, str]]]:
    with archive.open(name) as sheet:
        tail = b""
        while block := sheet.read(_BLOCK):
            block = tail + block
            end = 0
            for match in _MARK.finditer(block):
                end = match.end()
                if match["kind"]:
                    yield match["kind"], _attributes(match["of"])
                elif is_address(address := _text(match["address"])):
                    cell = _attributes(match["cell"]).get("r", "")
                    yield b"formula", {"ref": cell, "address": address}
            tail = block[max(end, len(block) - _LONGEST_TAG) :]


def _addresses(archive: ZipFile, name: str) -> dict[str, str]:
    """Return the addresses on other sites, of mails and of telephones, by the names of links."""
    folder, file = posixpath.split(name)
    try:
        with archive.open(f"{folder}/_rels/{file}.rels") as relations:
            text = relations.read(_MOST_RELATIONS)
    except KeyError:
        return {}
    found = map(_attributes, (match[1] for match in _RELATION.finditer(text)))
    return {
        each["Id"]: each["Target"]
        for each in found
        if "Id" in each and is_address(each.get("Target", ""))
    }


def _attributes(text: bytes) -> dict[str, str]:
    found = _ATTRIBUTE.finditer(text.decode("utf-8", "replace"))
    return {match[1]: html.unescape(match[2] or match[3] or "") for match in found}


def _text(written: bytes) -> str:
    return html.unescape(written.decode("utf-8", "replace"))


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
