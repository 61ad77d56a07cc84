"""The owner's page of a FAQ that is too large to hold: what would edit it says how it is edited."""

from collections.abc import Iterator

import pytest

from mundap.index.bundle import large
from tests.chatbot.admin_site import OwnersClient, logged_in, shop


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnersClient]:
    """An owner of a shop whose questions count as too many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large, "LARGE", 3)
        with shop(tmp_path_factory.mktemp("shop")) as site, logged_in(site) as client:
            yield client


@pytest.mark.parametrize(
    "screen", ["entries", "entries/new", "unanswered", "changes?before=serving&after=draft"]
)
def test_a_screen_that_edits_says_which_command_does(screen: str, owner: OwnersClient) -> None:
    page = owner.get(screen)
    assert page.status_code == 409
    assert "이 화면에서 고치기에는 항목이 너무 많아요" in page.text
    assert "mundap index amend" in page.text


@pytest.mark.parametrize("screen", ["overview", "try?q=환불", "changes", "improve", "settings"])
def test_every_other_screen_is_as_ever(screen: str, owner: OwnersClient) -> None:
    assert owner.get(screen).status_code == 200


def test_no_form_takes_it_into_the_store(owner: OwnersClient) -> None:
    assert owner.post("changes/publish").status_code == 409
    assert owner.post("entries/remove", entry_id="x").status_code == 409
