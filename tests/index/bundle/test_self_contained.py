"""A bundle holds all that serving it takes: it can be moved, mounted read-only, taken back."""

import json
import logging
import resource
import shutil
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from mundap.index.bundle.bundle import Bundle, verify_generation
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import MANIFEST_FILE, BundleError, Manifest
from mundap.index.bundle.writer import BundleWriter
from mundap.index.encoders.encoder import directory_fingerprint
from mundap.index.encoders.registry import load_encoder
from mundap.index.faq.entry import FaqEntry
from tests.index.rebuilds import NEW, OLD, version
from tests.small_encoder import small_encoder


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    return small_encoder(tmp_path / "encoder")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "index"


def build(directory: Path, entries: Sequence[FaqEntry], encoder: Path, keep: int = 3) -> Manifest:
    loaded = load_encoder(encoder)
    return Bundle.build(directory, entries, loaded, encoder_directory=encoder, keep=keep)


def rollback(directory: Path) -> str:
    with BundleWriter.locked(directory) as writer:
        return writer.rollback().name


def encoders(directory: Path) -> set[str]:
    return {path.name for path in (directory / "encoders").iterdir()}


def everything(directory: Path) -> dict[str, tuple[int, bytes]]:
    files = (path for path in directory.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def test_a_copy_serves_where_neither_the_original_nor_its_encoder_is(
    directory: Path, encoder: Path, tmp_path: Path
) -> None:
    build(directory, OLD, encoder)
    before = Bundle.open(directory).retriever.search(["환불 되나요?", "배송비"], 3)
    shutil.copytree(directory, tmp_path / "elsewhere" / "copy")
    shutil.rmtree(directory)
    shutil.rmtree(encoder)

    assert (
        Bundle.open(tmp_path / "elsewhere" / "copy").retriever.search(["환불 되나요?", "배송비"], 3)
        == before
    )


def test_serving_writes_nothing(directory: Path, encoder: Path) -> None:
    build(directory, OLD, encoder)
    before = everything(directory)
    for path in [*directory.rglob("*"), directory]:
        path.chmod(path.stat().st_mode & ~0o222)

    assert Bundle.open(directory).retriever.search(["배송비"], 1)[0][0].entry_id == "shipping"

    assert everything(directory) == before


def test_an_encoder_trained_again_in_place_leaves_the_older_generation_to_go_back_to(
    directory: Path, encoder: Path
) -> None:
    first = build(directory, OLD, encoder).encoder
    expected = Bundle.open(directory).retriever.search(["환불 되나요?"], 3)
    small_encoder(encoder, seed=1)  # the very files, written over
    second = build(directory, NEW, encoder).encoder
    assert encoders(directory) == {first, second}

    assert rollback(directory) == "000001"

    serving = Bundle.open(directory)
    assert (serving.manifest.encoder, serving.entries) == (first, tuple(OLD))
    assert serving.retriever.search(["환불 되나요?"], 3) == expected


def test_generations_share_an_encoder_and_the_last_takes_it_along(
    directory: Path, encoder: Path
) -> None:
    first = build(directory, OLD, encoder).encoder
    build(directory, NEW, encoder)
    assert encoders(directory) == {first}
    small_encoder(encoder, seed=1)
    second = build(directory, OLD, encoder, keep=1).encoder
    assert encoders(directory) == {first, second}  # of what served last

    build(directory, NEW, encoder, keep=1)

    assert encoders(directory) == {second}


def test_an_encoder_that_changes_while_it_is_read_is_refused_with_both_fingerprints(
    directory: Path, encoder: Path
) -> None:
    loaded = load_encoder(encoder)
    small_encoder(encoder, seed=1)
    found = directory_fingerprint(encoder)

    with pytest.raises(BundleError, match=f"it was encoder {loaded.fingerprint} and is {found}"):
        Bundle.build(directory, OLD, loaded, encoder_directory=encoder)

    assert not directory.exists()


def damage(weights: Path) -> None:
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)


