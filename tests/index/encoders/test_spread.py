"""Passages that several processes read are what one reads, whoever is killed meanwhile."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mundap.index.encoders.encoder import EncoderError, PieceEncoder, ReadText
from mundap.index.encoders.registry import load_pretrained
from mundap.index.encoders.spread import SpreadReader, spread
from tests.index.encoders.small_pretrained import write_small_pretrained

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spread")]
TEXTS = [f"환불 되나요 {'배송 ' * (number % 7)}{number}번" for number in range(3_000)]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_pretrained(tmp_path_factory.mktemp("spread") / "encoder")


@pytest.fixture(scope="module")
def encoder(directory: Path) -> PieceEncoder:
    return load_pretrained(directory)


@pytest.fixture(scope="module")
def reader(encoder: PieceEncoder, directory: Path) -> Iterator[SpreadReader]:
    with spread(encoder, str(directory), "2") as found:
        yield found


def assert_same(found: list[ReadText], wanted: list[ReadText]) -> None:
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one.vector, other.vector)
        np.testing.assert_array_equal(one.pieces, other.pieces)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 300])
def test_what_several_read_is_what_one_reads(
    reader: SpreadReader, encoder: PieceEncoder, count: int
) -> None:
    texts = TEXTS[:count]

    assert_same(reader.read_passages(texts), encoder.read_passages(texts))
    np.testing.assert_array_equal(reader.encode_passages(texts), encoder.encode_passages(texts))


def test_of_nothing_nobody_reads_anything(reader: SpreadReader, encoder: PieceEncoder) -> None:
    assert reader.read_passages([]) == []
    assert reader.encode_passages([]).shape == (0, encoder.dimension)


def test_a_worker_that_is_killed_changes_nothing(
    reader: SpreadReader, encoder: PieceEncoder
) -> None:
    found: list[ReadText] = []
    wanted = encoder.read_passages(TEXTS)
    pids = list(reader._client.run(os.getpid).values())
    at_work = threading.Thread(target=lambda: found.extend(reader.read_passages(TEXTS)))

    at_work.start()
    time.sleep(0.2)
    os.kill(pids[0], signal.SIGKILL)
    at_work.join(120)

    assert_same(found, wanted)
    assert pids[0] not in reader._client.run(os.getpid).values()


def test_another_encoder_where_a_worker_runs_is_refused(
    reader: SpreadReader, tmp_path: Path
) -> None:
    other = write_small_pretrained(tmp_path / "encoder")
    config = other / "config.json"
    config.write_text(config.read_text().replace("query: ", "질문: "))
    here = SpreadReader(load_pretrained(other), str(reader._name), reader._client)

    with pytest.raises(EncoderError, match=r"a worker has encoder \w+, and this process \w+\. Ins"):
        here.read_passages(TEXTS[:1])


def test_queries_are_read_here(reader: SpreadReader, encoder: PieceEncoder) -> None:
    np.testing.assert_array_equal(reader.encode(TEXTS[:5]), encoder.encode(TEXTS[:5]))
    reader._client.wait_for_workers(2)  # one was killed
    assert reader.at_once == 2 * 2 * 64


@pytest.mark.parametrize(
    ("workers", "met"),
    [
        ("0", r"--workers 0: wanted a number of processes, or the address of a Dask scheduler"),
        ("many", r"--workers many: wanted a number of processes"),
        ("tcp://127.0.0.1:9", r"--workers tcp://127\.0\.0\.1:9: nobody is there to work"),
    ],
)
def test_where_nobody_works_is_said(
    encoder: PieceEncoder, monkeypatch: pytest.MonkeyPatch, workers: str, met: str
) -> None:
    monkeypatch.setattr("mundap.index.encoders.spread._PATIENCE", 1)
    with pytest.raises(EncoderError, match=met), spread(encoder, "x", workers):
        pass
