"""What one process of a launch knows and says, without starting any."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist

from mundap.training.fit.checkpoints import CheckpointError, Checkpoints
from mundap.training.launch import launch
from mundap.training.launch.launch import (
    LaunchError,
    fall_silent,
    launched_processes,
    one_voice,
    require_launch,
    require_one_process,
)
from mundap.training.launch.team import Team

pytestmark = pytest.mark.slow

COUNTS = ["WORLD_SIZE", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE"]


@pytest.fixture
def two_processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in one of two processes whose launcher keeps a store for them."""
    store: Any = dist
    server = store.TCPStore(
        "127.0.0.1", 0, is_master=True, timeout=timedelta(seconds=5), wait_for_workers=False
    )
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.setenv("MASTER_PORT", str(server.port))
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr(launch, "_GRACE", 0.0)
    yield
    del server


@pytest.mark.parametrize("name", COUNTS)
def test_a_launcher_says_how_many_it_starts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert launched_processes() == 1
    monkeypatch.setenv(name, "4")
    assert launched_processes() == 4


def test_a_launcher_that_starts_one_process_for_several_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    require_launch()
    monkeypatch.setenv("MASTER_PORT", "29500")
    monkeypatch.setenv("ACCELERATE_USE_CPU", "True")
    with pytest.raises(LaunchError, match=r"started one.*torchrun --nproc_per_node 2 -m cli"):
        require_launch()
    monkeypatch.setenv("WORLD_SIZE", "2")
    require_launch()


def test_a_gpu_is_for_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(LaunchError, match="4 processes for 2 GPUs of this machine"):
        Team.join()


@pytest.mark.parametrize("kind", ["FSDP", "DEEPSPEED", "MEGATRON_LM"])
def test_a_launcher_that_parts_the_encoder_is_refused(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ACCELERATE_USE_{kind}", "true")
    with pytest.raises(LaunchError, match=f"asked for --use_{kind.lower()}, which parts an enc"):
        require_launch()


def test_what_is_not_shared_is_refused_in_several_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    require_one_process("mundap mine")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(LaunchError, match="mundap mine runs in one process, and 2 were started"):
        require_one_process("mundap mine")


def test_one_process_says_all_that_fails_in_it() -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="too few"), one_voice():
            raise ValueError("too few")


@pytest.mark.usefixtures("two_processes")
def test_of_two_processes_that_fail_the_first_says_why() -> None:
    with pytest.raises(ValueError, match="too few"), one_voice():
        raise ValueError("too few")
    for error in (ValueError("too few"), RuntimeError("gloo: Connection closed by peer")):
        with pytest.raises(SystemExit) as end, one_voice():
            raise error
        assert end.value.code == 2


@pytest.mark.usefixtures("two_processes")
def test_a_silent_process_speaks_where_it_is_the_first_that_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fall_silent()
    sys.stdout.write("에포크 1\n")
    sys.stderr.write("에포크 1\n")
    with pytest.raises(ValueError, match="too few"), one_voice():
        raise ValueError("too few")
    sys.stderr.write("too few\n")
    assert capsys.readouterr() == ("", "too few\n")


@pytest.mark.usefixtures("two_processes")
def test_a_process_that_loses_the_other_says_so() -> None:
    with pytest.raises(LaunchError, match=r"ended without a word.*--resume goes on"), one_voice():
        raise RuntimeError("[gloo/transport/tcp/pair.cc:547] Connection closed by peer")


@pytest.mark.usefixtures("two_processes")
def test_a_mistake_of_ours_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), one_voice():
        _ = 1 / 0


def test_without_a_store_every_process_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("MASTER_PORT", raising=False)
    with pytest.raises(ValueError, match="too few"), one_voice():
        raise ValueError("too few")


def test_it_loads_no_torch() -> None:
    code = "import sys, mundap.training.launch.launch; sys.exit('torch' in sys.modules)"
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def joined(folder: Path, identity: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the checkpoints as a process does that is not the first."""
    monkeypatch.setattr(Team, "here", lambda: Team(1, 1))
    with Checkpoints.beside(folder).opened(identity, resume=False):
        pass
    monkeypatch.undo()


def test_every_process_trains_what_the_first_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "encoder"
    with Checkpoints.beside(output).opened({"config.seed": 0}, resume=False):
        joined(output, {"config.seed": 0}, monkeypatch)
        wanted = r"first process of this run has config\.seed 0, this one has 1 on .*same command"
        with pytest.raises(CheckpointError, match=wanted):
            joined(output, {"config.seed": 1}, monkeypatch)


def test_machines_that_share_no_file_system_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CheckpointError, match="All machines of a run need --output on a file sys"):
        joined(tmp_path / "encoder", {}, monkeypatch)
