"""The servers of engines that have one."""

from collections.abc import Iterator

import pytest

from tests import milvus


@pytest.fixture(scope="session")
def lite() -> Iterator[milvus.Milvus]:
    with milvus.lite() as server:
        yield server


@pytest.fixture(scope="session")
def real() -> Iterator[milvus.Milvus]:
    if milvus.REAL is None:
        pytest.skip(milvus.WHY_NOT)
    with milvus.real() as server:
        yield server
