import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.manifest import BundleError, Manifest
from mundap.index.bundle.writer import faq_digest
from mundap.index.engines.faiss_kinds import INDEX_KINDS
from mundap.index.faq.entry import read_faq
from mundap.index.search.confidence import Confidence
from mundap.index.search.fusion import Fusion
from mundap.index.search.retriever import Retriever
from tests.index.rebuilds import NEW, OLD, build, version
from tests.score_confidence import score_confidence
from tests.tiny_encoder import TinyEncoder

FILES = (
    "bm25.entry_bounds.npy",
    "bm25.entry_rows.npy",
    "bm25.gains.npy",
    "bm25.passage_bounds.npy",
    "bm25.passage_rows.npy",
    "bm25.vocabulary.json",
    "centroid_lengths.npy",
    "confidence.json",
    "faq.jsonl",
    "findings.json",
    "fusion.json",
    "manifest.json",
    "name_candidates.jsonl",
    "names.json",
    "passage_words.jsonl",
    "query_layer.npz",
    "vectors.faiss",
)
# Six phrasings of three entries.
USUAL = Fusion.usual(2, content=False)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "index"


def test_a_bundle_opens_with_what_it_was_built_from(
    directory: Path, tiny_encoder: TinyEncoder
) -> None:
    manifest = build(directory, OLD, tiny_encoder)

    bundle = Bundle.open(directory, tiny_encoder)

    assert bundle.manifest == manifest
    assert bundle.path == directory / "generations" / "000001"
    assert bundle.entries == tuple(OLD)
    assert bundle.confidence == Confidence.usual(content=False)
    assert bundle.retriever.fusion == USUAL
    assert sorted(path.name for path in bundle.path.iterdir()) == list(FILES)
    [[hit]] = bundle.retriever.search(["배송비 얼마"], 1)
    assert (hit.entry, hit.question) == (OLD[1], "배송비는 얼마예요?")


def test_the_manifest_says_what_was_built(directory: Path, tiny_encoder: TinyEncoder) -> None:
    manifest = build(directory, OLD, tiny_encoder)

    assert (manifest.generation, manifest.entries, manifest.passages) == (1, 3, 6)
    # One phrasing stands in two entries and is encoded once.
    assert manifest.encoded == len(tiny_encoder.encoded) == 5
    assert (manifest.encoder, manifest.dimension) == ("tiny-1", 32)
    assert manifest.index_kind == "flat"
    assert manifest.faq_sha256 == faq_digest(OLD) != faq_digest(OLD[::-1])
    assert sorted(manifest.files) == sorted(set(FILES) - {"manifest.json"})
    assert set(manifest.versions) == {"faiss-cpu", "numpy", "kiwipiepy", "kiwipiepy_model"}
    assert Manifest.read(directory / "generations" / "000001") == manifest


def test_copies_of_an_entry_are_built_and_kept_as_one(
    directory: Path, tiny_encoder: TinyEncoder
) -> None:
    copied = [*OLD, replace(OLD[1], entry_id="shipping-2")]

    manifest = build(directory, copied, tiny_encoder)

    bundle = Bundle.open(directory, tiny_encoder)
    assert (manifest.entries, manifest.passages) == (3, 6)
    assert bundle.entries == tuple(OLD)
    # It tells whether the FAQ has changed, copies and all.
    assert manifest.faq_sha256 == faq_digest(copied)
    [hits] = bundle.retriever.search(["배송비 얼마"], 3)
    assert [hit.entry_id for hit in hits].count("shipping") == 1
    assert "shipping-2" not in {hit.entry_id for hit in hits}


@pytest.mark.parametrize("kind", INDEX_KINDS)
def test_every_kind_of_index_serves(directory: Path, tiny_encoder: TinyEncoder, kind: str) -> None:
    for _ in range(2):  # the second time with the vectors of the first
        manifest = Bundle.build(directory, OLD, tiny_encoder, kind=kind)

    bundle = Bundle.open(directory, tiny_encoder)

    assert (manifest.index_kind, manifest.encoded) == (kind, 0)
    expected = tiny_encoder.encode(bundle.retriever.passages.texts)
    vectors = bundle.retriever.dense.engine.vectors()
    np.testing.assert_allclose(vectors, expected, rtol=2.0**-11 if kind == "fp16" else 0.0)
    [hits] = bundle.retriever.search(["반품 방법"], 3)
    assert hits[0].entry_id == "refund"


