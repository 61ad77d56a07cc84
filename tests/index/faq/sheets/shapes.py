"""Files of every kind that people keep a FAQ in, all saying the same three things."""

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from xml.sax.saxutils import escape

import xlwt
from openpyxl import Workbook

from mundap.index.faq.entry import FaqEntry, read_with_report
from mundap.index.faq.sheets.reading import Reading

# Writes a text into a file of this name, and reads it.
Read = Callable[[str, str], tuple[list[FaqEntry], Reading]]
# A library's, of which one answer holds commas and semicolons, and one two lines.
PAIRS = [
    ("대출은 몇 권까지 되나요?", "한 번에 5권, 14일 동안 빌려 드려요."),
    ("반납이 늦으면 어떻게 되나요?", "하루에 100원; 7일이 넘으면 3,000원이에요."),
    ("회원증을 잃어버렸어요", "1층 안내대로 오세요.\n신분증을 꼭 챙겨 주세요."),
]
FLAT = [(question, answer.replace("\n", " ")) for question, answer in PAIRS]
HEADED = [("질문", "답변"), *PAIRS]
Q, A = zip(*PAIRS, strict=True)
JSON_LD = """<script type="application/ld+json">{"@context": "https://schema.org",
"@type": "FAQPage", "mainEntity": [%s]}</script>"""


def delimited(
    rows: Sequence[Sequence[str]], separator: str = ",", *, quoted: bool = False, end: str = "\r\n"
) -> str:
    """Write rows as programs do: a cell has quotes where it must, or always."""

    def cell(text: str) -> str:
        must = quoted or any(char in text for char in (separator, '"', "\n", "\r"))
        return '"{}"'.format(text.replace('"', '""')) if must else text

    return "".join(separator.join(map(cell, row)) + end for row in rows)


def table(*heading: str) -> str:
    return delimited([heading, *PAIRS])


def xlsx(
    path: Path,
    *sheets: tuple[str, Sequence[Sequence[object]]],
    merged: str = "",
    formulas: bool = True,
    links: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """Write a workbook; `merged` names ranges of each sheet, without `formulas` "=1" is a text.

    `links` says of cells of each sheet where they lead.
    """
    book = Workbook()
    for place, (name, rows) in enumerate(sheets):
        sheet = book.active if place == 0 else book.create_sheet()
        sheet.title = name
        for row in rows:
            sheet.append(list(row))
        for cells in merged.split():
            sheet.merge_cells(cells)
        for cell, address in links.items():
            sheet[cell].hyperlink = address
        for row in () if formulas else sheet.iter_rows():
            for cell in row:
                cell.data_type = "s" if cell.data_type == "f" else cell.data_type
    book.save(path)
    return path


def xls(path: Path, rows: Sequence[Sequence[str]], merged: Sequence[tuple[int, ...]] = ()) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("질의응답")
    inside = {
        (r, c)
        for a, b, left, right in merged
        for r in range(a, b + 1)
        for c in range(left, right + 1)
    }
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if (r, c) not in inside:
                sheet.write(r, c, text)
    for a, b, left, right in merged:
        sheet.write_merge(a, b, left, right, rows[a][left])
    book.save(str(path))
    return path


def ods_cell(text: str, attributes: str = "") -> str:
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n")) if text else ""
    return f'<table:table-cell office:value-type="string"{attributes}>{lines}</table:table-cell>'


def ods(path: Path, *sheets: tuple[str, Sequence[str]], head: str = "") -> Path:
    """Write sheets of rows, each row the XML of its cells."""
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    body = "".join(
        f'<table:table table:name="{name}">'
        + "".join(
            row
            if row.startswith("<table:table-row")
            else f"<table:table-row>{row}</table:table-row>"
            for row in rows
        )
        + "</table:table>"
        for name, rows in sheets
    )
    content = (
        f'<?xml version="1.0"?>{head}<office:document-content{spaces}><office:body>'
        f"<office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return path


def ods_rows(rows: Sequence[Sequence[str]]) -> list[str]:
    return ["".join(map(ods_cell, row)) for row in rows]


def parquet(path: Path, columns: dict[str, list[object]]) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table(columns), path)
    return path


def lines_of(objects: Sequence[object]) -> str:
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in objects)


Built = Callable[[Path], Path]


def text_file(name: str, text: str, encoding: str = "utf-8") -> Built:
    def build(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(text.encode(encoding))
        return path

    return build


def json_file(name: str, value: object) -> Built:
    return text_file(name, json.dumps(value, ensure_ascii=False, indent=1))


def objects(question: str = "question", answer: str = "answer") -> list[dict[str, object]]:
    return [{question: q, answer: a} for q, a in PAIRS]


def question_of(question: str, answer: str) -> str:
    answer = answer.replace("\n", "\\n")
    return (
        f'{{"@type": "Question", "name": "{question}", '
        f'"acceptedAnswer": {{"@type": "Answer", "text": "{answer}"}}}}'
    )


def page(body: str) -> str:
    menu = "<nav><ul><li>홈</li><li>이용 안내</li></ul></nav>"
    return f"<!doctype html><html><body>{menu}{body}<footer>(우) 04524</footer></body></html>"


def each(form: str) -> str:
    return "".join(form.format(q=q, a=a) for q, a in PAIRS)


def assert_pairs(file: Path) -> None:
    """A file says the three things, and nothing else."""
    entries, reading = read_with_report(file)
    assert [(entry.question, entry.answer) for entry in entries] == PAIRS
    assert [(entry.alternates, entry.category) for entry in entries] == [((), "")] * 3
    assert list(reading.rejected) == []
