"""Both databases, empty: what the store promises holds on each."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mundap.feedback.store.database import Database
from tests.feedback.postgres import Postgres, installed


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL server of our own, until the tests end."""
    binaries = installed()
    if binaries is None:
        assert not os.environ.get("CI"), "CI is to have PostgreSQL; .ci/run installs it"
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with Postgres.started(binaries) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a store that nothing is in yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_schema()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database.open(url)
    yield database
    database.close()
