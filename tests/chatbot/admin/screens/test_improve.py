"""The screen "Improve", asked as an owner's browser asks it; for real: tests/browser."""

import errno

import pytest

from mundap.chatbot.home.jobs import Action, Job, JobRunningError, Jobs
from mundap.feedback.verdicts.improvements import begin_improvement, end_improvement
from mundap.improve.lessons import Lessons
from mundap.improve.report import begun
from mundap.improve.words import INTERRUPTED, NOTHING, failed_words
from mundap.index.bundle.manifest import BundleBusyError
from mundap.index.trouble import TROUBLES, WORDS, Trouble
from tests.chatbot.admin.screens.test_unanswered import copy_of, text_of
from tests.chatbot.admin_site import OwnersClient, Shop

# As a child process says to who runs the server.
ENGLISH = "/srv/index: another rebuild is running. Wait for it to end."


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


@pytest.mark.parametrize("screen", ["improve", "changes"])
@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_why_a_job_failed_is_said_in_the_owners_language(
    editor: OwnersClient,
    monkeypatch: pytest.MonkeyPatch,
    screen: str,
    trouble: Trouble,
    language: str,
) -> None:
    action: Action = "improve" if screen == "improve" else "publish"
    failed = Job("1", "failed", message=ENGLISH, trouble=trouble, action=action)
    monkeypatch.setattr(Jobs, "last", lambda _: failed)
    page = text_of(editor.get(f"{screen}?lang={language}"))
    assert WORDS[trouble][language] in page
    assert ENGLISH not in page
    editor.get("improve?lang=ko")


@pytest.mark.parametrize(
    ("path", "screen"), [("improve", "improve"), ("changes/publish", "changes")]
)
def test_why_a_job_could_not_begin_is_said_in_the_owners_language(
    editor: OwnersClient, monkeypatch: pytest.MonkeyPatch, path: str, screen: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Jobs, "start", full)
    answer = editor.post(path)
    assert answer.status_code == 503
    assert WORDS["full"]["ko"] in answer.text
    assert "No space left" not in answer.text


def test_a_failed_run_is_told_of_in_the_owners_language(site: Shop, editor: OwnersClient) -> None:
    error = BundleBusyError(ENGLISH)
    with copy_of(site).database.writing() as connection:
        number = begin_improvement(connection, {"baseline": 1})
        report = {"reason": "failed", "words": failed_words(error), "error": ENGLISH}
        end_improvement(connection, number, "failed", None, report)
    page = text_of(editor.get("improve"))
    assert WORDS["busy"]["ko"] in page
    assert ENGLISH not in page


def test_that_there_was_nothing_to_learn_is_said(
    editor: OwnersClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = {"state": "nothing", "words": NOTHING}
    monkeypatch.setattr(Jobs, "last", lambda _: Job("1", "done", action="improve", result=result))
    assert NOTHING["ko"] in text_of(editor.get("improve"))
