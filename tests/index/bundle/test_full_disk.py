"""A disk that is really full while a large FAQ is built."""

import errno
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mundap.index.bundle import large_build
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import BundleError
from tests.full_disk import resize, small_disk
from tests.index.bundle.large import FAQ, build_large
from tests.tiny_encoder import TinyEncoder

WHOLE, PAGE = 1 << 26, 4096
# The last file of each step of a build, in their order.
STEPS = {
    "entries": "key.json",
    "blocks": "blocks/000007.npz",
    "lists": "lists.faiss",
    "words": "query_layer.npz",
    "the generation": "findings.json",
}
LATER = [replace(entry, answer=f"{entry.answer} 주말은 빼요.") for entry in FAQ]


def contents(directory: Path) -> dict[str, bytes]:
    path = Generations(directory).current()
    return {f.name: f.read_bytes() for f in path.iterdir() if f.name != "manifest.json"}


def unfinished(directory: Path) -> str:
    """Return the first step that a build which ran out of room had not finished."""
    building = directory / ".building"
    left = (step for step, last in STEPS.items() if not (building / last).exists())
    return next(left, "the manifest")


@pytest.mark.slow
def test_a_build_that_runs_out_of_room_anywhere_goes_on_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what served serves until then; of what it will want nothing is known beforehand."""
    monkeypatch.setattr(large_build.LargeBuild, "_lacking", lambda build: 0)
    build_large(tmp_path / "whole", TinyEncoder(), faq=LATER)
    wanted = contents(tmp_path / "whole")
    steps, pages, finished = set(), 2, False
    with small_disk(tmp_path / "disk", WHOLE) as disk:
        build_large(disk / "served", TinyEncoder())
        served = contents(disk / "served")
        while not finished:
            directory = disk / "index"
            shutil.copytree(disk / "served", directory)
            resize(disk, shutil.disk_usage(disk).used + pages * PAGE)
            refusal = why_not_built(directory)
            finished = refusal is None
            if refusal is not None:
                assert re.fullmatch(
                    rf"{re.escape(str(directory))}: the generation could not be written "
                    r"\([^()]+\)\. What serves stays\.",
                    refusal,
                )
                steps.add(unfinished(directory))
                assert contents(directory) == served
                assert list(Bundle.open(directory, TinyEncoder()).entries) == FAQ
            resize(disk, WHOLE)
            assert finished or why_not_built(directory) is None
            assert contents(directory) == wanted, pages
            shutil.rmtree(directory)
            pages += 3

    assert steps == {*STEPS, "the manifest"}


def why_not_built(directory: Path) -> str | None:
    try:
        build_large(directory, TinyEncoder(), faq=LATER)
    except BundleError as error:
        return str(error)
    return None


def test_a_disk_that_will_not_hold_it_is_told_before_anything_is_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_build, "_WORD_BYTES", 10**9)
    encoder = TinyEncoder()
    with small_disk(tmp_path / "disk", WHOLE) as disk:
        with pytest.raises(BundleError) as refused:
            build_large(disk / "index", encoder)
        free = shutil.disk_usage(disk).free / 1e6

    assert str(refused.value) == (
        f"{disk / 'index'}: the generation could not be written (No space left on device; "
        f"{free:,.0f} MB are free, about 40,000 MB are still to be made; with room for them the "
        "same command goes on where it was). What serves stays."
    )
    assert encoder.encoded == []


def test_what_is_made_is_not_asked_room_for_again(tmp_path: Path) -> None:
    build = large_build.LargeBuild(tmp_path / ".building", FAQ, TinyEncoder())
    before = build._lacking()
    build._encode(lambda *_: None)

    whole = len(build.passages) * (9 * TinyEncoder().dimension // 4 + 230)
    assert whole - 2 * PAGE <= before <= whole  # the vectors' file has a heading
    assert build._lacking() < before


@pytest.mark.parametrize("number", [errno.EDQUOT, errno.EROFS, errno.EIO])
def test_whatever_the_system_says_is_said(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(build: large_build.LargeBuild, row: object, place: object) -> None:
        raise OSError(number, "무엇이든")

    monkeypatch.setattr(large_build.LargeBuild, "_write", refused)
    with pytest.raises(BundleError, match=r"could not be written \(무엇이든; [\d,]+ MB are free"):
        build_large(tmp_path, TinyEncoder())
