import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mundap.index.encoders.encoder import Vectors
from mundap.index.korean.text import clean
from mundap.index.tables.table import TableError
from mundap.index.tables.table_writer import write_table
from mundap.training.export import features
from mundap.training.export.features import Features, encode_table
from tests.tiny_encoder import TinyEncoder

TEXTS = [
    "환불 되나요?",
    "배송비\u3000얼마예요  ",
    "guest로 주문 ㅎㅎ 😀",
    "\u1112\u116a\u11ab불",
    "",
]
ROOT = Path(features.__file__).resolve().parents[2]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"id": [7, 8, 9, 10, 11], "text": TEXTS}), path)
    return path


def embeddings(path: Path) -> Vectors:
    column = pq.read_table(path)["embedding"].combine_chunks()
    width = column.type.list_size
    vectors: Vectors = column.flatten().to_numpy().reshape(-1, width)
    return vectors


@pytest.mark.parametrize("batch_size", [1, 2, 100])
def test_rows_keep_their_order_and_columns_and_get_their_vectors(
    batch_size: int, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "_ROWS", 2)
    out = tmp_path / "new" / "out.parquet"
    written = encode_table(table, out, TinyEncoder(dimension=8), batch_size=batch_size)
    assert written == Features("text", 5, 8)
    found = pq.read_table(out)
    assert found.select(["id", "text"]).equals(pq.read_table(table))
    expected = TinyEncoder(dimension=8).encode([clean(text) for text in TEXTS])
    np.testing.assert_array_equal(embeddings(out), expected)
    assert pq.ParquetFile(out).metadata.num_row_groups == 3


def test_the_column_is_single_precision_of_fixed_size_and_names_its_encoder(
    table: Path, tmp_path: Path
) -> None:
    encode_table(table, tmp_path / "out.parquet", TinyEncoder("f1", 8))
    schema = pq.read_schema(tmp_path / "out.parquet")
    kind = schema.field("embedding").type
    assert (kind.value_type, kind.list_size) == (pa.float32(), 8)
    ours = {k: v for k, v in schema.metadata.items() if k.startswith(b"mundap.")}
    assert ours.pop(b"mundap.version")
    assert ours == {
        b"mundap.encoder_fingerprint": b"f1",
        b"mundap.dimension": b"8",
        b"mundap.column": b"text",
    }


def test_pandas_reads_what_it_wrote_with_the_vectors_beside(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": TEXTS}, index=pd.Index(list("abcde"), name="key"))
    frame.to_parquet(tmp_path / "in.parquet")
    encode_table(tmp_path / "in.parquet", tmp_path / "out.parquet", TinyEncoder())
    found = pd.read_parquet(tmp_path / "out.parquet")
    pd.testing.assert_frame_equal(found[["text"]], frame)
    assert np.stack(list(found["embedding"])).shape == (5, 32)


def test_the_column_is_the_one_named_or_the_first_with_text(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [1, 2], "질문": ["환불", "배송"], "답": ["네", "아니요"]})
    frame.to_parquet(tmp_path / "in.parquet")
    chosen = [
        encode_table(tmp_path / "in.parquet", tmp_path / "o.parquet", encoder, column=column).column
        for column, encoder in ((None, TinyEncoder()), ("답", TinyEncoder()))
    ]
    assert chosen == ["질문", "답"]


def test_an_empty_cell_is_an_empty_text(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["환불", None]}), tmp_path / "in.parquet")
    encode_table(tmp_path / "in.parquet", tmp_path / "o.parquet", TinyEncoder())
    assert embeddings(tmp_path / "o.parquet")[1].tolist() == [0.0] * 32
    assert pq.read_table(tmp_path / "o.parquet")["text"].to_pylist() == ["환불", None]


def test_texts_stored_as_a_dictionary_are_texts(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"t": pa.array(["환불", "환불"]).dictionary_encode()}), tmp_path / "i.parquet"
    )
    assert encode_table(tmp_path / "i.parquet", tmp_path / "o.parquet", TinyEncoder()).rows == 2


def test_progress_counts_to_the_number_of_rows(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "_ROWS", 2)
    seen: list[tuple[int, int]] = []
    encode_table(table, tmp_path / "o.parquet", TinyEncoder(), advance=lambda *x: seen.append(x))
    assert seen == [(2, 5), (4, 5), (5, 5)]


@pytest.mark.parametrize(
    ("columns", "column", "reason"),
    [
        ({"n": [1.5]}, None, r"wanted a column of text; found 'n' \(double\)"),
        ({"n": [1], "t": ["가"]}, "n", r"wanted 'n' as a column of text; found 'n' \(int64\), 't'"),
        ({"t": ["가"]}, "질문", r"wanted '질문' as a column of text; found 't' \(string\)"),
        ({"t": ["가"], "embedding": [1]}, None, "has a column 'embedding' already"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(
    columns: dict[str, list[object]], column: str | None, reason: str, tmp_path: Path
) -> None:
    pq.write_table(pa.table(columns), tmp_path / "in.parquet")
    with pytest.raises(TableError, match=reason):
        encode_table(
            tmp_path / "in.parquet", tmp_path / "out.parquet", TinyEncoder(), column=column
        )
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


def test_another_format_than_parquet_is_refused(table: Path, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"out.csv: embeddings are written as Parquet"):
        encode_table(table, tmp_path / "out.csv", TinyEncoder())
    with pytest.raises(TableError, match="batch_size is 0; wanted at least 1 text"):
        encode_table(table, tmp_path / "out.parquet", TinyEncoder(), batch_size=0)


class Failing(TinyEncoder):
    """Runs out of something at its second batch."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        if self.encoded:
            raise OSError("No space left on device")
        return super().encode(texts)


def test_a_failure_leaves_what_was_there_and_nothing_else(table: Path, tmp_path: Path) -> None:
    (tmp_path / "out.parquet").write_bytes(b"the old one")
    with pytest.raises(OSError, match="No space left"):
        encode_table(table, tmp_path / "out.parquet", Failing(), batch_size=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.parquet", "out.parquet"]
    assert (tmp_path / "out.parquet").read_bytes() == b"the old one"


def test_a_table_may_be_replaced_by_itself_with_vectors(table: Path) -> None:
    encode_table(table, table, TinyEncoder())
    assert pq.read_table(table).column_names == ["id", "text", "embedding"]


def test_a_process_killed_in_the_middle_leaves_no_file_under_the_name(tmp_path: Path) -> None:
    write_table(pd.DataFrame({"text": TEXTS * 4}), tmp_path / "in.csv")
    code = f"""
import sys, time
from pathlib import Path
from tests.tiny_encoder import TinyEncoder
from mundap.training.export import features
features._ROWS = 5
def advance(done, total):
    print(done, flush=True)
    if done == 10:
        time.sleep(600)
features.encode_table(Path({str(tmp_path / "in.csv")!r}), Path({str(tmp_path / "out.parquet")!r}),
                      TinyEncoder(), advance=advance)
"""
    child = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert [child.stdout.readline() for _ in range(2)] == [b"5\n", b"10\n"]
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert not (tmp_path / "out.parquet").exists()
    assert len(list(tmp_path.glob(".out-*.parquet"))) == 1
