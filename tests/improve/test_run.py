"""Whole runs on a small shop: each trains, seals, compares and promotes or not."""

import errno
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from mundap.feedback.editing.working_copy import WorkingCopy
from mundap.feedback.owners.deeds import deeds
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges, reactions
from mundap.feedback.verdicts.improvements import last_improvements
from mundap.feedback.verdicts.query_parts import parts
from mundap.improve import candidate, proof, run
from mundap.improve.bounds import Bounds
from mundap.improve.candidate import Workshop
from mundap.improve.lessons import Lessons, decided, gather
from mundap.improve.notes import ImproveError, alone
from mundap.improve.run import improve
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.generations import Generations
from mundap.index.encoders.encoder import directory_fingerprint
from mundap.index.faq.difference import Difference
from mundap.index.korean.text import match_key
from mundap.index.search.confidence import Confidence
from mundap.index.trouble import WORDS
from tests.improve.small_shop import (
    ENTRIES,
    improved,
    open_shop,
    say,
    serving,
    uncovered,
    visitors,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return open_shop(tmp_path)


def states(workshop: Workshop) -> dict[int, str]:
    return {int(path.name): state for path, state in Generations(workshop.index).states()}


def last_report(database: Database) -> Mapping[str, Any]:
    with database.reading() as connection:
        return last_improvements(connection, 1)[0].report


def test_what_owners_accepted_is_learned_proven_and_let_serve(
    shop: Workshop, database: Database
) -> None:
    say(database, [*visitors(), *uncovered()])
    ended = improved(shop, database)

    report = ended.report
    assert (ended.state, report["reason"]) == ("promoted", "better")
    assert report["trained"]["done"]
    assert report["after"]["answered_right"] > report["before"]["answered_right"] + 0.3
    assert report["right"][1] > 0
    assert report["comparison"]["differences"]["hit@1"]["verdict"] == "better"
    assert states(shop) == {1: "served", 2: "serving"}
    with database.reading() as connection:
        [kept] = last_improvements(connection, 5)
        known, done = parts(connection), deeds(connection, 1)
    assert (kept.state, kept.generation) == ("promoted", 2)
    assert kept.report == report
    assert (done[0].owner, done[0].action) == ("주인", "improve")
    assert report["learned"]["held_back"] == list(known.values()).count("test") > 30
    # Everything accepted is a phrasing now, held back or not: visitors may ask just that.
    bundle = Bundle.open(shop.index)
    asked = {match_key(query) for query, verdict, _ in visitors() if verdict == "right"}
    assert {match_key(t) for e in bundle.entries for t in e.alternates} == asked
    # A later build takes the encoder that serves; nothing else is left of the run.
    assert directory_fingerprint(shop.encoder) == bundle.manifest.encoder
    assert {path.name for path in shop.directory.iterdir()} == {".lock"}


def test_a_run_that_makes_it_worse_is_refused_in_words_and_what_serves_stays(
    shop: Workshop, database: Database
) -> None:
    say(database, [*visitors(), *uncovered()])
    improved(shop, database)
    before = {path: path.read_bytes() for path in shop.encoder.iterdir()}
    # The owner slips by a row all day long.
    say(database, visitors(["요즘", "대체", "지금"], shift=1))
    ended = improved(shop, database)

    report = ended.report
    assert (ended.state, report["reason"]) == ("refused", "fewer right")
    assert states(shop) == {1: "served", 2: "serving", 3: "sealed"}
    assert report["right"][1] < -0.02
    assert report["words"]["ko"].startswith(f"따로 떼어 둔 질문 {report['tests']['covered']}개 중 ")
    assert report["words"]["ko"].endswith("새 색인(3번)은 보관만 합니다.")
    assert "may be a fall beyond the margin of 2%" in report["words"]["en"]
    assert report["words"]["en"].endswith("the candidate (generation 3) is kept sealed.")
    broken = [one for one in report["changes"] if one["before"]["outcome"] == "right"]
    assert len(broken) > 5
    assert {
        one["entry_id"] for change in broken for one in (change["before"], change["after"])
    } <= {
        None,
        *report["questions"],
    }
    assert {path: path.read_bytes() for path in shop.encoder.iterdir()} == before
    # Nothing came since; a margin that lets everything pass is another matter.
    assert improved(shop, database).state == "nothing"
    assert (improved(shop, database, margin=1.0).state, serving(shop)) == ("promoted", 3)


def test_where_nothing_was_judged_or_nothing_since_it_says_so(
    shop: Workshop, database: Database
) -> None:
    ended = improved(shop, database)
    assert (ended.state, serving(shop)) == ("nothing", 1)
    assert ended.report["words"]["ko"].startswith("새로 배울 것이 없습니다.")
    say(database, visitors())
    assert improved(shop, database).state == "promoted"
    assert improved(shop, database).state == "nothing"
    with database.reading() as connection:
        assert len(last_improvements(connection, 5)) == 1


def test_too_few_held_back_queries_prove_nothing(shop: Workshop, database: Database) -> None:
    say(database, visitors(["알려 줘"]))
    ended = improved(shop, database)
    assert (ended.state, ended.report["reason"]) == ("refused", "too few")
    assert states(shop) == {1: "serving", 2: "sealed"}
    assert "Judge more of what visitors ask." in ended.report["words"]["en"]


def test_what_is_held_back_stays_so_and_grows(shop: Workshop, database: Database) -> None:
    say(database, visitors(["알려 줘", "궁금해요", "인가요"]))
    improved(shop, database)
    with database.reading() as connection:
        first = parts(connection)
    # Judged anew, as another entry's: a test remains a test, and what has trained tests nothing.
    say(database, visitors(["알려 줘"], shift=3))
    say(database, visitors(["좀 볼게요", "모르겠네요"]))
    improved(shop, database)
    with database.reading() as connection:
        second = parts(connection)
    assert first.items() <= second.items()
    assert len(second) == 200
    assert list(second.values()).count("test") > list(first.values()).count("test") > 0


def test_an_owners_refusal_is_a_hard_negative_and_a_test_of_its_own(
    shop: Workshop, database: Database
) -> None:
    say(database, visitors())
    wrong = [
        (query, "wrong", "배송-비용")
        for query, _, entry_id in visitors()
        if entry_id != "배송-비용"
    ]
    say(database, wrong)  # type: ignore[arg-type]
    ended = improved(shop, database)
    assert ended.state == "promoted"
    assert ended.report["learned"]["wrong"] > 100


def test_two_at_once_is_one_and_a_sentence(shop: Workshop, database: Database) -> None:
    say(database, visitors())
    with (
        alone(shop.directory),
        pytest.raises(ImproveError, match=r"^Another improvement of this FAQ is running\. Wait "),
    ):
        improved(shop, database)
    assert improved(shop, database).state == "promoted"


def test_what_fails_is_kept_with_its_reason_and_can_be_run_again(
    shop: Workshop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    say(database, visitors())
    with monkeypatch.context() as patched:
        patched.setattr(run, "seal", fail)
        with pytest.raises(OSError, match="No space left on device"):
            improved(shop, database)
    with database.reading() as connection:
        [failed] = last_improvements(connection, 5)
    assert (failed.state, failed.report["reason"]) == ("failed", "failed")
    assert failed.report["words"] == {
        "ko": f"마치지 못했습니다. 지금 쓰는 색인은 그대로입니다. {WORDS['full']['ko']}",
        "en": f"It did not finish, and what serves stays. {WORDS['full']['en']}",
    }
    assert failed.report["error"] == "[Errno 28] No space left on device"
    assert (serving(shop), improved(shop, database).state) == (1, "promoted")


def test_a_generation_that_was_let_serve_meanwhile_is_not_replaced(
    shop: Workshop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(database, visitors())
    judged = proof.judged

    def overtaken(*arguments: Any) -> Any:
        bundle = Bundle.open(shop.index)
        Bundle.build(
            shop.index,
            [replace(ENTRIES[0], answer="새 답"), *ENTRIES[1:]],
            bundle.retriever.encoder,
            encoder_directory=bundle.encoder_directory,
        )
        return judged(*arguments)

    monkeypatch.setattr(proof, "judged", overtaken)
    ended = improved(shop, database)
    assert (ended.state, ended.report["reason"]) == ("refused", "overtaken")
    assert "다시 실행해 주세요." in ended.report["words"]["ko"]
    assert Bundle.open(shop.index).entries[0].answer == "새 답"


def test_phrasings_of_the_working_copy_are_let_serve_and_other_edits_wait(
    shop: Workshop, database: Database
) -> None:
    working_copy = WorkingCopy(database)
    working_copy.take_over(ENTRIES, "주인", "faq.csv")
    state, entries = working_copy.snapshot()
    working_copy.published(1, "주인", state, Difference.between([], entries).counts())
    for query, _, entry_id in visitors():
        assert entry_id is not None
        working_copy.add_phrasing(entry_id, query, "주인")
    draft = replace(working_copy.entries()[0], answer="아직 쓰는 중")
    working_copy.save(draft, "주인")
    ended = improve(shop, database, Bounds(), "주인")
    assert ended.state == "promoted"
    first = Bundle.open(shop.index).entries[0]
    assert (first.answer, first.alternates) == (ENTRIES[0].answer, draft.alternates)
    [last, _] = working_copy.publications()
    assert (last.generation, last.deed, last.changed) == (2, state, len(ENTRIES))


def test_where_all_that_was_edited_are_phrasings_it_serves_the_working_copy(
    shop: Workshop, database: Database
) -> None:
    working_copy = WorkingCopy(database)
    working_copy.take_over(ENTRIES, "주인", "faq.csv")
    for query, _, entry_id in visitors():
        assert entry_id is not None
        working_copy.add_phrasing(entry_id, query, "주인")
    assert improved(shop, database).state == "promoted"
    state, entries = working_copy.snapshot()
    assert list(Bundle.open(shop.index).entries) == entries
    [last] = working_copy.publications()
    assert (last.generation, last.deed) == (2, state)


def test_answers_that_visitors_get_are_not_given_up(
    shop: Workshop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(database, [*visitors(), *uncovered()])
    assert improved(shop, database).state == "promoted"
    asked = visitors(["말해 줘", "알려 줄래"])
    with database.writing() as connection:
        connection.execute(insert(exchanges), [exchange(n, q) for n, (q, *_) in enumerate(asked)])
    say(database, visitors(["말해 줘"]))
    silent = replace(Confidence.usual(content=False), answer=1.0)
    monkeypatch.setattr(candidate, "fit_confidence", lambda *_, **__: silent)
    monkeypatch.setattr(proof, "judged", lenient(proof.judged))
    ended = improved(shop, database)
    report = ended.report
    assert (ended.state, report["reason"], serving(shop)) == ("refused", "fewer answered", 2)
    visited = report["visitors"]
    assert visited["queries"] == 40  # those that were judged are phrasings by now
    assert visited["before"] > visited["after"] == 0
    assert f"{visited['before']}개에 답하는데" in report["words"]["ko"]


def lenient(judged: Any) -> Any:
    """Return what judges as if held-back queries had seen no difference."""
    return lambda tests, asked, *more: judged(tests, (asked[0], asked[0]), *more)


def exchange(number: int, query: str) -> dict[str, Any]:
    return {
        "request_id": f"r{number}",
        "time": datetime(2026, 3, 2, tzinfo=UTC),
        "channel": "page",
        "query": query,
        "reading": query,
        "kind": "answer",
        "entry_id": "환불-비용",
        "candidates": ["환불-비용"],
        "generation": 1,
    }


def collected(database: Database) -> Lessons:
    """Return what a run that begins now would learn."""
    with database.reading() as connection:
        judgements = run.all_judgements(connection)
    return gather(ENTRIES, [], judgements, decided(judgements, {}))


def test_no_visitor_can_teach_it_anything(database: Database) -> None:
    say(database, visitors(["알려 줘"]))
    before = collected(database).to_json().encode()
    now = datetime(2026, 3, 2, tzinfo=UTC)
    hostile = [exchange(n, f"택배 얼마 알려 줘 {n % 7}") for n in range(10_000)]
    thumbs = [
        {
            "request_id": f"r{n}",
            "time": now,
            "value": ("up", "down", "chosen")[n % 3],
            "entry_id": "환불-비용",
            "comment": "right 환불-비용",
        }
        for n in range(10_000)
    ]
    with database.writing() as connection:
        connection.execute(insert(exchanges), hostile)
        connection.execute(insert(reactions), thumbs)
    assert collected(database).to_json().encode() == before
