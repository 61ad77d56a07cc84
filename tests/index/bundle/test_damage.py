import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.contents import FILES
from mundap.index.bundle.manifest import BundleError, FileRecord, Manifest
from mundap.index.bundle.writer import BundleWriter
from mundap.index.engines.faiss_engine import FaissEngine
from mundap.index.search.fusion import Fusion
from tests.index.rebuilds import NEW, OLD, build, version
from tests.score_confidence import score_confidence
from tests.tiny_encoder import TinyEncoder

DAMAGED = (*FILES, "vectors.faiss", "centroid_lengths.npy", "manifest.json")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "index"


def truncate(file: Path, other: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flip_a_bit(file: Path, other: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def swap(file: Path, other: Path) -> None:
    shutil.copy(other, file)


def empty(file: Path, other: Path) -> None:
    file.write_bytes(b"")


def delete(file: Path, other: Path) -> None:
    file.unlink()


DAMAGES = [truncate, flip_a_bit, swap, empty, delete]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of two generations, and `other`, with other weights and thresholds too."""
    folder = tmp_path_factory.mktemp("sound")
    build(folder / "index", OLD, TinyEncoder())
    build(folder / "index", NEW, TinyEncoder())
    Bundle.build(
        folder / "other",
        version(1, 5),
        TinyEncoder(),
        fuse=lambda retriever: Fusion(dense=0.5),
        calibrate=lambda retriever: score_confidence(0.99, 0.98),
    )
    return folder


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_named_and_the_previous_generation_serves(
    sound: Path,
    directory: Path,
    tiny_encoder: TinyEncoder,
    caplog: pytest.LogCaptureFixture,
    name: str,
    damage: Callable[[Path, Path], None],
) -> None:
    shutil.copytree(sound / "index", directory)
    current = directory / "generations" / "000002"
    damage(current / name, sound / "other" / "generations" / "000001" / name)

    # A manifest from elsewhere is sound in itself; then it is the files that differ from it.
    named = name if (damage, name) != (swap, "manifest.json") else "faq.jsonl"
    with pytest.raises(BundleError, match=named.replace(".", r"\.")):
        Bundle.open_generation(current, tiny_encoder)
    with caplog.at_level(logging.WARNING):
        bundle = Bundle.open(directory, tiny_encoder)
    assert bundle.entries == tuple(OLD)
    [record] = caplog.records
    assert record.levelname == "WARNING"
    assert named in record.getMessage()
    assert record.getMessage().endswith("Generation 000001 serves instead.")


def test_a_sound_generation_is_opened_without_a_word(
    directory: Path, tiny_encoder: TinyEncoder, caplog: pytest.LogCaptureFixture
) -> None:
    build(directory, OLD, tiny_encoder)
    build(directory, NEW, tiny_encoder)

    assert Bundle.open(directory, tiny_encoder).entries == tuple(NEW)
    assert caplog.records == []


def test_a_whole_generation_of_another_encoder_is_passed_over(
    directory: Path, tmp_path: Path, tiny_encoder: TinyEncoder
) -> None:
    build(directory, OLD, tiny_encoder)
    build(tmp_path / "foreign", NEW, TinyEncoder("foreign"))
    foreign = tmp_path / "foreign" / "generations" / "000001"
    shutil.copytree(foreign, directory / "generations" / "000002")
    (directory / "CURRENT").write_text("000002\n")

    assert Bundle.open(directory, tiny_encoder).entries == tuple(OLD)


def test_a_current_that_points_nowhere_serves_the_newest(
    directory: Path, tiny_encoder: TinyEncoder
) -> None:
    build(directory, OLD, tiny_encoder)
    (directory / "CURRENT").write_text("000009\n")

    assert Bundle.open(directory, tiny_encoder).entries == tuple(OLD)


def test_when_every_generation_is_damaged_the_newest_is_named(
    directory: Path, tiny_encoder: TinyEncoder, caplog: pytest.LogCaptureFixture
) -> None:
    for entries in (OLD, NEW):
        build(directory, entries, tiny_encoder)
    for number in (1, 2):
        empty(directory / "generations" / f"00000{number}" / "vectors.faiss", directory)

    with pytest.raises(BundleError, match=r"000002/vectors\.faiss: 0 bytes"):
        Bundle.open(directory, tiny_encoder)
    assert caplog.records == []


@pytest.mark.parametrize("content", [None, "", "garbage"])
def test_a_lost_current_is_an_error_that_a_rollback_mends(
    directory: Path, tiny_encoder: TinyEncoder, content: str | None
) -> None:
    build(directory, OLD, tiny_encoder)
    build(directory, NEW, tiny_encoder)
    current = directory / "CURRENT"
    current.unlink() if content is None else current.write_text(content)
    with pytest.raises(BundleError, match=r"no generation serves|CURRENT: holds"):
        Bundle.open(directory, tiny_encoder)

    rollback(directory, tiny_encoder)

    assert Bundle.open(directory, tiny_encoder).entries == tuple(NEW)


def test_a_rollback_skips_what_does_not_verify(directory: Path, tiny_encoder: TinyEncoder) -> None:
    for entries in (OLD, NEW, OLD[:1]):
        build(directory, entries, tiny_encoder)
    delete(directory / "generations" / "000002" / "faq.jsonl", directory)

    rollback(directory, tiny_encoder)

    assert Bundle.open(directory, tiny_encoder).entries == tuple(OLD)


def rollback(directory: Path, encoder: TinyEncoder) -> None:
    with BundleWriter.locked(directory) as writer:
        writer.rollback(encoder)


def rewrite(generation: Path, **changes: object) -> None:
    """Change a sound generation such that all checksums still agree."""
    replace(Manifest.read(generation), **changes).write(generation)


def test_files_that_do_not_belong_together_are_refused(
    directory: Path, tiny_encoder: TinyEncoder
) -> None:
    build(directory, OLD, tiny_encoder)
    generation = directory / "generations" / "000001"
    FaissEngine.build(tiny_encoder.encode(["하나", "둘"]), ["", ""]).seal(generation)
    files = dict(Manifest.read(generation).files)
    files["vectors.faiss"] = FileRecord.of(generation / "vectors.faiss")
    rewrite(generation, files=files)

    with pytest.raises(BundleError, match="000001: 6 passages but 2 vectors"):
        Bundle.open(directory, tiny_encoder)


def test_lengths_that_do_not_belong_to_the_entries_are_refused(
    directory: Path, tiny_encoder: TinyEncoder
) -> None:
    build(directory, OLD, tiny_encoder)
    generation = directory / "generations" / "000001"
    np.save(generation / "centroid_lengths.npy", np.ones(2, np.float32))
    files = dict(Manifest.read(generation).files)
    files["centroid_lengths.npy"] = FileRecord.of(generation / "centroid_lengths.npy")
    rewrite(generation, files=files)

    with pytest.raises(BundleError, match="000001: 3 entries but 2 lengths"):
        Bundle.open(directory, tiny_encoder)


def test_a_build_that_fails_leaves_the_serving_generation(
    directory: Path, tiny_encoder: TinyEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(directory, OLD, tiny_encoder)

    def fail(self: FaissEngine, generation: Path) -> None:
        (generation / "vectors.faiss").write_bytes(b"half")
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(FaissEngine, "seal", fail)
        with pytest.raises(BundleError, match=r"could not be written \(disk full\)\. What serves"):
            build(directory, NEW, tiny_encoder)

    assert [path.name for path in (directory / "generations").iterdir()] == ["000001"]
    assert Bundle.open(directory, tiny_encoder).entries == tuple(OLD)


def test_an_open_bundle_goes_on_after_its_files_are_gone(
    directory: Path, tiny_encoder: TinyEncoder
) -> None:
    build(directory, OLD, tiny_encoder)
    bundle = Bundle.open(directory, tiny_encoder)
    before = bundle.retriever.search(["환불"], 3)

    shutil.rmtree(directory)

    assert bundle.retriever.search(["환불"], 3) == before


def test_a_generation_removed_while_it_is_opened_gives_way_to_the_next(
    directory: Path, tiny_encoder: TinyEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(directory, OLD, tiny_encoder)
    verify = Manifest.verify
    builds = [OLD[:1], NEW]  # what served last stays

    def overtaken(self: Manifest, path: Path) -> None:
        verify(self, path)
        todo, builds[:] = builds[:], []  # a build verifies too
        for entries in todo:
            Bundle.build(directory, entries, tiny_encoder, keep=1)

    monkeypatch.setattr(Manifest, "verify", overtaken)

    assert Bundle.open(directory, tiny_encoder).entries == tuple(NEW)
