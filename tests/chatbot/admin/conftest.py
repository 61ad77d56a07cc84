from collections.abc import Iterator

import pytest

from tests.chatbot.admin_site import OwnersClient, Shop, logged_in, shop


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop with weeks of visitors, and an owner."""
    with shop(tmp_path_factory.mktemp("shop"), demo=True) as running:
        yield running


@pytest.fixture
def owner(served: Shop) -> Iterator[OwnersClient]:
    with logged_in(served) as client:
        yield client
