import gc
import logging
import os
import shutil
from pathlib import Path

# Before any library of the Hugging Face family reads them.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# As many workers run as there are cores: threads of theirs would only wait for each other.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

from collections.abc import Iterator

import pytest
from hypothesis import settings

from mundap.index.encoders.morpheme_encoder import MorphemeEncoder
from tests.feedback.postgres import Postgres, installed
from tests.tiny_encoder import TinyEncoder

# The same examples every time, and no timed assertion: a slow machine is no failure.
settings.register_profile(
    "mundap", derandomize=True, deadline=None, print_blob=True, max_examples=50
)
# For a hunt: pytest --hypothesis-profile=explore
settings.register_profile("explore", deadline=None, print_blob=True, max_examples=1000)
settings.load_profile("mundap")

_MEMORY = Path("/dev/shm")
_ROOM = 4 << 30


def pytest_configure() -> None:
    """Put the folders of tests into memory where it has room, and so wait for no disk.

    The product waits for it at every change, but nothing here has to outlive a power cut.
    """
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


def pytest_collection_finish() -> None:
    """Spare the collector what was imported: else it looks through all of torch now and then."""
    gc.freeze()


@pytest.fixture(autouse=True)
def _log_of_its_own() -> Iterator[None]:
    """Let no test log to where another one, which served in this process, had its log go."""
    root = logging.getLogger()
    handlers, level, place = root.handlers[:], root.level, logging._srcfile
    yield
    root.handlers[:], logging._srcfile = handlers, place
    root.setLevel(level)


@pytest.fixture
def tiny_encoder() -> TinyEncoder:
    return TinyEncoder()


@pytest.fixture(scope="session")
def default_encoder() -> MorphemeEncoder:
    """The embedded encoder; built once per machine where its cache is empty (half a minute)."""
    from mundap.index.encoders.default import default_encoder_path

    return MorphemeEncoder.load(default_encoder_path())


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL server of our own, until the tests end."""
    binaries = installed()
    if binaries is None:
        assert not os.environ.get("CI"), "CI is to have PostgreSQL; .ci/run installs it"
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with Postgres.started(binaries) as server:
        yield server
