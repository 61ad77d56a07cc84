from collections.abc import Iterator
from contextlib import closing
from io import BytesIO

import pytest

from mundap.chatbot.page.files import KEPT, FileGoneError, Files


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def files(clock: Clock) -> Iterator[Files]:
    with closing(Files(per_client=10, in_all=20, most=6, clock=clock)) as files:
        yield files


def content(files: Files, token: str) -> bytes | None:
    try:
        with files.get(token).open() as opened:
            return opened.read()
    except FileGoneError:
        return None


def test_two_readers_have_a_place_of_their_own_and_outlive_the_file(files: Files) -> None:
    kept = files.get(files.keep(BytesIO(b"one two"), "a"))
    with kept.open() as first, kept.open() as second:
        assert first.read(3) == b"one"
        files.close()
        assert second.read() == b"one two"
        assert first.read() == b" two"
        assert (first.seek(4), first.read()) == (4, b"two")


def test_a_client_gives_up_its_own_oldest_file(files: Files) -> None:
    other = files.keep(BytesIO(b"other"), "b")
    tokens = [files.keep(BytesIO(text), "a") for text in (b"11111", b"22222", b"33333")]
    assert [content(files, token) for token in tokens] == [None, b"22222", b"33333"]
    assert content(files, other) == b"other"


def test_who_holds_most_gives_up_for_all(files: Files) -> None:
    mine = files.keep(BytesIO(b"mine"), "me")
    greedy = [files.keep(BytesIO(b"x" * 10), name) for name in "abc"]
    assert content(files, mine) == b"mine"
    assert [content(files, token) is None for token in greedy].count(True) == 2


def test_empty_files_are_counted_too(files: Files) -> None:
    tokens = [files.keep(BytesIO(b""), "a") for _ in range(7)]
    assert [content(files, token) for token in tokens] == [None, *[b""] * 6]


def test_a_file_is_forgotten_after_an_hour(files: Files, clock: Clock) -> None:
    token = files.keep(BytesIO(b"x"), "a")
    clock.now = KEPT - 1
    assert content(files, token) == b"x"
    clock.now = KEPT
    assert content(files, token) is None


def test_a_token_that_was_never_given_is_no_file(files: Files) -> None:
    with pytest.raises(FileGoneError, match="not kept here"):
        files.get("../etc/passwd")
