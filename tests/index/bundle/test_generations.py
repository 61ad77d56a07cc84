import stat
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from mundap.index.bundle.generations import KEEP, Generations
from mundap.index.bundle.manifest import BundleError


def anything(path: Path) -> None:
    """Every generation opens."""


def all_but(*names: str) -> Callable[[Path], None]:
    def opens(path: Path) -> None:
        if path.name in names:
            raise BundleError(f"{path}: damaged")

    return opens


def fill(text: str) -> Callable[[Path, int], None]:
    def write(directory: Path, number: int) -> None:
        (directory / "content").write_text(f"{number} {text}")

    return write


def publish(generations: Generations, text: str = "", keep: int = KEEP) -> Path:
    with generations.writing():
        path = generations.seal(fill(text))
        generations.promote(path, anything)
        generations.prune(keep)
    return path


def seal(generations: Generations) -> Path:
    with generations.writing():
        return generations.seal(fill(""))


def states(generations: Generations) -> dict[int, str]:
    return {int(path.name): state for path, state in generations.states()}


def names(generations: Generations) -> list[str]:
    return [path.name for path in generations.paths()]


def everything(directory: Path) -> dict[str, bytes]:
    """Return each file below `directory` but the lock, by its path."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in files
        if path.name != ".lock"
    }


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    return Generations(tmp_path / "index")


def test_a_published_generation_is_current(generations: Generations) -> None:
    path = publish(generations, "하나")

    assert path == generations.directory / "generations" / "000001"
    assert generations.current() == path
    assert generations.paths() == [path]
    assert everything(generations.directory) == {
        "CURRENT": b"000001\nserved\nrejected\n",
        "generations/000001/content": "1 하나".encode(),
    }


def test_others_may_read_a_generation(generations: Generations) -> None:
    assert stat.S_IMODE(publish(generations).stat().st_mode) == 0o755


def test_numbers_go_up_and_the_newest_three_are_kept(generations: Generations) -> None:
    for _ in range(5):
        publish(generations)

    assert names(generations) == ["000003", "000004", "000005"]
    assert generations.current().name == "000005"


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_what_serves_and_what_served_last_are_always_kept(
    generations: Generations, keep: int
) -> None:
    for _ in range(4):
        publish(generations, keep=keep)

    assert names(generations) == ["000003", "000004"]


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_fill_that_raises_leaves_everything_as_it_was(
    generations: Generations, error: BaseException
) -> None:
    publish(generations)
    before = everything(generations.directory)

    def fail(directory: Path, number: int) -> None:
        (directory / "content").write_text("half")
        raise error

    with pytest.raises(type(error)), generations.writing():
        generations.seal(fail)

    assert everything(generations.directory) == before
    assert publish(generations).name == "000002"


def test_a_generation_that_was_never_pointed_at_does_not_serve(
    generations: Generations, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(generations)

    def killed(self: Generations, state: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Generations, "_point", killed)
        with pytest.raises(KeyboardInterrupt):
            publish(generations)

    assert generations.current().name == "000001"
    assert publish(generations).name == "000003"
    assert generations.current().name == "000003"


def test_what_a_killed_writer_left_is_cleared_by_the_next(generations: Generations) -> None:
    publish(generations)
    folder = generations.directory / "generations"
    for leftover in (folder / ".partial-abc", folder / ".partial-000007"):
        leftover.mkdir()
        (leftover / "content").write_text("half")
    (generations.directory / ".CURRENT-abc").write_text("0000")

    assert names(generations) == ["000001"]
    assert publish(generations).name == "000002"
    assert set(everything(generations.directory)) == {
        "CURRENT",
        "generations/000001/content",
        "generations/000002/content",
    }


def test_without_a_generation_there_is_none_current(generations: Generations) -> None:
    with pytest.raises(BundleError, match=r"index: no index here\. Build one with `mundap index b"):
        generations.current()
    assert generations.paths() == []
    assert generations.stamp() == (0, 0)


@pytest.mark.parametrize("content", ["", "\n", "latest", "../000001", "-1", "1.0", "00 01"])
def test_a_garbled_current_is_refused_with_a_way_out(
    generations: Generations, content: str
) -> None:
    publish(generations)
    (generations.directory / "CURRENT").write_text(content)

    with pytest.raises(BundleError, match=r"CURRENT: holds '.*', wanted a number .*rollback"):
        generations.current()


@pytest.mark.parametrize("content", [b"\xff\xfe", "٣".encode()])
def test_a_current_of_other_bytes_is_refused(generations: Generations, content: bytes) -> None:
    publish(generations)
    (generations.directory / "CURRENT").write_bytes(content)

    with pytest.raises(BundleError, match=r"CURRENT: unreadable \("):
        generations.current()


def test_a_directory_named_current_is_refused(generations: Generations) -> None:
    (generations.directory / "CURRENT").mkdir(parents=True)

    with pytest.raises(BundleError, match=r"CURRENT: unreadable .*Is a directory"):
        generations.current()


def test_rolling_back_goes_to_the_newest_older_good_one(generations: Generations) -> None:
    for _ in range(3):
        publish(generations)

    assert generations.rollback(anything).name == "000002"
    assert generations.current().name == "000002"
    assert generations.rollback(anything).name == "000001"
    with pytest.raises(BundleError, match="no older generation to go back to"):
        generations.rollback(anything)
    assert generations.current().name == "000001"


def test_rolling_back_skips_what_is_damaged(generations: Generations) -> None:
    for _ in range(3):
        publish(generations)

    assert generations.rollback(all_but("000002")).name == "000001"


@pytest.mark.parametrize("content", [None, "garbage"])
def test_rolling_back_mends_a_lost_current(generations: Generations, content: str | None) -> None:
    for _ in range(2):
        publish(generations)
    current = generations.directory / "CURRENT"
    current.unlink() if content is None else current.write_text(content)

    assert generations.rollback(anything).name == "000002"
    assert generations.current().name == "000002"


def test_a_generation_after_a_rollback_has_a_new_number(generations: Generations) -> None:
    for _ in range(3):
        publish(generations)
    generations.rollback(anything)

    assert publish(generations).name == "000004"
    assert names(generations) == ["000002", "000003", "000004"]
    assert states(generations) == {2: "served", 3: "rejected", 4: "serving"}


def test_a_rejected_generation_is_never_rolled_back_to(generations: Generations) -> None:
    for _ in range(3):
        publish(generations)
    generations.rollback(anything)  # rejects 3
    publish(generations)

    assert generations.rollback(anything).name == "000002"
    assert states(generations) == {2: "serving", 3: "rejected", 4: "rejected"}
    with pytest.raises(BundleError, match="no older generation to go back to"):
        generations.rollback(anything)
    assert states(generations) == {2: "serving", 3: "rejected", 4: "rejected"}


def test_a_build_after_roll_backs_prunes_neither_what_serves_nor_what_served(
    generations: Generations,
) -> None:
    for _ in range(4):
        publish(generations, keep=4)
    for _ in range(2):
        generations.rollback(anything)
    with generations.writing():
        generations.prune(keep=1)
    assert states(generations) == {1: "served", 2: "serving", 4: "rejected"}

    publish(generations, keep=1)

    assert states(generations) == {2: "served", 5: "serving"}


def test_a_candidate_is_sealed_and_serves_once_it_is_promoted(generations: Generations) -> None:
    publish(generations)
    candidate = seal(generations)
    assert (generations.current().name, candidate.name) == ("000001", "000002")
    assert states(generations) == {1: "serving", 2: "sealed"}

    generations.promote(candidate, anything)

    assert states(generations) == {1: "served", 2: "serving"}


def test_a_candidate_that_never_served_is_not_rolled_back_to(generations: Generations) -> None:
    publish(generations)
    seal(generations)
    publish(generations)

    assert generations.rollback(anything).name == "000001"
    assert states(generations) == {1: "serving", 2: "sealed", 3: "rejected"}


def test_what_does_not_open_is_not_promoted(generations: Generations) -> None:
    publish(generations)
    before = everything(generations.directory)
    candidate = seal(generations)

    with pytest.raises(BundleError, match="000002: damaged"):
        generations.promote(candidate, all_but("000002"))

    assert generations.current().name == "000001"
    assert before.items() <= everything(generations.directory).items()


def test_a_rejected_generation_that_is_promoted_is_rejected_no_more(
    generations: Generations,
) -> None:
    for _ in range(2):
        publish(generations)
    generations.rollback(anything)

    generations.promote(generations.path(2), anything)

    assert states(generations) == {1: "served", 2: "serving"}
    assert generations.rollback(anything).name == "000001"


def test_without_a_promotion_nothing_serves_and_the_way_is_named(generations: Generations) -> None:
    seal(generations)

    with pytest.raises(BundleError, match=r"no generation serves\. .*`mundap index promote`"):
        generations.current()
    assert states(generations) == {1: "sealed"}
    with generations.writing():
        generations.prune(keep=1)
    assert names(generations) == ["000001"]


def test_an_unknown_number_is_refused_with_the_known_ones(generations: Generations) -> None:
    for _ in range(2):
        publish(generations)

    with pytest.raises(BundleError, match=r"index: no generation 7; there is 1, 2\."):
        generations.path(7)


def test_a_current_of_an_older_version_is_read(generations: Generations) -> None:
    for _ in range(3):
        publish(generations)
    (generations.directory / "CURRENT").write_text("000002\n")

    assert states(generations) == {1: "served", 2: "serving", 3: "sealed"}
    assert generations.rollback(anything).name == "000001"


def test_a_refused_first_build_leaves_nothing_but_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")

    for directory in (tmp_path / "new", tmp_path / "mine"):
        with pytest.raises(ZeroDivisionError), Generations(directory).writing():
            raise ZeroDivisionError

    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "notes.txt"]


def test_files_that_are_no_generation_are_left_alone(generations: Generations) -> None:
    publish(generations)
    (generations.directory / "generations" / "notes.txt").write_text("mine")

    for _ in range(4):
        publish(generations)

    assert names(generations) == ["000003", "000004", "000005"]
    assert (generations.directory / "generations" / "notes.txt").read_text() == "mine"


def test_the_stamp_changes_with_every_swap(generations: Generations) -> None:
    stamps = [generations.stamp()]
    for _ in range(5):
        publish(generations)
        stamps.append(generations.stamp())
    generations.rollback(anything)
    stamps.append(generations.stamp())

    assert all(one != other for one, other in pairwise(stamps))
    assert generations.stamp() == stamps[-1]


def test_a_second_writer_is_told_so(generations: Generations) -> None:
    with (
        generations.writing(),
        pytest.raises(BundleError, match=r"another rebuild is running\..*--wait"),
        Generations(generations.directory).writing(),
    ):
        pass

    assert publish(generations).name == "000001"
