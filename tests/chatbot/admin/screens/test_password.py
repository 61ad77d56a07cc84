"""An owner changes their own password on the page."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from mundap.feedback.owners.deeds import deeds
from tests.chatbot.admin_site import OwnersClient, Shop, shop

NAME, OLD, NEW = "박두리", "두리의 긴 비밀번호", "두리의 더 긴 비밀번호"


Enter = Callable[..., OwnersClient]


@pytest.fixture
def entered() -> Iterator[Enter]:
    """Logs that owner in with a browser of its own."""
    with ExitStack() as open_clients:

        def enter(site: Shop, password: str = OLD) -> OwnersClient:
            client = open_clients.enter_context(httpx.Client(base_url=site.url, timeout=60))
            client.post("/admin", data={"name": NAME, "password": password})
            return OwnersClient(client)

        yield enter


def is_in(owner: OwnersClient) -> bool:
    return owner.get("overview").status_code == 200


@pytest.fixture
def here(site: Shop, entered: Enter) -> Iterator[OwnersClient]:
    """An owner of whom nobody else knows the password."""
    site.owners.add(NAME, OLD)
    yield entered(site)
    site.owners.remove(NAME)


def test_who_knows_the_old_one_sets_a_new_one_and_stays_alone(
    site: Shop, here: OwnersClient, entered: Enter
) -> None:
    elsewhere = entered(site)
    assert is_in(elsewhere)

    done = here.post("password", old=OLD, new=NEW, again=NEW)

    assert done.status_code == 303
    assert "비밀번호를 바꿨어요" in here.get("password?done=changed").text
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert (is_in(entered(site)), is_in(entered(site, NEW))) == (False, True)


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        (
            {"old": "다른 비밀번호예요", "new": NEW, "again": NEW},
            401,
            "지금 비밀번호가 맞지 않아요.",
        ),
        ({"old": OLD, "new": NEW, "again": NEW + "!"}, 422, "서로 달라요."),
        ({"old": OLD, "new": "짧아요", "again": "짧아요"}, 422, "10자에서 256자까지"),
        ({}, 401, "지금 비밀번호가 맞지 않아요."),
    ],
)
def test_what_is_refused_is_said_and_changes_nothing(
    site: Shop,
    here: OwnersClient,
    entered: Enter,
    fields: dict[str, str],
    status: int,
    words: str,
) -> None:
    elsewhere = entered(site)
    page = here.post("password", **fields)
    assert page.status_code == status
    assert words in page.text
    assert NEW not in page.text
    assert (is_in(here), is_in(elsewhere), is_in(entered(site))) == (True, True, True)


def test_wrong_ones_are_counted_as_at_the_door(tmp_path: Path, entered: Enter) -> None:
    with shop(tmp_path) as site:  # of its own, as nobody comes in any more
        site.owners.add(NAME, OLD)
        here = entered(site)
        met = [here.post("password", old="몰라요", new=NEW, again=NEW) for _ in range(11)]
        assert [page.status_code for page in met] == [401] * 10 + [429]
        assert 0 < int(met[-1].headers["Retry-After"]) <= 300
        # The right one has to wait too, here and at the door.
        assert here.post("password", old=OLD, new=NEW, again=NEW).status_code == 429
        assert not is_in(entered(site))
        assert is_in(here)
        assert site.service.database is not None
        with site.service.database.reading() as connection:
            done = [deed.action for deed in deeds(connection, 10)]
        assert done == ["password_refused"] * 10
