"""A bundle that holds what a pretrained encoder has read, and that encoder."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from mundap.index.bundle import encoder_store, known_texts
from mundap.index.bundle.bundle import Bundle, is_good, verify_generation
from mundap.index.bundle.contents import CONTENT, FILES
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.known_texts import CONTENT_WORDS_FILE
from mundap.index.bundle.manifest import READING, RETRIEVAL, BundleError, EncoderRecord, Manifest
from mundap.index.bundle.writer import BundleWriter
from mundap.index.encoders.encoder import directory_fingerprint
from mundap.index.encoders.registry import load_encoder
from mundap.index.faq.entry import FaqEntry
from mundap.index.korean.morphemes import content_forms
from mundap.index.korean.names import Names
from mundap.index.search.confidence import Confidence
from mundap.index.search.fusion import Fusion
from mundap.index.search.retriever import Retriever
from tests.index.rebuilds import NEW, OLD, version
from tests.small_encoder import small_encoder
from tests.tiny_encoder import TinyEncoder, TinyReader

QUERIES = ["환불 되나요?", "3,000원", "다음 날", ""]


class Readers:
    """Pretrained encoders that lie in directories of one file, loaded as the real one is."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.loaded: list[str] = []

    def write(self, text: str = "a") -> Path:
        self.directory.mkdir(exist_ok=True)
        (self.directory / "weights").write_text(text, encoding="utf-8")
        return self.directory

    def load(self, directory: Path) -> TinyReader:
        self.loaded.append(directory.name)
        return TinyReader(directory_fingerprint(directory))


@pytest.fixture
def readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Readers:
    found = Readers(tmp_path / "reader")
    found.write()
    monkeypatch.setattr(encoder_store, "load_pretrained", found.load)
    return found


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    return small_encoder(tmp_path / "encoder")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "index"


def build(
    directory: Path, entries: Sequence[FaqEntry], encoder: Path, reader: Path | None, keep: int = 3
) -> TinyReader | None:
    loaded = None if reader is None else TinyReader(directory_fingerprint(reader))
    Bundle.build(
        directory,
        entries,
        load_encoder(encoder),
        encoder_directory=encoder,
        pretrained=loaded,
        pretrained_directory=reader,
        keep=keep,
    )
    return loaded


def encoders(directory: Path) -> set[str]:
    return {path.name for path in (directory / "encoders").iterdir()}


def generation(directory: Path, number: int) -> Path:
    return directory / "generations" / f"{number:06d}"


def test_a_generation_holds_what_was_read_and_both_encoders(
    directory: Path, encoder: Path, readers: Readers
) -> None:
    build(directory, OLD, encoder, readers.directory)

    bundle = Bundle.open(directory)

    prints = [directory_fingerprint(path) for path in (encoder, readers.directory)]
    records = (EncoderRecord(prints[0], 4), EncoderRecord(prints[1], 64))
    assert bundle.manifest.encoders == dict(zip((RETRIEVAL, READING), records, strict=True))
    assert encoders(directory) == set(prints)
    content = bundle.retriever.content
    assert content is not None
    own = {*FILES, *bundle.retriever.dense.files}
    read = {CONTENT_WORDS_FILE, *(f"{CONTENT}/{name}" for name in content.files)}
    files = {p.relative_to(bundle.path).as_posix() for p in bundle.path.rglob("*") if p.is_file()}
    assert files == {*own, *read, "manifest.json"}
    assert set(bundle.manifest.files) == {*own, *read}
    assert bundle.confidence == Confidence.usual(content=True)
    assert bundle.retriever.fusion == Fusion.usual(2, content=True)
    built = Retriever.build(load_encoder(encoder), OLD, pretrained=TinyReader())
    assert bundle.retriever.rank(QUERIES, 3) == built.rank(QUERIES, 3)


@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_without_its_pretrained_encoder_a_generation_serves_as_one_that_never_had_it(
    directory: Path,
    encoder: Path,
    readers: Readers,
    caplog: pytest.LogCaptureFixture,
    how: str,
) -> None:
    build(directory, OLD, encoder, readers.directory)
    stored = directory / "encoders" / directory_fingerprint(readers.directory)
    if how == "missing":
        shutil.rmtree(stored)
    else:
        (stored / "weights").write_text("b", encoding="utf-8")
    caplog.clear()

    bundle = Bundle.open(directory)

    [warning] = [record.getMessage() for record in caplog.records]
    reason = "no such encoder directory" if how == "missing" else "damaged, its fingerprint is"
    assert f"{stored}: {reason}" in warning
    assert warning.endswith("It is searched without, which answers fewer questions.")
    plain = Retriever.build(load_encoder(encoder), OLD)
    assert bundle.retriever.content is None
    assert bundle.confidence == Confidence.usual(content=False)
    assert bundle.retriever.rank(QUERIES, 3) == plain.rank(QUERIES, 3)
    with pytest.raises(BundleError, match=f"{stored.name}: (missing|damaged)"):
        verify_generation(bundle.path)
    assert not is_good(bundle.path)
    # A build puts it back.
    build(directory, OLD, encoder, readers.directory)
    assert Bundle.open_generation(bundle.path).retriever.content is not None


