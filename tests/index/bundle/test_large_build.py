import multiprocessing
import os
from pathlib import Path

import pytest

from mundap.index.bundle import large_build
from mundap.index.bundle.advice import advice
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.large_build import LEFT_OUT
from mundap.index.bundle.manifest import BundleError, Manifest
from mundap.index.bundle.writer import BundleWriter
from tests.index.bundle.large import FAQ, build_large, killed_at
from tests.tiny_encoder import TinyEncoder

QUERIES = ["환불 언제 돼요", "7번 쿠폰", "적립금 29 며칠", "배송", "안녕?!", "우주"]


def contents(directory: Path) -> dict[str, bytes]:
    """Return the files of the serving generation, but for what says when it was made."""
    path = Generations(directory).current()
    return {f.name: f.read_bytes() for f in path.iterdir() if f.name != "manifest.json"}


def ranked(bundle: Bundle, category: str | None = None) -> list[list[tuple[str, float]]]:
    found = bundle.retriever.search(QUERIES, 5, category=category)
    return [[(hit.entry_id, hit.score) for hit in hits] for hits in found]


@pytest.mark.parametrize("category", [None, "쿠폰", "없음"])
def test_a_large_faq_is_searched_as_a_small_one(category: str | None, tmp_path: Path) -> None:
    """But for the names that it does not learn, and vectors in half precision."""
    manifest = build_large(tmp_path / "large", TinyEncoder())
    Bundle.build(tmp_path / "small", FAQ, TinyEncoder())
    large = Bundle.open(tmp_path / "large", TinyEncoder())
    small = Bundle.open(tmp_path / "small", TinyEncoder())

    assert (manifest.index_kind, manifest.entries, manifest.passages) == ("ivf4", 30, 40)
    search = {"lists": 1, "refined": 5}
    assert manifest.large == {"recall": 1.0, "search": search, "left_out": list(LEFT_OUT)}
    assert list(large.entries) == list(small.entries)
    for found, wanted in zip(ranked(large, category), ranked(small, category), strict=True):
        assert [entry_id for entry_id, _ in found] == [entry_id for entry_id, _ in wanted]
        assert [s for _, s in found] == pytest.approx([s for _, s in wanted], abs=2e-3)


def test_reasons_and_evidence_are_those_of_a_small_one(tmp_path: Path) -> None:
    build_large(tmp_path / "large", TinyEncoder())
    Bundle.build(tmp_path / "small", FAQ, TinyEncoder())
    rankings = [
        Bundle.open(tmp_path / name, TinyEncoder()).retriever.rank(["7번 쿠폰 언제 돼요"], 3)[0]
        for name in ("large", "small")
    ]

    [large, small] = rankings
    assert large.shared == small.shared
    assert (large.dense_rank, large.bm25_rank) == (small.dense_rank, small.bm25_rank)
    assert large.evidence is not None
    assert small.evidence is not None
    assert large.evidence.coverage == pytest.approx(small.evidence.coverage)


def test_what_has_been_encoded_is_not_encoded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = TinyEncoder()
    whole = large_build.Block.write
    written: list[Path] = []

    def write(block: large_build.Block, file: Path) -> None:
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(file)
        whole(block, file)

    monkeypatch.setattr(large_build.Block, "write", write)
    with pytest.raises(BundleError, match=r"could not be written \(No space left on device; "):
        build_large(tmp_path, broken)
    monkeypatch.setattr(large_build.Block, "write", whole)

    encoder, told = TinyEncoder(), list[tuple[int, int]]()
    build_large(tmp_path, encoder, lambda done, total: told.append((done, total)))

    texts = Bundle.open(tmp_path, TinyEncoder()).retriever.passages.texts[:]
    kept = sum(len(entry.passages) for entry in FAQ[:12])
    assert broken.encoded[:kept] == texts[:kept]
    assert encoder.encoded[: len(texts) - kept] == texts[kept:]
    # So what is left is told from how fast it goes now.
    left = len(texts) - kept
    assert told[-1] == (left, left)
    assert {total for _, total in told} == {left}
    assert not (tmp_path / ".building").exists()


def test_a_build_after_one_that_was_killed_when_it_was_sealed_leaves_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are shared with the folder that the killed one left."""

    def killed(build: large_build.LargeBuild) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(large_build.LargeBuild, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            build_large(tmp_path, TinyEncoder())

    build_large(tmp_path, TinyEncoder("tiny-2", 16))

    first = tmp_path / "generations" / "000001"
    Manifest.read(first).verify(first)
    assert not (tmp_path / ".building").exists()


def test_blocks_of_another_encoder_are_of_no_use(tmp_path: Path) -> None:
    folder = tmp_path / ".building"
    large_build.LargeBuild(folder, FAQ, TinyEncoder())._encode(lambda *_: None)
    other = TinyEncoder("tiny-2")

    build_large(tmp_path, other)

    assert {*Bundle.open(tmp_path, other).retriever.passages.texts[:]} <= {*other.encoded}


def build(directory: Path) -> None:
    build_large(directory, TinyEncoder())


@pytest.mark.slow
def test_a_build_that_is_killed_at_any_step_goes_on_to_the_same_generation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.index.bundle.large", "tests.index.loaded_analyser"])
    build_large(tmp_path / "whole", TinyEncoder())
    wanted = contents(tmp_path / "whole")
    step, finished = 0, False
    while not finished:
        directory = tmp_path / f"index-{step}"
        child = processes.Process(target=killed_at, args=(step, directory, build))
        child.start()
        child.join()
        finished = child.exitcode == 0
        build_large(directory, TinyEncoder())
        assert contents(directory) == wanted, step
        path = Generations(directory).current()
        Manifest.read(path).verify(path)
        step += 7

    assert step > 10 * 7


def test_the_owner_of_a_large_faq_is_not_sent_to_fit_it(tmp_path: Path) -> None:
    build_large(tmp_path, TinyEncoder())
    bundle = Bundle.open(tmp_path, TinyEncoder())

    told = advice(bundle.path, bundle.entries, bundle.confidence)

    assert [one.about for one in told] == ["basis"]


def test_a_large_generation_is_rolled_back_to_and_damage_is_found(tmp_path: Path) -> None:
    build_large(tmp_path, TinyEncoder())
    build_large(tmp_path, TinyEncoder())
    with BundleWriter.locked(tmp_path) as writer:
        assert writer.rollback(TinyEncoder()).name == "000001"
    file = tmp_path / "generations" / "000001" / "bm25.word_gains.npy"
    file.write_bytes(file.read_bytes()[:-1] + b"\x00")

    with pytest.raises(BundleError, match=r"word_gains.npy: \d+ bytes with SHA-256"):
        Bundle.open_generation(file.parent, TinyEncoder())
