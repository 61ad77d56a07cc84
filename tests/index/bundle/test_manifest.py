import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from mundap.index.bundle.manifest import (
    FORMAT,
    MANIFEST_FILE,
    RETRIEVAL,
    BundleError,
    EncoderRecord,
    FileRecord,
    Manifest,
)


@pytest.fixture
def generation(tmp_path: Path) -> Path:
    """A directory with two files and the manifest that describes them."""
    directory = tmp_path / "000001"
    directory.mkdir()
    (directory / "faq.jsonl").write_text('{"질문": 1}\n', encoding="utf-8")
    (directory / "vectors.faiss").write_bytes(b"vectors")
    manifest_of(directory).write(directory)
    return directory


def manifest_of(directory: Path) -> Manifest:
    return Manifest(
        generation=1,
        created="2026-01-01T00:00:00+00:00",
        encoders={RETRIEVAL: EncoderRecord("a" * 64, 32)},
        index_kind="flat",
        entries=2,
        passages=5,
        encoded=5,
        faq_sha256="b" * 64,
        files={name: FileRecord.of(directory / name) for name in ("faq.jsonl", "vectors.faiss")},
        versions={"numpy": "2.0"},
    )


def test_a_file_record_is_its_size_and_sha256(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")

    # The test vector of FIPS 180-2.
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert FileRecord.of(tmp_path / "a") == FileRecord(3, digest)


def test_a_manifest_comes_back_as_it_was_written(generation: Path) -> None:
    manifest = Manifest.read(generation)

    assert manifest == manifest_of(generation)
    manifest.verify(generation)
    assert manifest.summary() == {
        "generation": 1,
        "created": "2026-01-01T00:00:00+00:00",
        "entries": 2,
        "passages": 5,
        "encoded": 5,
        "index_kind": "flat",
    }


def test_a_flipped_bit_in_any_byte_of_a_manifest_is_noticed(generation: Path) -> None:
    path = generation / MANIFEST_FILE
    whole = path.read_bytes()

    for place in range(len(whole) - 1):  # the last byte is a line break that nothing needs
        flipped = bytearray(whole)
        flipped[place] ^= 1 << (place % 8)
        path.write_bytes(flipped)
        with pytest.raises(BundleError, match=r"manifest\.json: "):
            Manifest.read(generation)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_manifest_is_refused(generation: Path, share: float) -> None:
    whole = (generation / MANIFEST_FILE).read_bytes()
    (generation / MANIFEST_FILE).write_bytes(whole[: int(share * len(whole))])

    with pytest.raises(BundleError, match=r"manifest\.json: damaged .*`mundap index build`"):
        Manifest.read(generation)


@pytest.mark.parametrize("content", ["[]", "null", '"text"', "{}", f'{{"format": {FORMAT}}}'])
def test_json_of_another_kind_is_refused(generation: Path, content: str) -> None:
    (generation / MANIFEST_FILE).write_text(content)

    with pytest.raises(BundleError, match=r"manifest\.json: damaged"):
        Manifest.read(generation)


def test_a_directory_without_a_manifest_is_no_generation(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"no manifest\.json, so not a bundle's generation"):
        Manifest.read(tmp_path)


def test_another_format_is_refused_with_both_numbers(generation: Path) -> None:
    replace(Manifest.read(generation), format=FORMAT + 1).write(generation)

    with pytest.raises(BundleError, match=rf"manifest\.json: format {FORMAT + 1}, wanted {FORMAT}"):
        Manifest.read(generation)


def test_the_format_before_is_read_with_where_its_encoder_lay(generation: Path) -> None:
    written = json.loads((generation / MANIFEST_FILE).read_text(encoding="utf-8"))
    (encoder,) = written.pop("encoders").values()
    values = {
        **written,
        "format": 3,
        "encoder": encoder["fingerprint"],
        "encoder_source": "모델/encoder",
        "dimension": encoder["dimension"],
    }
    del values["sha256"]
    # As that version summed it up.
    values["sha256"] = sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    (generation / MANIFEST_FILE).write_text(json.dumps(values), encoding="utf-8")

    manifest = Manifest.read(generation)

    assert manifest == replace(manifest_of(generation), format=3, encoder_source="모델/encoder")
    assert (manifest.encoder, manifest.dimension) == ("a" * 64, 32)


def test_a_manifest_with_a_key_too_many_is_refused(generation: Path) -> None:
    values = json.loads((generation / MANIFEST_FILE).read_text(encoding="utf-8"))
    (generation / MANIFEST_FILE).write_text(json.dumps(values | {"surplus": 1}))

    with pytest.raises(BundleError, match=r"manifest\.json: SHA-256 \w{64}, but it states \w{64}"):
        Manifest.read(generation)


@pytest.mark.parametrize("name", ["faq.jsonl", "vectors.faiss"])
def test_a_file_with_another_content_is_refused_with_both_checksums(
    generation: Path, name: str
) -> None:
    manifest = Manifest.read(generation)
    wanted = manifest.files[name]
    whole = (generation / name).read_bytes()
    (generation / name).write_bytes(whole[::-1])
    found = FileRecord.of(generation / name)

    message = (
        rf"{name}: {wanted.bytes} bytes with SHA-256 {found.sha256}, but the manifest records "
        rf"{wanted.bytes} bytes with {wanted.sha256}"
    )
    with pytest.raises(BundleError, match=message):
        manifest.verify(generation)


def test_a_missing_file_is_refused(generation: Path) -> None:
    (generation / "vectors.faiss").unlink()

    with pytest.raises(BundleError, match=r"vectors\.faiss: missing\. Rebuild with"):
        Manifest.read(generation).verify(generation)


def test_a_directory_in_place_of_a_file_is_refused(generation: Path) -> None:
    (generation / "vectors.faiss").unlink()
    (generation / "vectors.faiss").mkdir()

    with pytest.raises(BundleError, match=r"vectors\.faiss: unreadable \(Is a directory\)"):
        Manifest.read(generation).verify(generation)


def test_the_encoder_that_made_the_vectors_is_accepted(generation: Path) -> None:
    Manifest.read(generation).require_encoder("a" * 64, 32, generation)


@pytest.mark.parametrize(("fingerprint", "dimension"), [("c" * 64, 32), ("a" * 64, 33)])
def test_another_encoder_is_refused_with_both_fingerprints(
    generation: Path, fingerprint: str, dimension: int
) -> None:
    wanted = (
        rf"made by encoder {'a' * 64} of dimension 32, but the encoder given is "
        rf"{fingerprint} of dimension {dimension}\. .*rebuild with `mundap index build`"
    )
    with pytest.raises(BundleError, match=wanted):
        Manifest.read(generation).require_encoder(fingerprint, dimension, generation)
