"""kill -9 before every step of every change leaves a bundle that serves and can be changed."""

import multiprocessing
import os
import shutil
from pathlib import Path

import pytest

from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import Manifest
from mundap.index.bundle.writer import BundleWriter
from mundap.index.encoders.registry import load_encoder
from tests.index.bundle.killed import CHANGES, killed_at
from tests.index.rebuilds import NEW, OLD, version
from tests.small_encoder import small_encoder

pytestmark = pytest.mark.slow

CANDIDATE = version(3, 3)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of which 2 serves and 3 is a candidate, each generation with its own encoder."""
    folder = tmp_path_factory.mktemp("before")
    for seed, entries in enumerate((version(1, 3), OLD, CANDIDATE)):
        encoder = small_encoder(folder / "encoder", seed)
        with BundleWriter.locked(folder / "index") as writer:
            sealed = writer.seal(entries, load_encoder(encoder), encoder_directory=encoder)
            if entries is not CANDIDATE:
                writer.promote(sealed.generation)
    return folder / "index"


@pytest.mark.parametrize(
    "change",
    [pytest.param("build", marks=pytest.mark.long), *sorted(CHANGES.keys() - {"build"})],
)
def test_a_change_that_is_killed_at_any_step_has_happened_or_not(
    change: str,
    before: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.index.bundle.killed", "tests.index.loaded_analyser"])
    encoder = small_encoder(tmp_path / "encoder", seed=9)
    step, steps, served = 0, None, set()
    while steps is None:
        directory = tmp_path / f"index-{step}"
        shutil.copytree(before, directory)
        receiver, sender = processes.Pipe(duplex=False)
        arguments = (step, change, directory, encoder, sender)
        child = processes.Process(target=killed_at, args=arguments)
        child.start()
        sender.close()
        child.join()
        steps = receiver.recv() if child.exitcode == 0 else None

        served.add(serving_after(directory))
        assert_can_be_changed(directory, encoder)
        shutil.rmtree(directory)
        step += 1
    assert step == steps + 1 > 2
    assert caplog.records == []  # not once did an older generation have to step in
    assert served == {"build": {2, 4}, "promote": {2, 3}, "rollback": {1, 2}}.get(change, {2})


def serving_after(directory: Path) -> int:
    """Return the number of what serves, which must be as it was built, with its encoder."""
    bundle = Bundle.open(directory)
    faqs = {1: version(1, 3), 2: OLD, 3: CANDIDATE, 4: NEW}
    number = bundle.manifest.generation
    assert bundle.entries == tuple(faqs[number])
    return number


def assert_can_be_changed(directory: Path, encoder: Path) -> None:
    """Build once more: nothing of what was killed is left, and nothing that is used is missing."""
    Bundle.build(directory, NEW, load_encoder(encoder), encoder_directory=encoder)
    assert Bundle.open(directory).entries == tuple(NEW)
    assert not [path for path in directory.rglob(".*") if path.name != ".lock"]
    used = {Manifest.read(path).encoder for path in Generations(directory).paths()}
    assert {path.name for path in (directory / "encoders").iterdir()} == used
