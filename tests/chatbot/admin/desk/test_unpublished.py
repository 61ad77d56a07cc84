"""How many changes wait to be published, said on every screen."""

import re
from dataclasses import replace

import pytest

from mundap.chatbot.home.draft import Draft
from tests.chatbot.admin.screens.test_unanswered import copy_of
from tests.chatbot.admin_site import OwnersClient, Shop


def waiting(editor: OwnersClient, screen: str = "overview") -> str | None:
    found = re.search(r'<span class="count">([\d,]+)<', editor.get(screen).text)
    return found and found[1]


def test_it_is_the_number_of_entries_that_changed(site: Shop, editor: OwnersClient) -> None:
    copy = copy_of(site)
    first, second = copy.entries()[:2]
    assert waiting(editor) is None
    deeds = [copy.save(replace(first, answer=f"{n}일 걸려요."), "cli") for n in (1, 2)]
    deeds.append(copy.remove(second.entry_id, "cli"))
    assert {waiting(editor, screen) for screen in ("overview", "changes", "settings")} == {"2"}
    assert '<span class="unseen">개 게시 전</span>' in editor.get("overview").text
    for deed in reversed(deeds):
        copy.undo(deed, "cli")
    assert waiting(editor) is None


def test_nobody_counts_anew_while_nothing_changes(
    site: Shop, editor: OwnersClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copy_of(site)
    assert waiting(editor) is None
    deed = copy.save(replace(copy.entries()[0], answer="내일 와요."), "cli")
    counted: list[Draft] = []
    unpublished = Draft.unpublished

    def counting(draft: Draft) -> object:
        counted.append(draft)
        return unpublished(draft)

    monkeypatch.setattr(Draft, "unpublished", counting)
    assert [waiting(editor, "settings") for _ in range(5)] == ["1"] * 5
    assert len(counted) == 1
    copy.undo(deed, "cli")
    assert waiting(editor, "settings") is None
    assert len(counted) == 2
