"""What is written beside takes its place whole, or what was there stays."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from mundap.index import durable
from mundap.index.durable import replaced_directory, replaced_file

# Writes generation after generation of a file and a directory, each full of one digit.
WRITER = """
import sys
from itertools import count
from pathlib import Path
from mundap.index import durable
from mundap.index.durable import replaced_directory, replaced_file

folder = Path(sys.argv[1])
for number in count():
    text = str(number % 10) * 50_000
    with replaced_file(folder / "file.txt") as partial:
        partial.write_text(text)
    with replaced_directory(folder / "directory") as partial:
        (partial / "deep").mkdir()
        for name in ("one.txt", "deep/two.txt"):
            (partial / name).write_text(text)
    if number == 3:
        print("ready", flush=True)
"""


class FullDiskError(Exception):
    """What a test lets happen."""


def everything(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def test_a_file_takes_its_place_with_its_suffix_and_its_folders(tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / "table.csv"
    for text in ("old", "new"):
        with replaced_file(target) as partial:
            assert (partial.parent, partial.suffix) == (target.parent, ".csv")
            partial.write_text(text)
    assert everything(tmp_path) == {"new/folder/table.csv": "new"}


def test_a_directory_takes_the_place_of_one_with_other_files(tmp_path: Path) -> None:
    target = tmp_path / "new" / "encoder"
    for name in ("old.txt", "deep/new.txt"):
        with replaced_directory(target) as partial:
            (partial / name).parent.mkdir(exist_ok=True)
            (partial / name).write_text(name)
    assert everything(tmp_path) == {"new/encoder/deep/new.txt": "deep/new.txt"}
    assert [path.name for path in target.parent.iterdir()] == ["encoder"]


def test_an_error_leaves_what_was_there_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    (tmp_path / "directory" / "in.txt").write_text("old")
    (tmp_path / "file.txt").write_text("old")
    with suppress(FullDiskError), replaced_file(tmp_path / "file.txt") as file:
        file.write_text("half")
        raise FullDiskError
    with suppress(FullDiskError), replaced_directory(tmp_path / "directory") as directory:
        (directory / "in.txt").write_text("half")
        raise FullDiskError
    assert everything(tmp_path) == {"directory/in.txt": "old", "file.txt": "old"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["directory", "file.txt"]


def test_all_is_on_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def synced(descriptor: int) -> None:
        steps.append(f"sync {Path(os.readlink(f'/proc/self/fd/{descriptor}')).name}")
        fsync(descriptor)

    def renamed(path: Path, target: Path) -> Path:
        steps.append(f"rename to {target.name}")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed)
    with replaced_directory(tmp_path / "encoder") as partial:
        (partial / "deep").mkdir()
        (partial / "deep" / "weights").write_text("w")
    assert set(steps[:3]) == {"sync deep", "sync weights", f"sync {partial.name}"}
    assert steps[3:] == ["rename to encoder", f"sync {tmp_path.name}"]


@pytest.mark.parametrize("attempt", range(5))
def test_a_writer_that_is_killed_leaves_whole_files(tmp_path: Path, attempt: int) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        with suppress(subprocess.TimeoutExpired):
            writer.wait(0.007 * attempt)
        writer.send_signal(signal.SIGKILL)
    texts = {name: t for name, t in everything(tmp_path).items() if not name.startswith(".")}
    for text in texts.values():
        assert (len(text), len(set(text))) == (50_000, 1)
    assert texts.keys() == {"file.txt", "directory/one.txt", "directory/deep/two.txt"}
    assert texts["directory/one.txt"] == texts["directory/deep/two.txt"]


def test_where_directories_cannot_change_places_one_makes_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "_swapped", lambda one, other: False)
    for name in ("old.txt", "new.txt"):
        with replaced_directory(tmp_path / "encoder") as partial:
            (partial / name).write_text(name)
    assert everything(tmp_path) == {"encoder/new.txt": "new.txt"}
    assert [path.name for path in tmp_path.iterdir()] == ["encoder"]


def test_what_a_link_points_to_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    for name, link in (("table.csv", "table"), ("encoder-3", "encoder")):
        (tmp_path / link).symlink_to(Path("disk") / name)
    for text in ("old", "new"):
        with replaced_file(tmp_path / "table") as partial:
            partial.write_text(text)
        with replaced_directory(tmp_path / "encoder") as partial:
            (partial / f"{text}.txt").write_text(text)
    assert everything(tmp_path / "disk") == {"encoder-3/new.txt": "new", "table.csv": "new"}
    links = {path.name: path.readlink().name for path in tmp_path.iterdir() if path.is_symlink()}
    assert links == {"table": "table.csv", "encoder": "encoder-3"}
