"""What an owner says is no answer: kept as a verdict, undone, and learned from."""

import re
from datetime import UTC, datetime

import httpx

from mundap.feedback.verdicts.judgements import all_judgements
from mundap.improve.lessons import Lessons, gather
from mundap.index.korean.text import match_key
from tests.chatbot.admin.screens.test_unanswered import (
    asked,
    copy_of,
    follow,
    judged,
    text_of,
    undone,
)
from tests.chatbot.admin_site import OwnersClient, Shop
from tests.feedback.unanswered.store import ask


def answered(site: Shop, query: str, entry_id: str) -> str:
    """Let a visitor be answered by an entry, and return the request."""
    with copy_of(site).database.writing() as connection:
        return ask(
            connection,
            query,
            "answer",
            entry_id=entry_id,
            confidence=0.99,
            time=datetime.now(UTC),
        )


def lessons_of(site: Shop) -> Lessons:
    """Return what improving would learn now, if nothing were held back."""
    with copy_of(site).database.reading() as connection:
        said = all_judgements(connection)
    published = site.service.live.get().entries
    parts = {match_key(one.query): "training" for one in said}
    return gather(published, copy_of(site).entries(), said, parts)  # type: ignore[arg-type]


def entry_page(editor: OwnersClient, entry_id: str) -> str:
    page = editor.client.get("/admin/entries/edit", params={"entry_id": entry_id})
    return text_of(page)


def proposed(page: httpx.Response, query: str) -> list[str]:
    """Return the entries that the card of a question proposes."""
    [card] = [part for part in page.text.split("<section")[1:] if f">{query}</h2>" in part]
    return re.findall(r'<li><button name="entry_id" value="([^"]+)"', card)


def test_an_answer_that_was_wrong_is_marked_and_learned_from(
    site: Shop, editor: OwnersClient
) -> None:
    entry, right = copy_of(site).entries()[2:4]
    query = "제주도에 사는데 배송비 더 내나요"
    request_id = answered(site, query, entry.entry_id)
    assert "이 항목은 답이 아니에요" in entry_page(editor, entry.entry_id)

    page = follow(
        editor, editor.post("entries/wrong", entry_id=entry.entry_id, request_id=request_id)
    )

    assert "그 항목은 답이 아니라고 적어 두었어요" in text_of(page)
    assert judged(site, query) == [("wrong", entry.entry_id)]
    assert "틀린 답으로 표시함" in entry_page(editor, entry.entry_id)
    # Which entry does answer it is asked at once, and the one that does not is none of those.
    assert "어느 항목의 표현인가요?" in text_of(page)
    assert f'value="{entry.entry_id}"' not in page.text
    [digest] = re.findall(r'name="query" value="(\w+)"', page.text)[:1]
    follow(editor, editor.post("unanswered/add", entry_id=right.entry_id, query=[digest]))
    lessons = lessons_of(site)
    assert (query, entry.entry_id) in lessons.wrong
    assert (query, right.entry_id) in [(one.query, one.entry_id) for one in lessons.accepted]

    undone(editor, page)
    assert judged(site, query) == [("right", right.entry_id)]
    assert (query, entry.entry_id) not in lessons_of(site).wrong


def test_a_proposal_that_is_wrong_gives_way_and_comes_back(
    site: Shop, editor: OwnersClient
) -> None:
    query = "새벽에도 물건이 오는지요"
    marks = asked(site, query)
    before = proposed(editor.get("unanswered"), query)
    assert len(before) == 3

    page = follow(editor, editor.post("unanswered/wrong", entry_id=before[0], query=marks))

    after = proposed(page, query)
    assert (after[:2], len(after)) == (before[1:], 3)
    assert before[0] not in after
    assert judged(site, query) == [("wrong", before[0])]
    assert (query, before[0]) in lessons_of(site).wrong

    assert proposed(undone(editor, page), query) == before
    assert judged(site, query) == []


def test_a_phrasing_that_is_refused_is_none_until_that_is_undone(
    site: Shop, editor: OwnersClient
) -> None:
    copy = copy_of(site)
    entry, query = copy.entries()[4], "퀵으로 당일에 되나요"
    copy.add_phrasing(entry.entry_id, query, "cli")
    request_id = answered(site, "퀵으로  당일에 되나요", entry.entry_id)

    page = follow(
        editor, editor.post("entries/wrong", entry_id=entry.entry_id, request_id=request_id)
    )

    assert copy.entry(entry.entry_id) == entry
    assert judged(site, query) == []
    undone(editor, page)
    kept = copy.entry(entry.entry_id)
    assert kept is not None
    assert kept.alternates == (*entry.alternates, query)
    assert judged(site, query) == [("right", entry.entry_id)]
    # The undoing is a deed, which can be undone: the verdict is "wrong" again.
    with copy.database.reading() as connection:
        deed = max(d.deed for d in copy.deeds())
        assert all_judgements(connection)
    copy.undo(deed, "cli")
    assert judged(site, "퀵으로  당일에 되나요") == [("wrong", entry.entry_id)]


def test_an_entrys_own_question_and_what_nobody_asked_are_not_refused(
    site: Shop, editor: OwnersClient
) -> None:
    entry, other = copy_of(site).entries()[5:7]
    own = answered(site, entry.question, entry.entry_id)
    assert "이 항목의 질문" in entry_page(editor, entry.entry_id)

    page = follow(editor, editor.post("entries/wrong", entry_id=entry.entry_id, request_id=own))
    assert "항목을 고치거나 지워 주세요" in text_of(page)
    for entry_id, request_id in ((other.entry_id, own), (entry.entry_id, "nobody")):
        page = follow(
            editor, editor.post("entries/wrong", entry_id=entry_id, request_id=request_id)
        )
        assert "이미 처리되었어요" in text_of(page)
    assert judged(site, entry.question) == []


def test_a_form_without_its_mark_says_nothing(site: Shop, editor: OwnersClient) -> None:
    entry_id = copy_of(site).entries()[0].entry_id
    request_id = answered(site, "위조된 판단", entry_id)
    for path in ("entries/wrong", "unanswered/wrong"):
        fields = {"entry_id": entry_id, "request_id": request_id, "query": ["x"], "csrf": "0" * 64}
        assert editor.client.post(f"/admin/{path}", data=fields).status_code == 403
    assert judged(site, "위조된 판단") == []
