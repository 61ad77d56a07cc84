"""Who asks after a promotion gets the new generation, whoever asks and however many do."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.writer import BundleWriter
from tests.chatbot.api_site import Site, site
from tests.chatbot.small_faq import ENTRIES, build, tiny_encoder

QUERY = {"query": "안녕하세요"}


def answered(number: int) -> tuple[str, int]:
    return f"{number}판입니다", number


def edited(number: int) -> tuple:
    return (*ENTRIES[:-1], replace(ENTRIES[-1], answer=answered(number)[0]))


def ask(api: Site) -> tuple[str, int]:
    reply = api.post("/v1/ask", QUERY).json()
    return reply["answer"], reply["generation"]


def test_the_first_who_asks_after_a_rebuild_or_a_roll_back_gets_what_serves(
    tmp_path: Path,
) -> None:
    build(tmp_path / "index", edited(1))
    with site(tmp_path) as api:
        assert ask(api) == answered(1)
        for number in (2, 3, 4):
            build(tmp_path / "index", edited(number))
            assert ask(api) == answered(number)
        with BundleWriter.locked(tmp_path / "index") as writer:
            writer.rollback(tiny_encoder())
        assert ask(api) == answered(3)


def test_nobody_under_load_gets_an_older_generation_than_was_promoted_when_he_asked(
    tmp_path: Path,
) -> None:
    build(tmp_path / "index", edited(1))
    promoted, done = 1, threading.Event()
    late: list[tuple[int, tuple[str, int]]] = []
    asked = 0

    def visit(api: Site) -> None:
        nonlocal asked
        while not done.is_set():
            least = promoted
            text, generation = ask(api)
            asked += 1
            if generation < least or (text, generation) != answered(generation):
                late.append((least, (text, generation)))

    with site(tmp_path) as api, ThreadPoolExecutor(8) as pool:
        visitors = [pool.submit(visit, api) for _ in range(8)]
        for number in range(2, 8):
            build(tmp_path / "index", edited(number))
            promoted = number
        done.set()
        for visitor in visitors:
            visitor.result()
        assert ask(api) == answered(7)
    assert (late, asked > 6) == ([], True)


def test_the_event_loop_goes_on_while_a_generation_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path / "index", edited(1))
    begun, finish = threading.Event(), threading.Event()
    opened = Bundle.open_generation

    def slowly(path: Path, *encoders: object) -> Bundle:
        begun.set()
        assert finish.wait(timeout=60)
        return opened(path, *encoders)

    with site(tmp_path) as api, ThreadPoolExecutor(4) as pool:
        build(tmp_path / "index", edited(2))
        monkeypatch.setattr(Bundle, "open_generation", slowly)
        asking = [pool.submit(ask, api) for _ in range(4)]
        assert begun.wait(timeout=60)
        for path in ("/healthz", "/readyz"):
            assert api.get(path).status_code == 200
        assert not any(one.done() for one in asking)
        finish.set()
        assert [one.result() for one in asking] == [answered(2)] * 4
