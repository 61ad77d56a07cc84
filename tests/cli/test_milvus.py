"""An index in Milvus through the same commands as any other."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import Manifest
from mundap.index.faq.entry import write_faq
from tests import milvus
from tests.cli.small_faq import ENTRIES
from tests.command_lines import Mundap, Outcome, assert_refused


@pytest.fixture(scope="module")
def server() -> Iterator[milvus.Milvus]:
    with milvus.lite() as found:
        yield found


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    write_faq(ENTRIES, tmp_path / "faq.csv")
    return tmp_path / "faq.csv"


def build(mundap: Mundap, faq: Path, *options: str) -> Outcome:
    output = faq.with_name("index")
    return mundap(
        *("index", "build", "--faq", faq, "--output", output, "--pretrained", "none", *options)
    )


def kept_at(faq: Path) -> str | None:
    place = Manifest.read(Generations(faq.with_name("index")).current()).milvus
    return None if place is None else f"{place.uri} {place.name}"


def test_it_is_built_asked_verified_and_rolled_back(
    mundap: Mundap, faq: Path, server: milvus.Milvus
) -> None:
    index = faq.with_name("index")

    first = build(mundap, faq, "--engine", "milvus", "--uri", server.uri, "--collection", "shop")
    again = build(mundap, faq)  # where it was

    assert (first.code, again.code, kept_at(faq)) == (0, 0, f"{server.uri} shop")
    assert "milvus-flat index in" in first.err
    asked = mundap("ask", "배송비는 얼마인가요?", "--index", index)
    assert (asked.code, asked.out.splitlines()[0]) == (0, "3,000원이에요.")
    assert mundap("index", "verify", index).code == 0
    assert json.loads(mundap("index", "info", index).out)["milvus"] == {
        "uri": server.uri,
        "name": "shop",
        "replicas": 1,
    }
    assert mundap("index", "rollback", index).out == "Generation 000001 serves now\n"
    alias = server.client().describe_alias("shop_dense")
    assert alias["collection_name"] == "shop_000001_dense"

    server.client().drop_alias("shop_dense")
    assert_refused(mundap("index", "verify", index), "alias shop_dense names nothing, but shop_0")


def test_it_goes_back_to_faiss_where_that_is_said(
    mundap: Mundap, faq: Path, server: milvus.Milvus
) -> None:
    build(mundap, faq, "--uri", server.uri)
    place = kept_at(faq)
    assert place is not None
    assert place.startswith(f"{server.uri} mundap_index_")

    assert build(mundap, faq, "--replicas", "2").code == 0
    assert build(mundap, faq).code == 0
    now = Manifest.read(Generations(faq.with_name("index")).current()).milvus
    assert now is not None
    assert (f"{now.uri} {now.name}", now.replicas) == (place, 2)

    assert build(mundap, faq, "--engine", "faiss").code == 0

    assert kept_at(faq) is None


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--engine", "milvus"], r"wants its address: --uri http://HOST:19530"),
        (["--collection", "shop"], r"wants its address: --uri http://HOST:19530"),
        (["--replicas", "2"], r"wants its address: --uri http://HOST:19530"),
        (["--engine", "faiss", "--uri", "http://db:19530"], r"--uri, --collection and --replicas"),
        (["--uri", "http://db:1", "--replicas", "0"], r"--replicas 0: wanted at least 1"),
        (["--uri", "http://me:secret@db:1"], r"holds a user or a password.*MUNDAP_MILVUS_TOKEN"),
        (
            ["--uri", "http://db:1", "--collection", "한글"],
            r"cannot begin the name of a collection",
        ),
        (["--uri", "http://127.0.0.1:9"], r"Milvus at http://127\.0\.0\.1:9 does not answer"),
        (["--uri", "http://127.0.0.1:9", "--index", "hnsw"], r"--index hnsw is of faiss"),
    ],
)
def test_what_cannot_be_built_there_is_one_sentence(
    mundap: Mundap, faq: Path, options: list[str], reason: str
) -> None:
    refused = build(mundap, faq, *options)

    assert_refused(refused, reason)
    assert "secret" not in refused.err
    assert not faq.with_name("index").exists()