def test_what_was_read_is_as_little_to_be_changed_as_any_other_file(
    directory: Path, encoder: Path, readers: Readers
) -> None:
    build(directory, OLD, encoder, readers.directory)
    pieces = generation(directory, 1) / CONTENT / "pieces.npy"
    pieces.write_bytes(pieces.read_bytes()[:-1] + b"?")

    with pytest.raises(BundleError, match=r"pieces\.npy: .* SHA-256 .* but the manifest records"):
        Bundle.open(directory)


def test_a_rebuild_reads_new_contents_alone_and_equals_a_full_one(
    directory: Path, tmp_path: Path, encoder: Path, readers: Readers
) -> None:
    build(directory, OLD, encoder, readers.directory)

    again = build(directory, NEW, encoder, readers.directory)

    assert again is not None
    assert again.read == ["환불 되나요? 아니요.", "포인트는 언제 쌓이나요? 다음 날입니다."]
    assert again.encoded == ["교환 방법", "포인트는 언제 쌓이나요?"]
    build(tmp_path / "full", NEW, encoder, readers.directory)
    rebuilt, full = (Bundle.open(each) for each in (directory, tmp_path / "full"))
    assert rebuilt.manifest.files == full.manifest.files


def test_a_rebuild_analyses_new_contents_alone(
    directory: Path, encoder: Path, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(directory, OLD, encoder, readers.directory)
    analysed: list[str] = []

    def analyse(text: str, names: Names) -> list[str]:
        analysed.append(text)
        return content_forms(text, names)

    monkeypatch.setattr(known_texts, "content_forms", analyse)
    again = build(directory, NEW, encoder, readers.directory)

    assert again is not None
    assert analysed == again.read


def test_another_pretrained_encoder_reads_everything(
    directory: Path, tmp_path: Path, encoder: Path, readers: Readers
) -> None:
    build(directory, OLD, encoder, readers.directory)
    readers.write("b")

    again = build(directory, OLD, encoder, readers.directory)

    assert again is not None
    assert (len(again.read), len(again.encoded)) == (3, 5)
    build(tmp_path / "full", OLD, encoder, readers.directory)
    rebuilt, full = (Bundle.open(each) for each in (directory, tmp_path / "full"))
    assert rebuilt.manifest.files == full.manifest.files


def test_a_rebuild_without_a_pretrained_encoder_loads_none_and_holds_nothing_of_it(
    directory: Path, encoder: Path, readers: Readers
) -> None:
    build(directory, OLD, encoder, readers.directory)
    readers.loaded.clear()

    build(directory, NEW, encoder, None)

    assert Manifest.read(generation(directory, 2)).encoded == 2
    assert readers.loaded == []
    assert not (generation(directory, 2) / CONTENT).exists()
    assert Bundle.open(directory).retriever.content is None


def test_both_encoders_stay_as_long_as_a_generation_uses_them(
    directory: Path, encoder: Path, readers: Readers
) -> None:
    prints = {directory_fingerprint(path) for path in (encoder, readers.directory)}
    build(directory, OLD, encoder, readers.directory)
    build(directory, NEW, encoder, None, keep=1)
    assert encoders(directory) == prints  # of what served last

    build(directory, version(3, 2), encoder, None, keep=1)

    assert encoders(directory) == prints - {directory_fingerprint(readers.directory)}


def test_a_promotion_and_a_roll_back_open_with_both(
    directory: Path, encoder: Path, readers: Readers
) -> None:
    build(directory, OLD, encoder, readers.directory)
    first = directory_fingerprint(readers.directory)
    readers.write("b")
    second = directory_fingerprint(readers.directory)
    with BundleWriter.locked(directory) as writer:
        writer.seal(
            NEW,
            load_encoder(encoder),
            encoder_directory=encoder,
            pretrained=TinyReader(second),
            pretrained_directory=readers.directory,
        )
    readers.loaded.clear()

    with BundleWriter.locked(directory) as writer:
        writer.promote(2)
        assert Generations(directory).current().name == "000002"
        writer.rollback()

    assert Generations(directory).current().name == "000001"
    assert readers.loaded == [second, first]


def test_encoders_that_lie_nowhere_are_given_to_who_opens(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reader = TinyReader()
    Bundle.build(directory, OLD, TinyEncoder(), pretrained=reader)

    bundle = Bundle.open(directory, TinyEncoder(), reader)

    assert bundle.retriever.content is not None
    assert bundle.retriever.content.encoder is reader
    assert caplog.records == []
    # Another one is not taken for it.
    other = Bundle.open(directory, TinyEncoder(), TinyReader("reader-2"))
    assert other.retriever.content is None
    assert len(caplog.records) == 1


def test_contents_that_are_equal_stand_once_with_their_owner(directory: Path) -> None:
    """An answer in parts of which two are the same says no more than one of them."""
    entry = FaqEntry("long", "물음", "다" * 360 * 3)
    Bundle.build(directory, [entry, *OLD], TinyEncoder(), pretrained=TinyReader())

    content = Bundle.open(directory, TinyEncoder(), TinyReader()).retriever.content

    assert content is not None
    np.testing.assert_array_equal(content.contents.passages.owners, [0, 1, 2, 3])
