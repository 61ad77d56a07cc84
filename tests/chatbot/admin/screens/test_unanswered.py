"""The screen "Unanswered", asked as an owner's browser asks it."""

import html
import re
import time
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from mundap.feedback.editing.working_copy import WorkingCopy
from mundap.feedback.store.tables import unanswered_queries
from mundap.feedback.unanswered.grouping import regroup
from mundap.feedback.unanswered.query_digest import query_digest
from mundap.feedback.verdicts.judgements import all_judgements
from mundap.index.korean.text import match_key
from tests.chatbot.admin_site import OwnersClient, Shop
from tests.feedback.unanswered.store import ask

PARKING = ("매장에 주차할 수 있나요", "매장에 주차할 수 있나요?", "매장 주차 할 수 있나요")
SECONDS = 60


def asked(site: Shop, *queries: str) -> list[str]:
    """Let visitors ask in vain, and return the digests of what they asked."""
    assert site.service.database is not None
    with site.service.database.writing() as connection:
        for query in queries:
            ask(connection, query)
    return digests(*queries)


def digests(*queries: str) -> list[str]:
    return [query_digest(match_key(query)) for query in queries]


def copy_of(site: Shop) -> WorkingCopy:
    assert site.service.database is not None
    return WorkingCopy(site.service.database)


def judged(site: Shop, query: str) -> list[tuple[str, str | None]]:
    with copy_of(site).database.reading() as connection:
        found = all_judgements(connection)
    return [(one.verdict, one.entry_id) for one in found if one.query == query]


def text_of(response: httpx.Response) -> str:
    assert response.status_code == 200, response.text
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text)))


def undone(editor: OwnersClient, response: httpx.Response) -> httpx.Response:
    """Press the button of the notice on top."""
    found = re.search(r'name="deeds" value="([\d-]+)"', response.text)
    assert found is not None
    back = re.search(r'name="back" value="(\w+)"', response.text)
    assert back is not None
    return follow(editor, editor.post("undo", deeds=found[1], back=back[1]))


def follow(editor: OwnersClient, response: httpx.Response) -> httpx.Response:
    assert response.status_code == 303, response.text
    return editor.client.get(response.url.join(response.headers["location"]))


def first_entry(site: Shop) -> str:
    return copy_of(site).entries()[0].entry_id


@pytest.mark.slow
def test_new_questions_show_at_once_and_in_groups_soon(site: Shop, editor: OwnersClient) -> None:
    asked(site, *PARKING)

    first = text_of(editor.get("unanswered"))
    assert "방금 들어온 질문" in first
    assert "비슷한 질문끼리 묶고 있어요" in first
    assert PARKING[0] in first

    deadline = time.monotonic() + SECONDS
    while "질문 3개 보고 고르기" not in (page := text_of(editor.get("unanswered"))):
        assert time.monotonic() < deadline, page
        time.sleep(0.2)
    assert "방금 들어온 질문" not in page
    assert "3번 물어봤어요" in page
    assert "답 없음 3" in page


def test_questions_become_phrasings_and_can_be_taken_back(site: Shop, editor: OwnersClient) -> None:
    queries = ("총알배송 있어요?", "총알 배송 지역")
    marks, entry_id = asked(site, *queries), first_entry(site)
    before = copy_of(site).entry(entry_id)
    assert before is not None

    done = editor.post("unanswered/add", entry_id=entry_id, query=marks)

    page = follow(editor, done)
    assert "표현 2개를 더했어요" in text_of(page)
    after = copy_of(site).entry(entry_id)
    assert after is not None
    assert after.alternates == (*before.alternates, *queries)
    assert judged(site, queries[1]) == [("right", entry_id)]
    assert queries[0] not in re.sub(r"</?h2.*", "", page.text)

    page = undone(editor, page)
    assert "되돌렸어요" in text_of(page)
    assert copy_of(site).entry(entry_id) == before
    assert judged(site, queries[1]) == []


def test_of_a_group_what_is_nearest_to_one_entry_is_ticked(
    site: Shop, editor: OwnersClient, tmp_path: Path
) -> None:
    queries = (
        "매장에 휠체어로 들어가나요",
        "매장에 휠체어로 들어가나요??!",
        "매장 휠체어로 들어가나요",
    )
    *_, other = asked(site, *queries)
    database = copy_of(site).database
    regroup(database, site.service.live.get(), tmp_path / "vectors.npz")
    with database.writing() as connection:
        column = unanswered_queries.c.nearest
        chosen = update(unanswered_queries).where(unanswered_queries.c.digest == other)
        connection.execute(chosen.values({column: "another"}))

    page = editor.get("unanswered").text

    card = next(one for one in page.split("<section") if queries[0] in one)
    ticks = dict(re.findall(r'name="query" value="(\w+)"( checked)?', card))
    assert ticks == {one: "" if one == other else " checked" for one in digests(*queries)}
    assert "표시하지 않은 질문은 다른 항목에 더 가까워 보여요." in card


def test_only_what_is_ticked_is_added(site: Shop, editor: OwnersClient) -> None:
    asked(site, "퀵배송 되나요", "드론배송 되나요")

    editor.post("unanswered/add", entry_id=first_entry(site), query=digests("드론배송 되나요"))

    assert judged(site, "드론배송 되나요") == [("right", first_entry(site))]
    assert judged(site, "퀵배송 되나요") == []