@pytest.mark.parametrize("before", INDEX_KINDS)
@pytest.mark.parametrize("after", INDEX_KINDS)
def test_a_rebuild_has_the_vectors_of_a_new_build(
    directory: Path, tiny_encoder: TinyEncoder, before: str, after: str
) -> None:
    Bundle.build(directory, OLD, tiny_encoder, kind=before)

    rebuilt = Bundle.build(directory, OLD, tiny_encoder, kind=after)

    new = directory.with_name("new")
    Bundle.build(new, OLD, tiny_encoder, kind=after)
    vectors = [
        Bundle.open(built, tiny_encoder).retriever.dense.engine.vectors()
        for built in (directory, new)
    ]
    np.testing.assert_array_equal(*vectors)
    # Half precision has nothing to give to what is exact.
    assert rebuilt.encoded == (5 if before == "fp16" != after else 0)


def test_an_opened_bundle_ranks_as_the_retriever_it_was_built_from(
    directory: Path, tiny_encoder: TinyEncoder
) -> None:
    build(directory, OLD, tiny_encoder)
    queries = ["환불 되나요", "ghksqnf", "배송비", "비밀번호 잊음", "우주 정거장", "", "😀"]

    opened = Bundle.open(directory, tiny_encoder).retriever

    assert opened.rank(queries, 3) == Retriever.build(tiny_encoder, OLD).rank(queries, 3)


def test_fusion_and_calibration_are_fitted_in_turn_and_kept(
    directory: Path, tiny_encoder: TinyEncoder
) -> None:
    weights = Fusion(dense=1.0, centroid=0.0, bm25=2.5, coverage=0.25)
    fitted = score_confidence(0.9, 0.2, encoder="tiny-1", fit={"전": [1, 2]})
    seen: list[tuple[int, Fusion]] = []

    def fuse(retriever: Retriever) -> Fusion:
        seen.append((len(retriever.passages), retriever.fusion))
        return weights

    def calibrate(retriever: Retriever) -> Confidence:
        seen.append((len(retriever.passages), retriever.fusion))
        return fitted

    Bundle.build(directory, OLD, tiny_encoder, fuse=fuse, calibrate=calibrate)

    assert seen == [(6, USUAL), (6, weights)]
    bundle = Bundle.open(directory, tiny_encoder)
    assert (bundle.retriever.fusion, bundle.confidence) == (weights, fitted)
    expected = Retriever.build(tiny_encoder, OLD, weights).search(["환불 방법"], 3)
    assert bundle.retriever.search(["환불 방법"], 3) == expected


def test_a_confidence_that_was_fitted_on_another_encoder_never_serves(
    directory: Path, tiny_encoder: TinyEncoder
) -> None:
    build(directory, OLD, tiny_encoder)
    foreign = replace(Confidence.usual(content=False), encoder="tiny-0")

    wanted = (
        r"000002: its confidence was fitted on encoder tiny-0, but its vectors are of tiny-1\. "
        "Rebuild with `mundap index build`"
    )
    with pytest.raises(BundleError, match=wanted):
        Bundle.build(directory, OLD, tiny_encoder, calibrate=lambda retriever: foreign)
    assert Bundle.open(directory, tiny_encoder).manifest.generation == 1


def test_a_bundle_of_an_old_format_is_refused(directory: Path, tiny_encoder: TinyEncoder) -> None:
    build(directory, OLD, tiny_encoder)
    generation = directory / "generations" / "000001"
    replace(Manifest.read(generation), format=2).write(generation)

    with pytest.raises(BundleError, match=r"manifest\.json: format 2, wanted 4\. Rebuild"):
        Bundle.open(directory, tiny_encoder)


def test_only_texts_that_changed_are_encoded_again(
    directory: Path, tiny_encoder: TinyEncoder
) -> None:
    build(directory, OLD, tiny_encoder)
    again = TinyEncoder()
    calls: list[tuple[int, int]] = []

    manifest = Bundle.build(
        directory,
        NEW,
        again,
        advance=lambda done, total: calls.append((done, total)),
    )

    assert again.encoded == ["교환 방법", "포인트는 언제 쌓이나요?"]
    assert (manifest.encoded, manifest.generation) == (2, 2)
    assert calls == [(2, 2)]


