"""The screen "Entries", asked as an owner's browser asks it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mundap.feedback.editing.working_copy import WorkingCopy
from mundap.index.bundle.findings import FINDINGS_FILE, dump_findings
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.problems import FaqProblem
from tests.chatbot.admin.screens.test_unanswered import follow, text_of, undone
from tests.chatbot.admin_site import OwnersClient, Shop
from tests.feedback.unanswered.store import ask


@pytest.fixture
def copy(site: Shop, editor: OwnersClient) -> WorkingCopy:
    assert site.service.database is not None
    return WorkingCopy(site.service.database)


def form_of(editor: OwnersClient, entry: FaqEntry) -> dict[str, str]:
    """Return what the form of an entry holds when it is opened."""
    page = editor.client.get("/admin/entries/edit", params={"entry_id": entry.entry_id}).text
    version = re.search(r'name="version" value="(\w+)"', page)
    assert version is not None
    return {
        "entry_id": entry.entry_id,
        "version": version[1],
        "question": entry.question,
        "answer": entry.answer,
        "phrasings": "\r\n".join(entry.alternates),
        "category": entry.category,
        "question_en": entry.question_en,
        "answer_en": entry.answer_en,
    }


def test_entries_are_looked_for_in_all_their_texts(editor: OwnersClient, copy: WorkingCopy) -> None:
    entry = copy.entries()[3]
    copy.save(
        FaqEntry("", "외계인도 주문하나요?", "우주복은 없어요.", ("화성 배송",), "기타"), "cli"
    )

    assert f"{len(copy.entries())}개 항목" in text_of(editor.get("entries"))
    for text in ("외계인", "우주복", "화성 배송"):
        page = text_of(editor.get(f"entries?text={text}"))
        assert "1개 항목" in page
        assert "외계인도 주문하나요?" in page
    assert entry.question not in editor.get("entries?category=기타").text
    assert "그런 항목이 없어요" in text_of(editor.get("entries?text=없는말없는말"))


def test_long_lists_have_pages_that_keep_what_was_looked_for(
    editor: OwnersClient, copy: WorkingCopy
) -> None:
    for number in range(60):
        copy.save(FaqEntry("", f"긴 목록 질문 {number:02}번?", "답이에요.", (), "긴 목록"), "cli")

    first = editor.get("entries?category=긴 목록")
    assert "긴 목록 질문 49번?" in first.text
    assert "긴 목록 질문 50번?" not in first.text
    link = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert link is not None
    second = editor.client.get(first.url.join(link[1].replace("&amp;", "&")))
    assert "긴 목록 질문 50번?" in second.text
    assert "2쪽 가운데 2쪽" in text_of(second)


def test_an_entry_is_given_its_english(editor: OwnersClient, copy: WorkingCopy) -> None:
    entry = copy.entries()[1]
    said = {"question_en": "How much is delivery?", "answer_en": "3,000 won,\nfree from 50,000."}

    form = form_of(editor, entry) | said
    follow(editor, editor.post("entries/save", **form | {"answer_en": said["answer_en"] + "\r\n"}))

    assert copy.entry(entry.entry_id) == replace(entry, **said)
    page = editor.client.get("/admin/entries/edit", params={"entry_id": entry.entry_id}).text
    assert 'value="How much is delivery?"' in page
    assert "free from 50,000.</textarea>" in page


def test_an_entry_is_edited_and_that_taken_back(editor: OwnersClient, copy: WorkingCopy) -> None:
    entry = copy.entries()[0]
    form = form_of(editor, entry)

    form |= {"answer": "첫째 줄\r\n둘째 줄", "phrasings": "한 가지 말\r\n\r\n  다른 말 \r\n"}
    page = follow(editor, editor.post("entries/save", **form))

    assert "저장했어요" in text_of(page)
    saved = copy.entry(entry.entry_id)
    assert saved is not None
    assert (saved.answer, saved.alternates) == ("첫째 줄\n둘째 줄", ("한 가지 말", "다른 말"))
    undone(editor, page)
    assert copy.entry(entry.entry_id) == entry


def test_a_preview_shows_marks_and_links_and_saves_nothing(
    editor: OwnersClient, copy: WorkingCopy
) -> None:
    entry = copy.entries()[1]
    answer = "**굵게** [누리집](https://example.kr)\r\n<script>alert(1)</script>"

    page = editor.post(
        "entries/save", **(form_of(editor, entry) | {"answer": answer, "preview": "1"})
    )

    assert "<strong>굵게</strong>" in page.text
    assert 'href="https://example.kr"' in page.text
    assert "<script>alert(1)" not in page.text
    assert copy.entry(entry.entry_id) == entry


def test_two_owners_lose_nothing(editor: OwnersClient, copy: WorkingCopy) -> None:
    entry = copy.entries()[2]
    form = form_of(editor, entry)
    copy.add_phrasing(entry.entry_id, "다른 사람이 더한 말", "박두리")
    theirs = copy.entry(entry.entry_id)

    page = editor.post("entries/save", **(form | {"answer": "내가 고친 답"}))

    assert page.status_code == 409
    assert "그사이 다른 사람이 이 항목을 고쳤어요" in page.text
    assert "내가 고친 답" in page.text
    assert "다른 사람이 더한 말" in page.text
    assert copy.entry(entry.entry_id) == theirs

    version = re.search(r'name="version" value="(\w+)"', page.text)
    assert version is not None
    again = form | {"answer": "내가 고친 답", "version": version[1]}
    assert editor.post("entries/save", **again).status_code == 303
    saved = copy.entry(entry.entry_id)
    assert saved is not None
    assert saved.answer == "내가 고친 답"


def test_what_is_typed_outlives_a_removal_by_another(
    editor: OwnersClient, copy: WorkingCopy
) -> None:
    copy.save(FaqEntry("", "곧 지워질 질문?", "답이에요."), "cli")
    entry = copy.entries()[-1]
    form = form_of(editor, entry)
    copy.remove(entry.entry_id, "박두리")

    page = editor.post("entries/save", **(form | {"answer": "공들여 쓴 답"}))

    assert page.status_code == 409
    assert "저장하면 새 항목이 돼요" in page.text
    assert "공들여 쓴 답" in page.text
    assert 'name="entry_id" value=""' in page.text


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("question", "?!", "질문을 글자로 적어 주세요"),
        ("answer", "...", "답을 글자로 적어 주세요"),
        ("phrasings", "^^;;", "다른 표현은 글자로 적어 주세요"),
    ],
)
def test_what_says_nothing_is_refused_in_a_sentence(
    editor: OwnersClient, copy: WorkingCopy, field: str, text: str, sentence: str
) -> None:
    entry = copy.entries()[4]

    page = editor.post("entries/save", **(form_of(editor, entry) | {field: text}))

    assert page.status_code == 422
    assert sentence in page.text
    assert copy.entry(entry.entry_id) == entry


def test_an_entry_is_removed_and_put_back_where_it_stood(
    editor: OwnersClient, copy: WorkingCopy
) -> None:
    before = copy.entries()

    page = follow(editor, editor.post("entries/remove", entry_id=before[5].entry_id))

    assert "항목을 지웠어요" in text_of(page)
    assert copy.entries() == before[:5] + before[6:]
    undone(editor, page)
    assert copy.entries() == before


def test_a_page_of_an_entry_that_is_gone_leads_to_the_list(editor: OwnersClient) -> None:
    page = follow(editor, editor.get("entries/edit?entry_id=nobody"))

    assert "그 항목은 이제 없어요" in text_of(page)


def test_an_entry_shows_who_asked_it_and_what_it_is_taken_for(
    site: Shop, editor: OwnersClient, copy: WorkingCopy
) -> None:
    entry, rival = copy.entries()[6:8]
    now = datetime.now(UTC)
    with copy.database.writing() as connection:
        for query, age in (("지난주에 물은 말", 7), ("작년에 물은 말", 365)):
            ask(
                connection,
                query,
                "answer",
                entry_id=entry.entry_id,
                confidence=0.9,
                time=now - timedelta(days=age),
            )
    ids = (entry.entry_id, rival.entry_id)
    problem = FaqProblem("confusable", ids, "close", "say more", ("", ""), 0.93)
    (site.service.live.get().path / FINDINGS_FILE).write_text(dump_findings([problem]), "utf-8")

    page = text_of(editor.client.get("/admin/entries/edit", params={"entry_id": entry.entry_id}))

    assert "지난주에 물은 말" in page
    assert "작년에 물은 말" not in page
    assert "헷갈리기 쉬운 항목" in page
    assert rival.question in page