def test_what_is_ignored_stays_away_until_that_is_undone(site: Shop, editor: OwnersClient) -> None:
    marks = asked(site, "오늘 날씨 어때요 궁금")

    page = follow(editor, editor.post("unanswered/ignore", query=marks))

    assert "오늘 날씨 어때요 궁금" not in page.text
    assert judged(site, "오늘 날씨 어때요 궁금") == [("uncovered", None)]
    asked(site, "오늘 날씨 어때요 궁금")
    assert "오늘 날씨 어때요 궁금" not in editor.get("unanswered").text

    undone(editor, page)
    assert judged(site, "오늘 날씨 어때요 궁금") == []
    assert "오늘 날씨 어때요 궁금" in editor.get("unanswered").text


def test_another_entry_is_looked_for_and_chosen(site: Shop, editor: OwnersClient) -> None:
    marks = asked(site, "로켓 타고 오나요")

    page = follow(editor, editor.post("unanswered/other", query=marks))
    assert "뜻이 가까운 항목" in text_of(page)
    assert "로켓 타고 오나요" in text_of(page)

    wanted = copy_of(site).entries()[5]
    found = editor.client.get(str(page.url), params={"query": marks, "text": wanted.question})
    assert f'value="{wanted.entry_id}"' in found.text
    nothing = editor.client.get(str(page.url), params={"query": marks, "text": "없는말없는말"})
    assert "그런 항목이 없어요" in text_of(nothing)

    editor.post("unanswered/add", entry_id=wanted.entry_id, query=marks)
    assert judged(site, "로켓 타고 오나요") == [("right", wanted.entry_id)]


def test_a_new_entry_is_made_of_questions(site: Shop, editor: OwnersClient) -> None:
    queries = ("대형 가구도 설치해 주나요?", "가구 설치 기사님 오시나요", "가구랑 상관없는 말")
    marks = asked(site, *queries)

    page = follow(editor, editor.post("unanswered/new", query=marks))
    assert f'value="{queries[0]}"' in page.text
    assert queries[1] in page.text

    done = editor.post(
        "entries/save",
        question=queries[0],
        answer="네, 기사님이 설치해 드려요.",
        phrasings=queries[1] + "\r\n가구 조립",
        category="배송",
        query=marks,
    )
    page = follow(editor, done)
    assert "새 항목을 만들었어요" in text_of(page)
    made = copy_of(site).entries()[-1]
    assert (made.question, made.alternates, made.category) == (
        queries[0],
        (queries[1], "가구 조립"),
        "배송",
    )
    # What the owner took out of the form is not said to be answered.
    assert [judged(site, query) for query in queries] == [
        [("right", made.entry_id)],
        [("right", made.entry_id)],
        [],
    ]

    undone(editor, page)
    assert copy_of(site).entry(made.entry_id) is None
    assert judged(site, queries[0]) == []


def test_what_somebody_else_did_meanwhile_is_said(site: Shop, editor: OwnersClient) -> None:
    marks = asked(site, "두 번 누른 질문")
    editor.post("unanswered/ignore", query=marks)

    for path in ("unanswered/ignore", "unanswered/add"):
        page = follow(editor, editor.post(path, query=marks, entry_id=first_entry(site)))
        assert "이미 처리되었어요" in text_of(page)
    gone = asked(site, "없는 항목에 더할 질문")
    page = follow(editor, editor.post("unanswered/add", query=gone, entry_id="nobody"))
    assert "그 항목은 이제 없어요" in text_of(page)
    assert judged(site, "없는 항목에 더할 질문") == []


def test_what_was_changed_since_is_not_undone(site: Shop, editor: OwnersClient) -> None:
    page = follow(
        editor,
        editor.post("unanswered/add", query=asked(site, "하나 더"), entry_id=first_entry(site)),
    )
    copy = copy_of(site)
    copy.add_phrasing(first_entry(site), "다른 사람이 더한 말", "박두리")
    entry = copy.entry(first_entry(site))

    assert "되돌리지 않았어요" in text_of(undone(editor, page))
    assert copy.entry(first_entry(site)) == entry


@pytest.mark.parametrize("path", ["unanswered/add", "unanswered/ignore", "undo", "entries/save"])
def test_a_form_without_its_mark_changes_nothing(
    site: Shop, editor: OwnersClient, path: str
) -> None:
    marks = asked(site, "위조된 질문")
    fields = {"query": marks, "entry_id": first_entry(site), "deeds": "1"}

    response = editor.client.post(f"/admin/{path}", data={**fields, "csrf": "0" * 64})

    assert response.status_code == 403
    assert judged(site, "위조된 질문") == []


def test_hostile_text_of_visitors_is_text(site: Shop, editor: OwnersClient) -> None:
    asked(site, '<script>alert("x")</script> {{ 7 * 7 }}')

    page = editor.get("unanswered").text

    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "{{ 7 * 7 }}" in page


def test_nothing_of_it_is_seen_without_a_log_in(site: Shop) -> None:
    for path in ("unanswered", "unanswered/choose?query=a", "entries", "entries/edit?entry_id=a"):
        assert httpx.get(f"{site.url}/admin/{path}").status_code == 303
