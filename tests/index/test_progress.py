import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index import progress as module
from mundap.index.progress import (
    AS_JSON,
    Event,
    Failure,
    Result,
    Step,
    progress,
    read_event,
    write_event,
)

seconds = st.none() | st.floats(0, 1e6)
values = st.dictionaries(st.text(), st.integers() | st.text() | st.none())
events = (
    st.builds(Step, st.text(), st.integers(0), st.integers(0), seconds)
    | st.builds(Result, values)
    | st.builds(Failure, st.text())
)


@pytest.fixture
def as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in AS_JSON.items():
        monkeypatch.setenv(name, value)


@given(st.lists(events))
def test_events_are_read_as_they_were_written_one_a_line(written: list[Event]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        lines: list[str] = []
        patch.setattr(sys, "stdout", _Lines(lines))
        for name, value in AS_JSON.items():
            patch.setenv(name, value)
        for event in written:
            write_event(event)
    whole = "".join(lines)
    assert whole.isascii()  # whatever encoding the child's output has
    assert [read_event(line) for line in whole.split("\n")[:-1]] == written


class _Lines:
    def __init__(self, lines: list[str]) -> None:
        self.write = lines.append

    def flush(self) -> None: ...


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Generation 7: 3 entries",
        "[1]",
        "null",
        '"step"',
        "{}",
        '{"event": "step"}',
        '{"event": "failure", "message": "x", "more": 1}',
        '{"event": "other"}',
        '{"event": ["step"]}',
    ],
)
def test_a_line_that_is_no_event_is_none(line: str) -> None:
    assert read_event(line) is None


def test_people_see_a_bar_and_no_events(capsys: pytest.CaptureFixture[str]) -> None:
    write_event(Result({"generation": 1}))
    with progress("Embedding", "text") as advance:
        advance(1, 4)
        advance(4, 4)
    out, err = capsys.readouterr()
    assert out == ""
    assert "Embedding: 100%" in err
    assert "4/4" in err


@pytest.mark.usefixtures("as_json")
def test_programs_see_steps_as_often_as_a_bar_is_drawn_and_the_last(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([100.0, 100.0, 100.05, 102.0, 102.01])
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    with progress("Embedding") as advance:
        for done in (0, 1, 2, 4):
            advance(done, 4)
    out, err = capsys.readouterr()
    expected: list[Any] = [
        Step("Embedding", 0, 4),
        Step("Embedding", 2, 4, 2.0),
        Step("Embedding", 4, 4, 0.0),
    ]
    assert [read_event(line) for line in out.splitlines()] == expected
    assert err == ""
