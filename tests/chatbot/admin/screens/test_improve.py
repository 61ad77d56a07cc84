"""The screen "Improve", asked as an owner's browser asks it; for real: tests/browser."""

import pytest

from mundap.chatbot.home.jobs import Job, JobRunningError, Jobs
from mundap.feedback.verdicts.improvements import begin_improvement, end_improvement
from mundap.improve.lessons import Lessons
from mundap.improve.report import begun
from mundap.improve.words import INTERRUPTED, NOTHING
from tests.chatbot.admin.screens.test_unanswered import copy_of, text_of
from tests.chatbot.admin_site import OwnersClient, Shop


@pytest.mark.parametrize(
    ("language", "words"), [("ko", ("도는 중", "마치지 못함")), ("en", ("running", "failed"))]
)
def test_a_run_is_listed_from_its_first_step_to_however_it_ends(
    site: Shop, editor: OwnersClient, language: str, words: tuple[str, str]
) -> None:
    lessons = Lessons((), (), (), (), (), (), 0, 0)
    report = begun(lessons, baseline=1, margin=0.02, new=0)
    with copy_of(site).database.writing() as connection:
        number = begin_improvement(connection, report)
    assert words[0] in text_of(editor.get(f"improve?lang={language}"))
    with copy_of(site).database.writing() as connection:
        ended = {**report, "reason": "interrupted", "words": INTERRUPTED}
        end_improvement(connection, number, "failed", None, ended)
    page = text_of(editor.get(f"improve?lang={language}"))
    assert words[1] in page
    assert INTERRUPTED[language] in page
    editor.get("improve?lang=ko")


def test_who_starts_while_another_runs_is_told(
    editor: OwnersClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def running(*_: object) -> None:
        raise JobRunningError

    monkeypatch.setattr(Jobs, "start", running)
    done = editor.post("improve")
    page = editor.client.get(done.url.join(done.headers["location"]))
    assert "먼저 시작한 개선이 있어서 새로 시작하지 않았어요." in text_of(page)


def test_that_there_was_nothing_to_learn_is_said(
    editor: OwnersClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = {"state": "nothing", "words": NOTHING}
    monkeypatch.setattr(Jobs, "last", lambda _: Job("1", "done", action="improve", result=result))
    assert NOTHING["ko"] in text_of(editor.get("improve"))
