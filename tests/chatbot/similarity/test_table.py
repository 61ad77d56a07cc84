import csv
import gzip
import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from tempfile import SpooledTemporaryFile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mundap.chatbot.similarity.table import SentenceTable, SentenceTableError
from mundap.index.tables.csv_file import MAX_LINE

# Without a time: the name of a test must be the same in every process.
GZIP = gzip.compress(b"text\nx\n", mtime=0)


def check(content: bytes, column: str | None = None, max_rows: int | None = None) -> SentenceTable:
    return SentenceTable.check(io.BytesIO(content), column=column, max_rows=max_rows)


def texts(content: bytes, column: str | None = None) -> list[str]:
    table = check(content, column)
    found = list(table.texts())
    assert len(found) == table.rows
    assert list(table.texts()) == found  # it can be read again
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_korean_files_of_every_kind_read_alike(encoding: str, end: str) -> None:
    content = end.join(["번호,문장", '1,"환불, 되나요?"', "", '2,"배송은 ""언제"""', "3"])
    assert texts(content.encode(encoding)) == ["환불, 되나요?", '배송은 "언제"', ""]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_whatever_parts_the_heading_parts_the_rows(separator: str) -> None:
    rows = [("번호", "문장"), ("1", "택배비, 얼마?"), ("2", "환불 되나요")]
    content = "".join(f"{separator.join(row)}\n" for row in rows)
    assert texts(content.encode()) == ["택배비, 얼마?", "환불 되나요"]


def test_sentences_that_stand_alone_may_hold_any_separator() -> None:
    assert texts("문장\n가;나\n다|라\n마\t바\n".encode()) == ["가;나", "다|라", "마\t바"]


@pytest.mark.parametrize(
    ("content", "column"),
    [
        ("id,문장\n1,가\n", "문장"),
        ("문장,id\n가,1\n", "문장"),
        ('n,비율,문장\n1,-3.5e2,\n2,"1,000",가\n', "문장"),
        ("n,m\n1,2\n", "n"),
        (",문장\n가,1\n", "문장"),
        (" 문장 ,id\n가,1\n", "문장"),
    ],
)
def test_the_first_column_with_text_is_taken(content: str, column: str) -> None:
    assert check(content.encode()).heading == column


def test_a_column_is_taken_by_name() -> None:
    assert texts("제목,문장 \n가,나\n".encode(), " 문장") == ["나"]


@pytest.mark.parametrize(
    ("content", "column", "code", "reason"),
    [
        (b"", None, "bad_csv", "The file is empty"),
        (b"\n\n", None, "bad_csv", "The file is empty"),
        (b" , \n1,2\n", None, "bad_csv", "The file is empty; wanted a heading"),
        ("문장\n".encode(), None, "bad_csv", "a heading but no rows"),
        ("문장\n가\n".encode(), "문서", "bad_csv", "There is no column '문서'; found '문장'"),
        ("가,가\n1,2\n".encode(), "가", "bad_csv", "Column '가' stands twice"),
        ("문장\n가,나\n".encode(), None, "bad_csv", "Line 2 has 2 cells, but the heading has 1"),
        ('문장\n"가'.encode(), None, "bad_csv", "Line 2 is not CSV: unexpected end of data"),
        ('문장\n"가"나\n'.encode(), None, "bad_csv", "Line 2 is not CSV"),
        ("문장\n가\0나\n".encode(), None, "bad_csv", "NUL bytes"),
        ("문장\n가\n".encode("utf-16"), None, "bad_csv", "NUL bytes"),
        ("문장\n가\n".encode("utf-16-le"), None, "bad_csv", "NUL bytes|neither UTF-8"),
        (b"text\n\xff\xfe\xfd\n", None, "bad_csv", "neither UTF-8 nor CP949"),
        ("문장\n가\n".encode() + b"\xff", None, "bad_csv", "neither UTF-8 nor CP949"),
        ("日本語\nテスト\n".encode("shift_jis"), None, "bad_csv", "neither UTF-8 nor CP949"),
        (GZIP, None, "not_csv", "compressed with gzip. Save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", None, "not_csv", "an old Excel workbook"),
        (b"text\n" + b"x" * (MAX_LINE + 1), None, "bad_csv", "more than 1,048,576 characters"),
        (b'text\n"' + b"x\n" * MAX_LINE, None, "bad_csv", "field larger than field limit"),
        (b"x" * (1 << 20), None, "bad_csv", "field larger than field limit"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(
    content: bytes, column: str | None, code: str, reason: str
) -> None:
    with pytest.raises(SentenceTableError, match=reason) as refused:
        check(content, column)
    assert refused.value.code == code
    assert len(str(refused.value)) < 700


def test_a_workbook_is_refused_before_it_is_unpacked() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (10 << 20))
    with pytest.raises(SentenceTableError, match="an Excel workbook or another ZIP") as refused:
        check(bomb.getvalue())
    assert refused.value.code == "not_csv"


def test_as_many_rows_as_allowed_are_read_and_no_more() -> None:
    content = b"text\n" + b"x\n" * 5
    assert check(content, max_rows=5).rows == 5
    for rows in (4, 1):
        with pytest.raises(SentenceTableError, match=f"more than {rows} rows. Send it") as refused:
            check(content, max_rows=rows)
        assert refused.value.code == "too_many_rows"


def test_the_file_stays_open_and_its_own() -> None:
    with SpooledTemporaryFile(max_size=10) as file:
        file.write("문장\n가\n나\n".encode())
        table = SentenceTable.check(file)
        stream = table.texts()
        assert next(stream) == "가"
        stream.close()
        assert list(table.texts()) == ["가", "나"]
        assert not file.closed


def test_a_stream_that_was_abandoned_with_its_file_ends_in_silence() -> None:
    file = io.BytesIO("문장\n가\n나\n".encode())
    stream = SentenceTable.check(file).texts()
    assert next(stream) == "가"
    file.close()
    stream.close()


# What one cell may hold; the csv module itself is the oracle below.
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=20)


@given(st.lists(CELLS, min_size=1, max_size=20), st.sampled_from(["utf-8", "utf-8-sig"]))
def test_whatever_the_csv_module_writes_is_read_back(cells: list[str], encoding: str) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerows([("n", "text"), *((1, cell) for cell in cells)])
    assert texts(buffer.getvalue().encode(encoding), "text") == cells


@given(st.binary(max_size=300))
@example(b"a,b\n1,\xb0\xa1\n")
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    read_or_refused(lambda: texts(content))


@given(st.text(alphabet='a,"\n\r가 \t=', max_size=40))
def test_any_shape_of_quotes_and_breaks_is_read_or_refused(content: str) -> None:
    read_or_refused(lambda: texts(f"a,b\n{content}".encode()))


def read_or_refused(read: Callable[[], list[str]]) -> None:
    with suppress(SentenceTableError):
        assert len(read()) > 0
