"""What may befall a large FAQ: kills, two writers, other versions, damaged files, a copy."""

import json
import multiprocessing
import shutil
import tarfile
from functools import partial
from pathlib import Path

import pytest

from mundap.index.bundle.amendment import AMENDMENT_FILES
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.large_build import LargeBuild
from mundap.index.bundle.large_contents import LARGE_FILES
from mundap.index.bundle.manifest import BundleBusyError, BundleError, Manifest
from mundap.index.bundle.writer import BundleWriter
from mundap.index.faq.entry import FaqEntry
from tests.full_disk import read_only, small_disk
from tests.index.bundle.large import FAQ, amend_large, build_large, killed_at, merge_large
from tests.tiny_encoder import TinyEncoder

NEW = FaqEntry("new", "마일리지는 언제 사라지나요?", "2년 뒤에요.", (), "마일리지")
AMENDED = [*FAQ[1:], NEW]


@pytest.fixture(scope="module")
def amended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of which 1 was built and 2, which serves, is amended."""
    directory = tmp_path_factory.mktemp("amended") / "index"
    build_large(directory, TinyEncoder())
    amend_large(directory, [NEW], ["e0"])
    return directory


@pytest.fixture
def index(amended: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(amended, tmp_path / "index")


def faq(directory: Path) -> list[FaqEntry]:
    passages = Bundle.open(directory, TinyEncoder()).retriever.passages
    return [passages.entries[place] for place in passages.places]


def files(directory: Path) -> dict[str, bytes]:
    """Return the files of the serving generation, but for what says when it was made."""
    path = Generations(directory).current()
    found = (file for file in path.rglob("*") if file.is_file() and file.name != "manifest.json")
    return {str(file.relative_to(path)): file.read_bytes() for file in found}


def built(directory: Path) -> None:
    Bundle.build(directory, FAQ, TinyEncoder())


def roll_back(directory: Path) -> None:
    with BundleWriter.locked(directory) as writer:
        writer.rollback(TinyEncoder())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "stride"),
    [(partial(amend_large, changed=[], removed=["e1"]), 5), (merge_large, 9), (roll_back, 1)],
    ids=["amend", "merge", "rollback"],
)
def test_a_change_that_is_killed_at_any_step_has_happened_or_not_and_can_be_made_again(
    change: "partial[None]", stride: int, amended: Path, tmp_path: Path
) -> None:
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.index.bundle.large", "tests.index.loaded_analyser"])
    whole = shutil.copytree(amended, tmp_path / "whole")
    change(whole)
    before, after, wanted = faq(amended), faq(whole), files(whole)
    step, finished, served = 0, False, list[bool]()
    while not finished:
        directory = shutil.copytree(amended, tmp_path / f"index-{step}")
        child = processes.Process(target=killed_at, args=(step, directory, change))
        child.start()
        child.join()
        finished = child.exitcode == 0
        now = faq(directory)
        assert now in (before, after), step
        served.append(now == after)
        if now == before:
            change(directory)
        assert (faq(directory), files(directory)) == (after, wanted), step
        path = Generations(directory).current()
        Manifest.read(path).verify(path)
        shutil.rmtree(directory)
        step += stride

    assert served[0] is False
    assert served[-1] is True
    assert step > 2 * stride


def test_of_two_builders_at_once_the_second_is_told_so_and_disturbs_nothing(
    index: Path, tmp_path: Path
) -> None:
    build_large(tmp_path / "alone", TinyEncoder())
    refused = 0

    def meanwhile(done: int, total: int) -> None:
        nonlocal refused
        for change in (built, partial(amend_large, changed=[NEW]), roll_back):
            with pytest.raises(BundleBusyError, match="another rebuild is running"):
                change(index)
            refused += 1

    build_large(index, TinyEncoder(), meanwhile)

    assert refused >= 3
    assert files(index) == files(tmp_path / "alone")


@pytest.mark.parametrize("name", [*LARGE_FILES, *AMENDMENT_FILES])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_a_damaged_file_is_named_and_what_served_before_serves_where_it_is_whole(
    name: str, damage: str, index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = Generations(index).current() / name
    raw = file.read_bytes()
    file.unlink()  # the generation before shares it
    if damage != "gone":
        file.write_bytes(raw[:-1] if damage == "cut" else bytes([raw[0] ^ 1]) + raw[1:])

    assert faq(index) == FAQ

    assert f"{file}: " in caplog.text
    assert "Generation 000001 serves instead." in caplog.text
    with pytest.raises(BundleError, match=Path(name).name):
        Bundle.open_generation(file.parents[name.count("/")], TinyEncoder())


def test_a_generation_of_another_version_is_refused_and_the_one_before_serves(
    index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    manifest = Generations(index).current() / "manifest.json"
    values = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**values, "format": 99}), encoding="utf-8")

    assert faq(index) == FAQ
    assert "format 99, wanted 4" in caplog.text


def test_what_another_version_has_half_built_is_of_no_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ".building"
    with monkeypatch.context() as patch:
        patch.setattr("mundap.index.bundle.large_build.FORMAT", 3)
        LargeBuild(folder, FAQ, TinyEncoder())._encode(lambda *_: None)

    encoder = TinyEncoder()
    build_large(tmp_path, encoder)

    assert {*Bundle.open(tmp_path, TinyEncoder()).retriever.passages.texts[:]} <= {*encoder.encoded}


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 and nothing else", None])
def test_a_damaged_block_is_made_again_with_those_that_follow(
    damage: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_large(tmp_path / "whole", TinyEncoder())
    monkeypatch.setattr("mundap.index.bundle.large_build._BLOCK", 4)
    folder = tmp_path / "index" / ".building"
    LargeBuild(folder, FAQ, TinyEncoder())._encode(lambda *_: None)
    block = folder / "blocks" / "000003.npz"
    raw = block.read_bytes()
    middle = len(raw) // 2
    changed = raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :]
    block.write_bytes(changed if damage is None else damage)

    encoder = TinyEncoder()
    build_large(tmp_path / "index", encoder)

    texts = Bundle.open(tmp_path / "index", TinyEncoder()).retriever.passages.texts[:]
    kept = sum(len(entry.passages) for entry in FAQ[:12])
    assert encoder.encoded[: len(texts) - kept] == texts[kept:]
    assert files(tmp_path / "index") == files(tmp_path / "whole")


def test_a_copy_serves_elsewhere_whatever_becomes_of_the_original(
    index: Path, tmp_path: Path
) -> None:
    """Though the files of its generations are shared on this disk."""
    with tarfile.open(tmp_path / "index.tar", "w") as archive:
        archive.add(index, "moved")
    with tarfile.open(tmp_path / "index.tar") as archive:
        archive.extractall(tmp_path, filter="data")
    shutil.rmtree(index)

    moved = tmp_path / "moved"
    assert faq(moved) == AMENDED
    roll_back(moved)
    assert faq(moved) == FAQ
    amend_large(moved, [NEW])
    assert faq(moved) == [*FAQ, NEW]


def test_it_is_served_from_a_disk_that_cannot_be_written(index: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1 << 26) as disk:
        shutil.copytree(index, disk / "index")
        read_only(disk)
        bundle = Bundle.open(disk / "index", TinyEncoder())
        assert bundle.retriever.search(["마일리지 언제 사라져요"], 1)[0][0].entry_id == "new"
        with pytest.raises(OSError, match="Read-only"):
            (disk / "index" / "probe").touch()
        del bundle


def test_a_process_that_serves_goes_on_while_its_generation_is_removed(index: Path) -> None:
    bundle = Bundle.open(index, TinyEncoder())
    before = bundle.retriever.search(["7번 쿠폰", "마일리지"], 5)
    build_large(index, TinyEncoder())
    shutil.rmtree(bundle.path)
    assert bundle.retriever.search(["7번 쿠폰", "마일리지"], 5) == before
    assert faq(index) == FAQ
