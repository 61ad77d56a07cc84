import multiprocessing
import random
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic

import numpy as np
import pytest

from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.manifest import BundleError
from tests.index.rebuilds import NEW, OLD, build, rebuild, rebuild_slowly, version
from tests.tiny_encoder import TinyEncoder

pytestmark = pytest.mark.slow


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Start processes that have the libraries loaded already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.index.rebuilds", "tests.index.loaded_analyser"])
    return context


def heard(receiver: Connection) -> object:
    """Return what a child told; fails rather than waits forever for a dead one."""
    assert receiver.poll(timeout=60)
    return receiver.recv()


def kill_at_random_moments(
    directory: Path, processes: ForkServerContext, caplog: pytest.LogCaptureFixture, kills: int
) -> None:
    entries, chance = 100, random.Random(0)
    faqs = [tuple(version(number, entries)) for number in range(kills + 2)]
    receiver, sender = processes.Pipe(duplex=False)

    def start(numbers: Sequence[int]) -> BaseProcess:
        child = processes.Process(target=rebuild, args=(directory, numbers, entries, sender))
        child.start()
        return child

    def moment(told: str) -> float:
        assert heard(receiver) == told
        return monotonic()

    whole = start([0, 1])
    moments = [moment(told) for told in ["building", "writing", "built"] * 2]
    whole.join()
    # Of the second, which as all later ones finds a generation before it.
    bounds = {"building": moments[5] - moments[3], "writing": moments[5] - moments[4]}
    serving, outcomes = 1, set()
    for number in range(2, kills + 2):
        child = start([number])
        since = chance.choice(["building", "writing"])
        while heard(receiver) != since:
            pass
        child.join(timeout=chance.uniform(0, bounds[since]))
        child.kill()
        child.join()
        while receiver.poll():
            receiver.recv()
        bundle = Bundle.open(directory, TinyEncoder())
        [found] = [which for which in (serving, number) if faqs[which] == bundle.entries]
        expected = TinyEncoder().encode(bundle.retriever.passages.texts)
        np.testing.assert_array_equal(bundle.retriever.dense.engine.vectors(), expected)
        outcomes.add("new" if found == number else "old")
        # However fast the machine is just now, some kills come before the swap and some after.
        bounds[since] *= 0.8 if found == number else 1.25
        serving = found
    assert outcomes == {"old", "new"}
    assert caplog.records == []  # not once did an older generation have to step in


def test_kill_9_at_any_moment_leaves_the_old_generation_or_the_new(
    directory: Path, processes: ForkServerContext, caplog: pytest.LogCaptureFixture
) -> None:
    kill_at_random_moments(directory, processes, caplog, kills=30)


@pytest.mark.long
def test_200_kills_leave_the_old_generation_or_the_new(
    directory: Path, processes: ForkServerContext, caplog: pytest.LogCaptureFixture
) -> None:
    kill_at_random_moments(directory, processes, caplog, kills=200)


def test_of_two_rebuilds_at_once_one_wins_and_the_other_says_so_or_waits(
    directory: Path, processes: ForkServerContext
) -> None:
    begun, finish = processes.Event(), processes.Event()
    receiver, sender = processes.Pipe(duplex=False)
    patient_receiver, patient_sender = processes.Pipe(duplex=False)
    first = processes.Process(
        target=rebuild_slowly, args=(directory, 1, 0.0, begun, finish, sender)
    )
    first.start()
    assert begun.wait(timeout=60)

    with pytest.raises(BundleError, match=r"index: another rebuild is running.*--wait"):
        build(directory, NEW, TinyEncoder())
    patient = processes.Process(
        target=rebuild_slowly, args=(directory, 2, 60.0, begun, finish, patient_sender)
    )
    patient.start()
    finish.set()

    assert heard(receiver) == "built"
    assert heard(patient_receiver) == "built"
    first.join()
    patient.join()
    bundle = Bundle.open(directory, TinyEncoder())
    assert (bundle.manifest.generation, bundle.entries) == (2, tuple(version(2, 3)))


def test_a_writer_that_was_killed_leaves_no_lock(
    directory: Path, processes: ForkServerContext, tiny_encoder: TinyEncoder
) -> None:
    begun, finish = processes.Event(), processes.Event()
    _, sender = processes.Pipe(duplex=False)
    child = processes.Process(
        target=rebuild_slowly, args=(directory, 1, 0.0, begun, finish, sender)
    )
    child.start()
    assert begun.wait(timeout=60)

    child.kill()
    child.join()

    assert build(directory, OLD, tiny_encoder).generation == 1


def test_readers_never_fail_while_rebuilds_go_on(
    directory: Path, processes: ForkServerContext, caplog: pytest.LogCaptureFixture
) -> None:
    build(directory, version(0, 50), TinyEncoder())
    _receiver, sender = processes.Pipe(duplex=False)
    writer = processes.Process(target=rebuild, args=(directory, range(1, 21), 50, sender))
    seen: list[list[int]] = [[], []]
    done = threading.Event()
    failures: list[BaseException] = []

    def read(mine: list[int]) -> None:
        try:
            while not (mine and done.is_set()):
                bundle = Bundle.open(directory, TinyEncoder())
                number = bundle.manifest.generation - 1
                assert bundle.entries == tuple(version(number, 50))
                [[hit]] = bundle.retriever.search([f"제{number}판 7번째 질문입니다"], 1)
                assert hit.entry_id == "entry-7"
                mine.append(number)
        except BaseException as error:
            failures.append(error)

    readers = [threading.Thread(target=read, args=(mine,)) for mine in seen]
    writer.start()
    for reader in readers:
        reader.start()
    writer.join()
    done.set()
    for reader in readers:
        reader.join()

    assert failures == []
    assert writer.exitcode == 0
    assert caplog.records == []
    assert all(mine == sorted(mine) for mine in seen)
    assert Bundle.open(directory, TinyEncoder()).entries == tuple(version(20, 50))
