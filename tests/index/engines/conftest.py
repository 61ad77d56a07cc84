"""The servers of engines that have one."""

from collections.abc import Iterator

import pytest

from tests import milvus, milvus_cluster


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


@pytest.fixture(scope="session")
def cluster() -> Iterator[milvus_cluster.Cluster]:
    if (reason := milvus_cluster.why_not()) is not None:
        pytest.skip(reason)
    with milvus_cluster.cluster() as found:
        yield found
