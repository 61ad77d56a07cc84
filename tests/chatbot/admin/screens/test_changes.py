"""The screen "Changes", asked as an owner's browser asks it; for real: tests/browser."""

from dataclasses import replace

import pytest

from mundap.chatbot.home.jobs import Job, Jobs, JobState
from tests.chatbot.admin.screens.test_unanswered import copy_of, text_of
from tests.chatbot.admin_site import OWNER, OwnersClient, Shop


def test_what_was_done_is_told_by_questions_also_of_an_entry_that_is_gone(
    site: Shop, editor: OwnersClient
) -> None:
    copy = copy_of(site)
    first, *_, last = copy.entries()
    copy.save(replace(first, answer=f"{first.answer} 더 궁금하면 물어보세요."), OWNER)
    copy.remove(last.entry_id, OWNER)

    page = text_of(editor.get("changes"))

    assert f"항목을 고침 · {first.question}" in page
    assert f"항목을 지움 · {last.question}" in page
    assert first.entry_id not in page
    assert last.entry_id not in page


@pytest.mark.parametrize(("state", "is_news"), [("running", True), ("done", False)])
def test_that_a_publication_has_begun_is_no_news_once_it_has_ended(
    editor: OwnersClient, monkeypatch: pytest.MonkeyPatch, state: JobState, is_news: bool
) -> None:
    job = Job("1", state, generation=2, action="publish")
    monkeypatch.setattr(Jobs, "last", lambda _: job)
    page = text_of(editor.get("changes?done=publish"))
    assert ("게시를 시작했어요." in page) == is_news
