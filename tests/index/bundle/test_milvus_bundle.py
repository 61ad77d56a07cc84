"""A bundle whose vectors Milvus keeps: generations, aliases, and what may go wrong there."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.collections import NOTE
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import BundleAwayError, BundleError, Manifest
from mundap.index.bundle.writer import BundleWriter
from mundap.index.engines.engine import EngineAwayError, EngineError
from mundap.index.engines.milvus_collection import Collection
from mundap.index.engines.milvus_place import MilvusPlace
from mundap.index.engines.milvus_server import MilvusServer
from mundap.index.faq.entry import FaqEntry
from mundap.index.search.confidence import Confidence
from mundap.index.search.retriever import Retriever
from tests import milvus
from tests.index.rebuilds import NEW, OLD
from tests.tiny_encoder import TinyEncoder, TinyReader

QUERIES = ["환불하고 싶은데요", "배송비가 얼마야", "👍", "비밀번호"]


@pytest.fixture(
    scope="module",
    params=["lite", pytest.param("real", marks=[pytest.mark.long, pytest.mark.slow])],
)
def server(request: pytest.FixtureRequest) -> Iterator[milvus.Milvus]:
    if request.param == "real" and milvus.REAL is None:
        pytest.skip(milvus.WHY_NOT)
    with milvus.lite() if request.param == "lite" else milvus.real() as found:
        yield found


@dataclass
class Shop:
    """A bundle directory and its place on a server."""

    directory: Path
    server: milvus.Milvus
    place: MilvusPlace
    encoder: TinyEncoder = field(default_factory=TinyEncoder)
    reader: TinyReader = field(default_factory=TinyReader)

    def build(self, entries: list[FaqEntry], *, keep: int = 3, kept_there: bool = True) -> Manifest:
        with BundleWriter.locked(self.directory) as writer:
            place = self.place if kept_there else None
            manifest = writer.seal(entries, self.encoder, pretrained=self.reader, milvus=place)
            writer.promote(manifest.generation, self.encoder, self.reader)
            writer.prune(keep)
        return manifest

    def open(self) -> Bundle:
        return Bundle.open(self.directory, self.encoder, self.reader)

    def promote(self, number: int) -> None:
        with BundleWriter.locked(self.directory) as writer:
            writer.promote(number, self.encoder, self.reader)

    def roll_back(self) -> None:
        """Go back, with readers that lie nowhere left out."""
        with BundleWriter.locked(self.directory) as writer:
            writer.rollback(self.encoder)

    def serving(self) -> int:
        return int(Generations(self.directory).current().name)

    def collections(self) -> list[str]:
        """What is on the server, without what the names begin with."""
        names = self.server.client().list_collections()
        begin = f"{self.place.name}_"
        return sorted(name.removeprefix(begin) for name in names if name.startswith(begin))

    def alias(self, index: str) -> str:
        alias = f"{self.place.name}_{index}"
        found = self.server.client().describe_alias(alias)["collection_name"]
        return str(found).removeprefix(f"{self.place.name}_")


@pytest.fixture
def shop(server: milvus.Milvus, tmp_path: Path) -> Iterator[Shop]:
    place = MilvusPlace(server.uri, server.new_name())
    yield Shop(tmp_path / "index", server, place)
    MilvusServer.at(server.uri).forget()
    server.forget(place.name)


def of(number: int) -> list[str]:
    return [f"{number:06d}_{index}" for index in ("contents", "dense", "phrasings")]


def test_a_generation_is_found_as_one_that_keeps_its_vectors_itself(
    shop: Shop, tmp_path: Path
) -> None:
    manifest = shop.build(OLD)
    there = shop.open()
    here = Shop(tmp_path / "here", shop.server, shop.place)
    here.build(OLD, kept_there=False)

    assert (manifest.milvus, manifest.index_kind) == (shop.place, "milvus-flat")
    assert (shop.collections(), shop.alias("dense")) == (of(1), "000001_dense")
    assert {path.name for path in there.path.rglob("*.faiss")} == set()
    for category in (None, "환불", "없음"):
        rankings = there.retriever.rank(QUERIES, 3, category=category)
        wanted = here.open().retriever.rank(QUERIES, 3, category=category)
        for one, other in zip(rankings, wanted, strict=True):
            assert [hit.entry for hit in one.hits] == [hit.entry for hit in other.hits]
            scores = [[hit.score for hit in ranking.hits] for ranking in (one, other)]
            np.testing.assert_allclose(*scores, atol=1e-4)


def test_a_promotion_and_a_roll_back_switch_the_aliases(shop: Shop) -> None:
    shop.build(OLD)
    shop.build(NEW)
    assert (shop.alias("dense"), shop.alias("contents")) == ("000002_dense", "000002_contents")

    shop.roll_back()

    assert (shop.serving(), shop.alias("dense")) == (1, "000001_dense")
    assert shop.collections() == sorted([*of(1), *of(2)])


def test_what_is_pruned_is_dropped_and_nothing_else(shop: Shop) -> None:
    for entries in (OLD, NEW, OLD, NEW):
        shop.build(entries, keep=1)

    assert shop.collections() == sorted([*of(3), *of(4)])


def test_a_rebuild_encodes_new_texts_alone(shop: Shop) -> None:
    shop.build(OLD)
    shop.encoder.encoded.clear()
    shop.reader.read.clear()

    manifest = shop.build([*OLD, NEW[1]])

    assert manifest.encoded == 1
    assert shop.encoder.encoded == [NEW[1].question]


def test_the_way_back_to_faiss_is_a_build(shop: Shop) -> None:
    shop.build(OLD)

    manifest = shop.build(OLD, kept_there=False)

    assert (manifest.milvus, manifest.index_kind, manifest.encoded) == (None, "flat", 0)
    assert shop.collections() == of(1)


def test_a_build_that_fails_leaves_nothing_there(shop: Shop) -> None:
    shop.build(OLD)

    def fail(self: object, directory: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mundap.index.search.lexical.LexicalIndex.save", fail)
        with pytest.raises(BundleError, match="could not be written"):
            shop.build(NEW)

    assert (shop.collections(), shop.serving()) == (of(1), 1)
    assert not (shop.directory / NOTE).exists()


def test_what_a_killed_builder_left_is_removed_by_the_next(shop: Shop) -> None:
    shop.build(OLD)
    begun = {"uri": shop.server.uri, "name": shop.place.name, "generation": 2}
    (shop.directory / NOTE).write_text(json.dumps(begun))
    shop.place.build(2, "dense", np.ones((3, 4), np.float32), ["", "", ""])

    shop.build(NEW)

    assert shop.collections() == sorted([*of(1), *of(2)])
    assert shop.open().retriever.dense.engine.dimension == shop.encoder.dimension


def test_what_a_killed_builder_left_is_no_generations_that_faiss_keeps(shop: Shop) -> None:
    shop.build(OLD)
    begun = {"uri": shop.server.uri, "name": shop.place.name, "generation": 2}
    (shop.directory / NOTE).write_text(json.dumps(begun))
    shop.place.build(2, "dense", np.ones((3, 4), np.float32), ["", "", ""])

    shop.build(NEW, kept_there=False)

    assert (shop.serving(), shop.collections()) == (2, of(1))
    assert not (shop.directory / NOTE).exists()


def test_a_server_that_is_gone_for_good_keeps_nobody_from_another(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.directory.mkdir()
    gone = f"http://127.0.0.1:{milvus.free_port()}"
    begun = {"uri": gone, "name": "shop", "generation": 1}
    (shop.directory / NOTE).write_text(json.dumps(begun))

    shop.build(OLD)

    assert shop.collections() == of(1)
    assert f"shop_000001's collections stay behind: Milvus at {gone} does not" in caplog.text


def test_a_roll_back_does_not_pass_over_what_does_not_answer_now(shop: Shop) -> None:
    shop.build(OLD, kept_there=False)
    shop.build(NEW)
    shop.build(OLD)

    def away(self: Collection, patience: float = 0.0) -> None:
        raise EngineAwayError("Milvus is away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Collection, "verify", away)
        with pytest.raises(BundleAwayError, match="000002: Milvus is away"):
            shop.roll_back()

    assert shop.serving() == 3
    shop.roll_back()
    assert shop.serving() == 2


def test_an_alias_of_an_index_that_serves_no_more_goes(shop: Shop) -> None:
    shop.build(OLD)
    with BundleWriter.locked(shop.directory) as writer:
        writer.seal(NEW, shop.encoder, milvus=shop.place)
        writer.promote(2, shop.encoder)
    aliases = [
        shop.server.client().list_aliases(f"{shop.place.name}_{name}")["aliases"]
        for name in (*of(1), "000002_dense")
    ]

    assert aliases == [[], [], [], [f"{shop.place.name}_dense"]]
    shop.promote(1)
    assert (shop.alias("contents"), shop.alias("dense")) == ("000001_contents", "000001_dense")


def test_two_builders_of_copies_do_not_take_each_others_collections(
    shop: Shop, tmp_path: Path
) -> None:
    shop.build(OLD)
    other = replace(shop, directory=tmp_path / "copy")

    with pytest.raises(BundleError, match=r"there is test_\w+_000001_contents, .* already, which"):
        other.build(NEW)

    assert (shop.collections(), other.directory.exists()) == (of(1), False)
    assert shop.open().entries == tuple(OLD)


def test_two_builders_of_one_directory_wait_for_each_other(shop: Shop) -> None:
    with (
        BundleWriter.locked(shop.directory),
        pytest.raises(BundleError, match="another rebuild is running"),
    ):
        shop.build(OLD)


def test_a_collection_that_was_dropped_is_named_and_an_older_generation_serves(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.build(OLD)
    shop.build(NEW)
    dropped = f"{shop.place.name}_000002_phrasings"
    shop.server.forget(dropped)

    bundle = shop.open()

    assert bundle.manifest.generation == 1
    assert f"there is no collection {dropped}; somebody has dropped it. Rebuild" in caplog.text
    with pytest.raises(BundleError, match=f"there is no collection {dropped}"):
        shop.promote(2)
    assert shop.serving() == 2


def test_one_that_is_dropped_while_it_serves_is_named_with_each_search(shop: Shop) -> None:
    shop.build(OLD)
    retriever = shop.open().retriever
    shop.server.forget(f"{shop.place.name}_000001_dense")

    for _ in range(2):
        with pytest.raises(EngineAwayError, match="000001_dense; somebody has dropped it"):
            retriever.rank(QUERIES[:1], 1)


def test_a_collection_of_another_schema_is_refused(shop: Shop) -> None:
    shop.build(OLD)
    name = f"{shop.place.name}_000001_dense"
    shop.server.forget(name)
    shop.server.client().create_collection(name, dimension=7)

    with pytest.raises(BundleError, match=r"has the fields .*; wanted .* Another version or prog"):
        shop.open()


def test_a_collection_that_lost_rows_is_refused(shop: Shop) -> None:
    shop.build(OLD)
    shop.server.client().delete(f"{shop.place.name}_000001_dense", ids=[0])

    with pytest.raises(BundleError, match=r"000001_dense holds 5 vectors; wanted 6\. Rebuild"):
        shop.open()


@pytest.mark.parametrize("points", ["nowhere", "elsewhere"])
def test_an_alias_that_points_elsewhere_is_told_and_a_promotion_puts_it_right(
    shop: Shop, points: str
) -> None:
    shop.build(OLD)
    shop.build(NEW)
    alias, client = f"{shop.place.name}_dense", shop.server.client()
    if points == "nowhere":
        client.drop_alias(alias)
    else:
        client.alter_alias(f"{shop.place.name}_000001_dense", alias)
    met = "nothing" if points == "nowhere" else r"test_\w+_000001_dense"

    with pytest.raises(EngineError, match=rf"alias {alias} names {met}, but \w+_000002_dense serv"):
        shop.place.require_pointed(2)
    assert shop.open().entries == tuple(NEW)  # what serves goes by its own name

    shop.promote(2)
    shop.place.require_pointed(2)


def test_what_was_released_is_loaded_again(shop: Shop) -> None:
    shop.build(OLD)
    shop.server.client().release_collection(f"{shop.place.name}_000001_dense")

    assert shop.open().retriever.rank(QUERIES[:1], 1)[0].hits


def test_no_bundle_is_begun_where_nothing_answers(tmp_path: Path) -> None:
    uri = f"http://127.0.0.1:{milvus.free_port()}"
    shop = Shop(tmp_path / "index", milvus.Milvus(uri), MilvusPlace(uri, "nobody"))

    with pytest.raises(BundleError, match=rf"Milvus at {uri} does not answer \(.*\)\. Start it"):
        shop.build(OLD)

    assert (shop.encoder.encoded, shop.directory.exists()) == ([], False)


def test_it_opens_while_milvus_is_gone_and_answers_once_it_is_back(tmp_path: Path) -> None:
    with milvus.lite() as server:
        shop = Shop(tmp_path / "index", server, MilvusPlace(server.uri, server.new_name()))
        shop.build(OLD)
        before = shop.open().retriever.rank(QUERIES, 3)
        serving = shop.open().retriever
        server.kill()

        retriever = shop.open().retriever
        with pytest.raises(EngineAwayError, match=r"does not answer .* tried again by itself"):
            retriever.rank(QUERIES, 3)

        server.start()
        wanted = [[hit.entry.entry_id for hit in ranking.hits] for ranking in before]
        assert eventually(retriever) == eventually(serving) == wanted


def eventually(retriever: Retriever) -> list[list[str]]:
    """Ask until there is an answer, as visitors do."""
    for _ in range(200):
        with suppress(EngineAwayError):
            rankings = retriever.rank(QUERIES, 3)
            return [[hit.entry.entry_id for hit in ranking.hits] for ranking in rankings]
        time.sleep(0.1)
    raise AssertionError("Milvus is back, and still nothing is found")


@pytest.mark.parametrize(
    ("uri", "met"),
    [
        ("http://root:Milvus@db:19530", r"holds a user or a password, .* Give http://db:19530 and"),
        ("milvus.db", "'milvus.db' is no address of Milvus; wanted http://HOST:19530"),
        ("", "'' is no address of Milvus"),
    ],
)
def test_an_address_that_no_bundle_keeps_is_refused(uri: str, met: str) -> None:
    with pytest.raises(EngineError, match=met):
        MilvusPlace(uri, "mundap")


@pytest.mark.parametrize("name", ["", "1a", "a-b", "환불", "a b", "a" * 201, 'a"'])
def test_a_name_that_milvus_does_not_take_is_refused(name: str) -> None:
    with pytest.raises(EngineError, match="cannot begin the name of a collection"):
        MilvusPlace("http://db:19530", name)


@pytest.mark.parametrize(
    ("directory", "begin"),
    [("my-index", "mundap_my_index_"), ("색인", "mundap_"), ("a" * 300, f"mundap_{'a' * 100}_")],
)
def test_a_place_is_named_after_the_directory_and_taken_by_nobody(
    directory: str, begin: str
) -> None:
    names = {MilvusPlace.new("http://db:19530", Path(directory)).name for _ in range(50)}

    assert len(names) == 50
    assert {name[:-8] for name in names} == {begin}


def test_the_confidence_is_fitted_before_anything_leaves(shop: Shop) -> None:
    seen: list[list[str]] = []

    def calibrate(retriever: Retriever) -> Confidence:
        seen.append([retriever.dense.engine.kind, *shop.collections()])
        return retriever.usual_confidence()

    with BundleWriter.locked(shop.directory) as writer:
        writer.seal(OLD, shop.encoder, milvus=shop.place, calibrate=calibrate)

    assert (seen, shop.collections()) == ([["flat"]], ["000001_dense"])