@pytest.mark.parametrize("missing", [True, False])
def test_a_generation_whose_encoder_is_damaged_gives_way_and_a_build_mends_it(
    directory: Path, encoder: Path, caplog: pytest.LogCaptureFixture, missing: bool
) -> None:
    build(directory, OLD, encoder)
    small_encoder(encoder, seed=1)
    second = build(directory, NEW, encoder).encoder
    weights = directory / "encoders" / second / "model.safetensors"
    weights.unlink() if missing else damage(weights)

    with pytest.raises(BundleError, match=second):
        verify_generation(directory / "generations" / "000002")
    with caplog.at_level(logging.WARNING):
        assert Bundle.open(directory).entries == tuple(OLD)
    assert caplog.records[0].getMessage().endswith("Generation 000001 serves instead.")
    build(directory, NEW, encoder)
    assert Bundle.open(directory).entries == tuple(NEW)
    assert Bundle.open_generation(directory / "generations" / "000002").entries == tuple(NEW)


def test_a_roll_back_goes_past_what_does_not_open_with_its_encoder(
    directory: Path, encoder: Path
) -> None:
    build(directory, OLD, encoder)
    small_encoder(encoder, seed=1)
    second = build(directory, NEW, encoder).encoder
    small_encoder(encoder, seed=2)
    build(directory, version(3, 3), encoder)
    damage(directory / "encoders" / second / "model.safetensors")

    assert rollback(directory) == "000001"
    assert Bundle.open(directory).entries == tuple(OLD)


def test_a_candidate_whose_encoder_is_gone_is_not_promoted(directory: Path, encoder: Path) -> None:
    build(directory, OLD, encoder)
    small_encoder(encoder, seed=1)
    with BundleWriter.locked(directory) as writer:
        sealed = writer.seal(NEW, load_encoder(encoder), encoder_directory=encoder)
    shutil.rmtree(directory / "encoders" / sealed.encoder)

    with (
        pytest.raises(BundleError, match=rf"000002: .*{sealed.encoder}: no such encoder"),
        BundleWriter.locked(directory) as writer,
    ):
        writer.promote(2)

    assert Generations(directory).current().name == "000001"


def as_format_3(directory: Path, encoder: Path) -> None:
    """Turn the first generation into what the version before wrote."""
    generation = directory / "generations" / "000001"
    (generation / "centroid_lengths.npy").unlink()
    values = json.loads((generation / MANIFEST_FILE).read_text(encoding="utf-8"))
    del values["sha256"], values["files"]["centroid_lengths.npy"]
    (record,) = values.pop("encoders").values()
    values |= {"encoder": record["fingerprint"], "dimension": record["dimension"]}
    values |= {"encoder_source": str(encoder), "format": 3}
    values["sha256"] = sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    (generation / MANIFEST_FILE).write_text(json.dumps(values), encoding="utf-8")
    (directory / "CURRENT").write_text("000001\n")
    shutil.rmtree(directory / "encoders")


def test_a_bundle_of_the_format_before_serves_and_is_whole_from_the_next_build_on(
    directory: Path, encoder: Path
) -> None:
    build(directory, OLD, encoder)
    before = Bundle.open(directory).retriever.search(["환불 되나요?", "배송비"], 3)
    as_format_3(directory, encoder)

    bundle = Bundle.open(directory)

    assert bundle.retriever.search(["환불 되나요?", "배송비"], 3) == before
    assert bundle.encoder_directory == encoder
    build(directory, NEW, encoder)
    shutil.rmtree(encoder)
    assert Bundle.open(directory).entries == tuple(NEW)
    assert rollback(directory) == "000001"  # the encoder is here, if it was not when that was built
    assert Bundle.open(directory).entries == tuple(OLD)


def test_a_bundle_of_the_format_before_without_its_encoder_says_which(
    directory: Path, encoder: Path
) -> None:
    build(directory, OLD, encoder)
    as_format_3(directory, encoder)
    shutil.rmtree(encoder)

    with pytest.raises(BundleError, match=rf"000001: {encoder}: no such encoder directory\. Reb"):
        Bundle.open(directory)


@pytest.mark.parametrize(("room", "seed"), [(1_000, 0), (20_000, 0), (600_000, 1)])
def test_a_full_disk_is_one_sentence_and_leaves_nothing_behind(
    directory: Path, encoder: Path, room: int, seed: int
) -> None:
    build(directory, OLD, encoder)
    before = everything(directory)
    small_encoder(encoder, seed)  # another one has to be copied first
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))  # no file may be larger
    try:
        with pytest.raises(BundleError, match=r"index: the generation could not be written \(.+\)"):
            build(directory, version(1, 200), encoder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert everything(directory) == before
