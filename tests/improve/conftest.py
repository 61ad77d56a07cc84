from collections.abc import Iterator
from pathlib import Path

import pytest

from mundap.feedback.store.database import Database
from tests.improve.small_shop import store


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = store(tmp_path)
    yield found
    found.close()