def test_an_incremental_rebuild_equals_a_full_one(
    directory: Path, tmp_path: Path, tiny_encoder: TinyEncoder
) -> None:
    build(directory, OLD, tiny_encoder)
    build(directory, NEW, tiny_encoder)
    build(tmp_path / "full", NEW, tiny_encoder)

    incremental = Bundle.open(directory, tiny_encoder)
    full = Bundle.open(tmp_path / "full", tiny_encoder)

    assert incremental.manifest.files == full.manifest.files
    queries = ["환불", "포인트 언제", ""]
    assert incremental.retriever.search(queries, 5) == full.retriever.search(queries, 5)


def test_another_encoder_encodes_everything(directory: Path, tiny_encoder: TinyEncoder) -> None:
    build(directory, OLD, tiny_encoder)

    assert build(directory, OLD, TinyEncoder("tiny-2")).encoded == 5
    assert Bundle.open(directory, TinyEncoder("tiny-2")).entries == tuple(OLD)


def test_a_damaged_generation_is_no_source_of_vectors(
    directory: Path, tiny_encoder: TinyEncoder
) -> None:
    build(directory, OLD, tiny_encoder)
    (directory / "generations" / "000001" / "vectors.faiss").unlink()

    assert build(directory, OLD, tiny_encoder).encoded == 5
    assert Bundle.open(directory, tiny_encoder).manifest.generation == 2


def test_many_texts_are_encoded_in_batches(directory: Path, tiny_encoder: TinyEncoder) -> None:
    calls: list[tuple[int, int]] = []

    Bundle.build(
        directory,
        version(1, 600),
        tiny_encoder,
        advance=lambda done, total: calls.append((done, total)),
    )

    assert calls == [(512, 1200), (1024, 1200), (1200, 1200)]


@pytest.mark.parametrize(("fingerprint", "dimension"), [("tiny-2", 32), ("tiny-1", 16)])
def test_another_encoder_is_refused_with_both_fingerprints(
    directory: Path, tiny_encoder: TinyEncoder, fingerprint: str, dimension: int
) -> None:
    build(directory, OLD, tiny_encoder)

    wanted = (
        rf"made by encoder tiny-1 of dimension 32, but the encoder given is {fingerprint} "
        rf"of dimension {dimension}"
    )
    with pytest.raises(BundleError, match=wanted):
        Bundle.open(directory, TinyEncoder(fingerprint, dimension))


def test_nothing_to_index_is_refused(directory: Path, tiny_encoder: TinyEncoder) -> None:
    with pytest.raises(BundleError, match="index: 0 entries to index; wanted at least 1"):
        build(directory, [], tiny_encoder)
    assert not directory.exists()


def test_an_unknown_kind_is_refused(directory: Path, tiny_encoder: TinyEncoder) -> None:
    with pytest.raises(BundleError, match="index kind 'annoy'; wanted auto, flat, fp16, hnsw, ivf"):
        Bundle.build(directory, OLD, tiny_encoder, kind="annoy")


def test_no_bundle_is_a_clear_error(directory: Path, tiny_encoder: TinyEncoder) -> None:
    with pytest.raises(BundleError, match=r"index: no index here\. Build one"):
        Bundle.open(directory, tiny_encoder)


def test_a_manifest_is_plain_json(directory: Path, tiny_encoder: TinyEncoder) -> None:
    manifest = build(directory, OLD, tiny_encoder)

    text = (directory / "generations" / "000001" / "manifest.json").read_text(encoding="utf-8")

    values = json.loads(text)
    assert values.pop("sha256")
    unsaid = {"encoder_source": "", "large": {}, "milvus": None}
    assert {**values, **unsaid} == asdict(manifest)


def test_a_rebuild_keeps_the_ids_of_edited_entries(
    directory: Path, tiny_encoder: TinyEncoder, tmp_path: Path
) -> None:
    def rebuilt(rows: str) -> list[str]:
        (tmp_path / "faq.csv").write_text(f"Q,A\n{rows}", encoding="utf-8")
        build(directory, read_faq(tmp_path / "faq.csv"), tiny_encoder)
        return [entry.entry_id for entry in Bundle.open(directory, tiny_encoder).entries]

    first = rebuilt("환불 되나요?,네.\n배송비는?,3000원.\n")

    assert rebuilt("환불받을 수 있나요?,네.\n배송비는?,무료.\n") == first
    # By now neither text of the first entry is what its id was made from.
    assert rebuilt("환불받을 수 있나요?,아니요.\n배송비는?,무료.\n") == first
