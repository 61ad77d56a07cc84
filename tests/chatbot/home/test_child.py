"""A child is followed by what it writes, to its end, however it ends."""

import sys

import pytest

from mundap.chatbot.home.child import Child
from mundap.index.progress import Event, Failure, Result, Step

SCRIPT = """
import os, sys, time
from mundap.index.progress import Failure, Result, Step, write_event
"""


@pytest.mark.parametrize(
    ("code", "events"),
    [
        ("", [Result()]),
        (
            "write_event(Step('모으기', 1, 2)); print('between'); write_event(Result({'n': 7}))",
            [Step("모으기", 1, 2), Result({"n": 7})],
        ),
        ("write_event(Failure('faq.csv: no rows.')); sys.exit(2)", [Failure("faq.csv: no rows.")]),
        (
            "sys.exit('mundap: a word on standard error')",
            [Failure("mundap: a word on standard error")],
        ),
        ("1 / 0", [Failure("ZeroDivisionError: division by zero")]),
        ("os.kill(os.getpid(), 9)", [Failure("exit code -9", "ended")]),
        # Of a step within a step: the first reason is the one, the next says which step it was.
        (
            "write_event(Failure('faq.csv: no rows.')); write_event(Failure('Indexing failed.')); "
            "sys.exit(2)",
            [Failure("faq.csv: no rows.")],
        ),
        # It has written that all is well, and then it dies.
        ("write_event(Result()); os._exit(3)", [Failure("exit code 3")]),
    ],
)
def test_a_child_ends_with_its_result_or_the_reason_why_not(
    code: str, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mundap.chatbot.home.child.mundap_command", lambda *a: [sys.executable, *a])
    assert list(Child.start(["-c", SCRIPT + code]).events()) == events


def test_a_mistake_reaches_the_parent_as_the_sentence_that_people_read() -> None:
    (failure,) = Child.start(["index", "build", "--faq", "nowhere.csv", "--output", "x"]).events()
    assert failure == Failure("nowhere.csv: no such file or folder.")


def test_a_child_that_is_told_to_end_ends() -> None:
    child = Child.start(["--help"])
    child.end()
    assert len(list(child.events())) == 1
