"""`mundap owner` adds, lists, removes; the password is read from standard input or asked for."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from mundap.cli import app
from mundap.feedback.owners.owners import Owners
from mundap.feedback.store.database import Database

PASSWORD = "하나몰의 긴 비밀번호"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MUNDAP_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mundap(*arguments: str, typed: str = "") -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["owner", *arguments], input=typed)
    said = "" if done.exception is None else str(done.exception)
    return done.exit_code, done.output, said


def owners(home: Path) -> Owners:
    return Owners(Database.of(None, home / "bundled"))


def test_who_was_added_may_log_in(home: Path) -> None:
    code, said, _ = mundap("add", "김하나", "--password-stdin", typed=f"{PASSWORD}\n")
    assert code == 0
    assert said.startswith("김하나 may log in now, at /admin")
    assert owners(home).log_in("김하나", PASSWORD) is not None


def test_a_password_is_asked_for_twice_and_never_shown(home: Path) -> None:
    code, said, _ = mundap("add", "김하나", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert code == 0
    assert "Password (at least 10 characters)" in said
    assert PASSWORD not in said
    assert owners(home).log_in("김하나", PASSWORD) is not None


def test_two_that_differ_are_asked_for_again(home: Path) -> None:
    typed = f"{PASSWORD}\n{PASSWORD}?\n{PASSWORD}\n{PASSWORD}\n"
    assert mundap("add", "김하나", typed=typed)[0] == 0
    assert owners(home).log_in("김하나", PASSWORD) is not None


def test_a_short_password_is_refused_with_the_length_that_is_wanted(home: Path) -> None:
    code, _, why = mundap("add", "김하나", "--password-stdin", typed="짧아요\n")
    assert (code, why) == (1, "the password has 3 characters; wanted 10 to 256.")
    assert owners(home).names() == []


def test_owners_are_listed_one_a_line() -> None:
    assert "There is no owner yet" in mundap("list")[1]
    for name in ("이둘", "김하나"):
        mundap("add", name, "--password-stdin", typed=PASSWORD)
    assert mundap("list")[1] == "김하나\n이둘\n"


def test_another_password_and_no_owner_any_more(home: Path) -> None:
    mundap("add", "김하나", "--password-stdin", typed=PASSWORD)
    assert mundap("password", "김하나", "--password-stdin", typed="아주 새로운 비밀번호")[0] == 0
    assert owners(home).log_in("김하나", "아주 새로운 비밀번호") is not None
    assert mundap("remove", "김하나")[0] == 0
    code, _, why = mundap("remove", "김하나")
    assert (code, why) == (1, "김하나 is no owner; the owners are not yet any.")


def test_a_name_that_is_no_owners_is_not_asked_for_a_password() -> None:
    code, said, why = mundap("password", "이둘")
    assert (code, "Password" in said, why.startswith("이둘 is no owner")) == (1, False, True)
