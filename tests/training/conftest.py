import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.training.sentences import TEXTS
from tests.training.small_base import PAIRS, write_small_base
from tests.training.small_bert import write_small_bert


@pytest.fixture(scope="session", autouse=True)
def _nothing_old_is_collected() -> Iterator[None]:
    """Spare the collector what was imported: each trained encoder ends with a whole collection."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [*TEXTS, *(text for pair in PAIRS for text in pair.texts), "그리고아니"]
    return write_small_bert(tmp_path_factory.mktemp("bert"), texts)
