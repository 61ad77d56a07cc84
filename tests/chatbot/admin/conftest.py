from collections.abc import Iterator

import pytest

from tests.chatbot.admin_site import OwnersClient, Shop, logged_in, shop


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop with weeks of visitors, and an owner."""
    with shop(tmp_path_factory.mktemp("shop"), demo=True) as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop that nobody has visited yet, for the tests of one file."""
    with shop(tmp_path_factory.mktemp("shop")) as running:
        yield running


@pytest.fixture
def editor(site: Shop) -> Iterator[OwnersClient]:
    """An owner of that shop, who has looked at its FAQ: the working copy begins with that."""
    with logged_in(site) as client:
        client.get("entries")
        yield client


@pytest.fixture
def owner(served: Shop) -> Iterator[OwnersClient]:
    with logged_in(served) as client:
        yield client
