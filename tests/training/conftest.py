from pathlib import Path

import pytest

from tests.training.sentences import TEXTS
from tests.training.small_base import PAIRS, write_small_base
from tests.training.small_bert import write_small_bert


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_base(tmp_path_factory.mktemp("base"))


_TEXTS = [*TEXTS, *(text for pair in PAIRS for text in pair.texts), "그리고아니"]


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_bert(tmp_path_factory.mktemp("bert"), _TEXTS)


@pytest.fixture(scope="session")
def deep_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three layers without dropout."""
    folder = tmp_path_factory.mktemp("deep")
    return write_small_bert(folder, _TEXTS, layers=3, dropout=0.0)
