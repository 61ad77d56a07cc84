"""`mundap unanswered`, and what is left of it when it is killed."""

import signal
import subprocess
from pathlib import Path

import pytest

from mundap.chatbot.home.child import mundap_command, mundap_environment
from mundap.chatbot.home.home import Home
from mundap.chatbot.settings import ChatSettings
from mundap.feedback.store.database import Database
from mundap.feedback.unanswered.groups import grouping, groups
from mundap.index.encoders.encoder import Encoder
from mundap.index.progress import AS_JSON, Step, read_event
from tests.command_lines import Mundap, assert_refused
from tests.feedback.unanswered.store import ask
from tests.served_bundle import served_bundle

PARKING = ("매장에 주차할 수 있나요", "매장에 주차할 수 있나요?", "매장 주차 할 수 있나요")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, default_encoder: Encoder) -> Path:
    return served_bundle(tmp_path_factory.mktemp("served") / "index", default_encoder)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    home = Home.of(ChatSettings(home=tmp_path / "home"))
    return Database.of(None, home.directory)


def asked(database: Database, *queries: str) -> None:
    with database.writing() as connection:
        for query in queries:
            ask(connection, query)


def test_the_largest_groups_are_printed_with_their_number_and_last_day(
    mundap: Mundap, index: Path, database: Database
) -> None:
    asked(database, "기린은 몇 살까지 사나요", *PARKING)

    done = mundap("unanswered", "--index", index, "--top", "1")

    assert done.code == 0
    assert "2 groups of questions without a good answer." in done.err
    [line] = done.out.splitlines()
    assert line.split()[0] == "3"
    assert "2026-03-02" in line
    assert line.endswith(PARKING)


def test_without_questions_there_are_no_groups(
    mundap: Mundap, index: Path, database: Database
) -> None:
    done = mundap("unanswered", "--index", index)

    assert (done.code, done.out) == (0, "")
    assert "0 groups" in done.err


def test_without_an_index_it_says_how_to_get_one(mundap: Mundap, tmp_path: Path) -> None:
    assert_refused(mundap("unanswered", "--index", tmp_path / "nothing"), "mundap index build")


@pytest.mark.slow
def test_a_killed_one_leaves_the_groups_of_before_and_the_next_goes_on(
    mundap: Mundap, index: Path, database: Database, tmp_path: Path
) -> None:
    asked(database, *PARKING)
    assert mundap("unanswered", "--index", index).code == 0
    before = state(database)
    asked(database, *(f"{number}번 창구는 어디예요" for number in range(9_000)))

    arguments = ["unanswered", "--index", str(index), "--home", str(tmp_path / "home")]
    with subprocess.Popen(
        mundap_command(*arguments),
        env={**mundap_environment(), **AS_JSON},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        assert child.stdout is not None
        steps = (read_event(line) for line in child.stdout)
        next(step for step in steps if isinstance(step, Step))
        child.kill()
    assert child.returncode == -signal.SIGKILL
    assert state(database) == before

    assert mundap("unanswered", "--index", index).code == 0
    with database.reading() as connection:
        last = grouping(connection)
        assert last is not None
        assert last.exchange_id == 9_003


def state(database: Database) -> object:
    with database.reading() as connection:
        return grouping(connection), groups(connection, 0, 100)
