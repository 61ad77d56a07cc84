"""What changes the index while it serves, in child processes."""

import sys
import time
from typing import Any

import pytest

from mundap.chatbot.home.jobs import Job, JobRunningError, Jobs

SCRIPT = """
import sys, time
from mundap.index.progress import Failure, Result, Step, write_event
"""


class Scripted(Jobs):
    """Jobs that all run one script."""

    def __init__(self, arguments: list[str]) -> None:
        super().__init__()
        self.arguments = arguments

    def begin(self) -> Job:
        return self.start(lambda: self.arguments)


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return jobs whose child runs `code` instead of a rebuild."""
    made: list[Scripted] = []

    def jobs(code: str) -> "Scripted":
        monkeypatch.setattr(
            "mundap.chatbot.home.child.mundap_command", lambda *a: [sys.executable, *a]
        )
        made.append(Scripted(["-c", f"{SCRIPT}\n{code}"]))
        return made[-1]

    yield jobs
    for one in made:
        one.close()


def test_a_job_ends_with_the_generation_it_made(scripted: Any) -> None:
    jobs = scripted('write_event(Step("x", 1, 2)); write_event(Result({"generation": 7}))')
    started = jobs.begin()
    jobs.wait()
    assert started == Job(started.job_id)
    assert jobs.get(started.job_id) == Job(
        started.job_id, "done", 100, 0.0, 7, result={"generation": 7}
    )


@pytest.mark.parametrize(
    ("done", "total", "left", "shown"),
    [(43, 100, 2.0, (43, 2.0)), (1, 300, None, (0, None)), (9, 9, 0.0, (99, 0.0))],
)
def test_a_job_follows_the_steps_of_its_child(
    scripted: Any, done: int, total: int, left: float | None, shown: tuple[int, float | None]
) -> None:
    jobs = scripted(f"write_event(Step('x', {done}, {total}, {left})); time.sleep(30)")
    job_id = jobs.begin().job_id
    while (job := jobs.get(job_id)) == Job(job_id) and shown != (0, None):
        time.sleep(0.01)
    assert (job.percent, job.eta_seconds, job.state) == (*shown, "running")


def test_only_one_job_runs_at_a_time(scripted: Any) -> None:
    jobs = scripted("time.sleep(30)")
    jobs.begin()
    with pytest.raises(JobRunningError):
        jobs.begin()


def test_a_job_that_fails_says_why_and_leaves_room_for_another(scripted: Any) -> None:
    jobs = scripted("write_event(Failure('faq.csv: no rows.')); sys.exit(2)")
    for _ in range(2):
        job_id = jobs.begin().job_id
        jobs.wait()
        assert jobs.get(job_id) == Job(
            job_id, "failed", message="faq.csv: no rows.", trouble="other"
        )


def test_a_job_that_fails_names_files_but_not_where_they_lie(
    scripted: Any, caplog: pytest.LogCaptureFixture
) -> None:
    failure = "/home/shop/data/faq.csv: no rows. See /home/shop/index/generations."
    jobs = scripted(f"write_event(Failure({failure!r})); sys.exit(2)")
    jobs.arguments += ["/home/shop/data/faq.csv", "/home/shop/index"]
    job_id = jobs.begin().job_id
    jobs.wait()
    assert jobs.get(job_id).message == "faq.csv: no rows. See index/generations."
    assert failure in caplog.text  # for who runs the service


def test_a_job_is_ended_with_the_server(scripted: Any) -> None:
    jobs = scripted("time.sleep(30)")
    job_id = jobs.begin().job_id
    jobs.close()
    assert jobs.get(job_id).state == "failed"


def test_jobs_beyond_the_last_twenty_are_forgotten(scripted: Any) -> None:
    jobs = scripted("time.sleep(30)")
    for number in range(21):
        jobs._keep(Job(f"old-{number}"))
    assert (jobs.get("old-0"), jobs.get("old-1")) == (None, Job("old-1"))


def test_a_child_that_cannot_be_started_blocks_nothing(
    scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = scripted("pass")
    monkeypatch.setattr("mundap.chatbot.home.child.mundap_command", lambda *_: ["/no/such/program"])
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            jobs.begin()
