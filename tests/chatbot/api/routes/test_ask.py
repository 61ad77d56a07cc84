from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mundap.chatbot.settings import ENGLISH, KOREAN
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges, reactions
from tests.chatbot.api_site import Site, site
from tests.chatbot.small_faq import ENTRIES
from tests.score_confidence import probability_at
from tests.store_rows import rows

REFUND = ENTRIES[3]
# Of small_faq: probabilities, in place of the scores .7 and .3.
THRESHOLDS = {"answer": round(probability_at(0.7), 4), "suggest": round(probability_at(0.3), 4)}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("api")) as running:
        yield running


def ask(api: Site, **body: Any) -> dict[str, Any]:
    response = api.post("/v1/ask", body)
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_a_stored_question_gets_its_answer(api: Site) -> None:
    question = "환불은 언제 되나요?"
    reply = ask(api, query=question, k=0)
    request_id = reply.pop("request_id")
    assert len(request_id) == 16
    best = api.post("/v1/search", {"query": question, "k": 1}).json()["hits"][0]
    assert reply.pop("confidence") == 0.99
    assert reply == {
        "kind": "answer",
        "answer": REFUND.answer,
        "answer_html": "<p>회수 후 3일 안에 환불돼요.</p>\n",
        "message": None,
        "language": "ko",
        "matched_question": REFUND.question,
        "entry_id": "refund-1",
        "score": best["score"],
        "suggestions": [],
        "explanation": None,
        "generation": 1,
        "read_with": None,
    }


def test_a_question_that_leans_is_read_with_the_one_before(api: Site) -> None:
    fee = "배송비는 얼마인가요?"
    reply = ask(api, query="그럼 택배는요?", previous=fee)
    assert (reply["read_with"], ask(api, query="그럼 택배는요?")["read_with"]) == (fee, None)
    alone = ask(api, query=REFUND.question, previous=fee)
    assert (alone["read_with"], alone["entry_id"]) == (None, "refund-1")


def test_what_was_asked_before_is_no_longer_than_a_query_and_of_one_alone(api: Site) -> None:
    long = api.post("/v1/ask", {"query": "그럼요?", "previous": "가" * 1001})
    assert (long.status_code, long.json()["error"]["code"]) == (422, "query_too_long")
    batch = api.post("/v1/ask:batch", {"queries": ["그럼요?"], "previous": "배송비"})
    assert batch.status_code == 422


def test_a_close_query_gets_suggestions_and_a_sentence(api: Site) -> None:
    reply = ask(api, query="배송비는 며칠 얼마", k=2)
    assert (reply["kind"], reply["answer"], reply["message"]) == ("suggest", None, KOREAN.suggest)
    assert [item["entry_id"] for item in reply["suggestions"]] == ["delivery-1", "delivery-2"]
    assert reply["score"] == reply["suggestions"][0]["score"]


@pytest.mark.parametrize(
    ("query", "message"),
    [("qqqq zzzz", ENGLISH.unknown), (" \n", ENGLISH.blank), ("🙂🙂", ENGLISH.wordless)],
)
def test_what_cannot_be_answered_gets_a_sentence_in_the_language(
    api: Site, query: str, message: str
) -> None:
    reply = ask(api, query=query, language="en")
    assert (reply["kind"], reply["message"], reply["suggestions"]) == ("unknown", message, [])


def test_a_category_limits_the_search(api: Site) -> None:
    assert ask(api, query=REFUND.question, category="배송")["entry_id"] != "refund-1"
    assert ask(api, query=REFUND.question, category="없는 분류")["kind"] == "unknown"


def test_an_explanation_lists_hits_and_thresholds(api: Site) -> None:
    reply = ask(api, query=REFUND.question, k=1, explain=True)
    assert reply["explanation"]["thresholds"] == THRESHOLDS
    hits = reply["explanation"]["hits"]
    assert [hit["rank"] for hit in hits] == [1, 2]
    assert hits[0] == {
        "rank": 1,
        "entry_id": "refund-1",
        "question": REFUND.question,
        "matched_question": REFUND.question,
        "answer": REFUND.answer,
        "category": "환불",
        "score": reply["score"],
    }


def test_an_explanation_says_why_the_first_hit_came_first(api: Site) -> None:
    typed = "ghksqnfdms djswp ehlskdy?"
    reply = ask(api, query=typed, k=0, explain=True)
    assert (reply["entry_id"], reply["matched_question"]) == ("refund-1", REFUND.question)
    assert reply["explanation"]["reasons"] == {
        "searched": REFUND.question,
        "steps": [{"name": "keyboard layout", "before": typed, "after": REFUND.question}],
        "matched_question": REFUND.question,
        "dense_rank": 1,
        "bm25_rank": 1,
        "shared": ["환불", "언제", "되다"],
    }


@pytest.mark.parametrize("body", [{"query": "?!"}, {"query": "환불", "category": "없는 분류"}])
def test_where_nothing_is_found_there_are_no_reasons(api: Site, body: dict[str, str]) -> None:
    reply = ask(api, **body, explain=True)
    assert reply["explanation"]["hits"] == []
    assert reply["explanation"]["reasons"] is None


def test_a_search_ranks_without_a_gate(api: Site) -> None:
    found = api.post("/v1/search", {"query": "qqqq 배송", "k": 3}).json()
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3]
    scores = [hit["score"] for hit in found["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] < 0.7
    assert (found["generation"], len(found["request_id"])) == (1, 16)


def test_a_search_finds_the_phrasing_that_matched(api: Site) -> None:
    found = api.post("/v1/search", {"query": "택배 요금 알려 주세요", "k": 1}).json()["hits"][0]
    assert found["question"] == "배송비는 얼마인가요?"
    assert found["matched_question"] == "택배 요금 알려 주세요"


def test_a_search_without_words_finds_nothing(api: Site) -> None:
    assert api.post("/v1/search", {"query": "?!"}).json()["hits"] == []


def test_a_batch_is_answered_in_its_order(api: Site) -> None:
    queries = ["환불은 언제 되나요?", "qqqq zzzz", "안녕하세요"]
    body = api.post("/v1/ask:batch", {"queries": queries, "k": 0}).json()
    assert [reply["entry_id"] for reply in body["replies"]] == ["refund-1", None, "hello-1"]
    names = [reply["request_id"] for reply in body["replies"]]
    assert names == [f"{body['request_id']}-{place}" for place in range(3)]


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/v1/ask", {}, "body.query: Field required"),
        ("/v1/ask", {"query": 5}, "body.query: Input should be a valid string"),
        ("/v1/ask", {"query": "환불", "k": "5"}, "body.k: Input should be a valid integer"),
        ("/v1/ask", {"query": "환불", "k": 101}, "less than or equal to 100"),
        ("/v1/ask", {"query": "환불", "qury": "x"}, "body.qury: Extra inputs are not permitted"),
        ("/v1/ask", {"query": "환불", "language": "fr"}, "'ko' or 'en'"),
        ("/v1/search", {"query": "환불", "k": 0}, "greater than or equal to 1"),
        ("/v1/ask:batch", {"queries": []}, "at least 1 item"),
        ("/v1/ask:batch", {"queries": ["환불"] * 101}, "at most 100 items"),
        ("/v1/feedback", {"request_id": "x", "value": "maybe"}, "'up', 'down', 'none' or 'chosen'"),
    ],
)
def test_a_wrong_body_is_refused_with_its_place(
    api: Site, path: str, body: dict[str, Any], message: str
) -> None:
    response = api.post(path, body)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (422, "invalid")
    assert message in error["message"]
    assert error["request_id"] == response.headers["X-Request-ID"]


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search", "/v1/ask:batch"])
def test_a_query_that_is_too_long_is_refused(api: Site, path: str) -> None:
    body = {"queries": ["가" * 1001]} if path.endswith("batch") else {"query": "가" * 1001}
    response = api.post(path, body)
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "query_too_long"
    assert "1001 characters; at most 1000" in response.json()["error"]["message"]


def test_faqs_come_in_parts_that_join_up(api: Site) -> None:
    seen, offset = [], 0
    while offset is not None:
        part = api.get(f"/v1/faqs?offset={offset}&limit=3").json()
        assert (part["total"], part["generation"]) == (len(ENTRIES), 1)
        seen += part["entries"]
        offset = part["next_offset"]
    assert [entry["entry_id"] for entry in seen] == [entry.entry_id for entry in ENTRIES]
    assert seen[0] == {
        "entry_id": "delivery-1",
        "question": ENTRIES[0].question,
        "alternates": list(ENTRIES[0].alternates),
        "answer": ENTRIES[0].answer,
        "category": "배송",
        "question_en": "",
        "answer_en": "",
    }


def test_faqs_of_one_category_are_listed(api: Site) -> None:
    part = api.get("/v1/faqs?category=환불").json()
    assert [entry["entry_id"] for entry in part["entries"]] == ["refund-1", "refund-2"]
    assert (part["total"], part["next_offset"]) == (2, None)


def test_one_entry_is_shown_and_an_unknown_one_is_not_found(api: Site) -> None:
    assert api.get("/v1/faqs/refund-1").json()["answer"] == REFUND.answer
    for unknown in ("nope", "no/slash", "%00", ""):
        response = api.get(f"/v1/faqs/{unknown}")
        assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_entry")


def test_info_says_what_serves(api: Site) -> None:
    info = api.get("/v1/info").json()
    assert info.pop("version")
    assert info.pop("created") == api.live.get().manifest.created
    assert info == {
        "title": "문답",
        "generation": 1,
        "entries": 8,
        "passages": 10,
        "index_kind": "flat",
        "encoder": "tiny-1",
        "thresholds": THRESHOLDS,
        "categories": ["배송", "환불", "쿠폰", "기타 <i>"],
        "max_query_length": 1000,
        "max_batch": 100,
    }


def test_feedback_is_kept_with_the_reply_it_is_about(tmp_path: Path) -> None:
    with site(tmp_path) as api:
        reply = ask(
            api,
            query="환불은 언제 되나요? 010-1234-5678",
            category="환불",
            conversation="9c1d",
            language="en",
        )
        body = {
            "request_id": reply["request_id"],
            "value": "down",
            "reason": "틀려요",
            "comment": "me@example.com 으로 알려 주세요",
        }
        response = api.post("/v1/feedback", body)
        assert (response.status_code, response.json()["accepted"]) == (200, True)
    database = Database.of(None, api.home / "bundled")
    (asked,), (said,) = rows(database, exchanges), rows(database, reactions)
    assert said.pop("time") >= asked.pop("time")
    assert asked.pop("milliseconds") > 0
    assert asked.pop("score") == pytest.approx(reply["score"], abs=1e-4)
    assert asked.pop("confidence") == pytest.approx(reply["confidence"], abs=1e-4)
    assert "1234" not in asked.pop("reading")
    assert asked == {
        "request_id": reply["request_id"],
        "conversation": "9c1d",
        "channel": "api",
        "language": "en",
        "query": "환불은 언제 되나요? [phone]",
        "category": "환불",
        "kind": reply["kind"],
        "entry_id": reply["entry_id"],
        "candidates": [item["entry_id"] for item in reply["suggestions"]],
        "generation": 1,
    }
    assert said == {**body, "entry_id": None, "comment": "[email] 으로 알려 주세요"}


def test_what_was_chosen_of_what_was_offered_is_kept(api: Site) -> None:
    reply = ask(api, query="배송비는 며칠 얼마")
    body = {"request_id": reply["request_id"], "value": "chosen"}
    offered = reply["suggestions"][0]["entry_id"]
    assert api.post("/v1/feedback", {**body, "entry_id": offered}).status_code == 200
    other = api.post("/v1/feedback", {**body, "entry_id": "hello-1"})
    assert (other.status_code, other.json()["error"]["code"]) == (422, "not_offered")
    for wrong in (body, {**body, "value": "up", "entry_id": offered}):
        refused = api.post("/v1/feedback", wrong)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid")


@pytest.mark.parametrize("name", ["", "가", "a" * 65, "a b"])
def test_a_conversation_has_a_short_plain_name(api: Site, name: str) -> None:
    refused = api.post("/v1/ask", {"query": "환불", "conversation": name})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid")


def test_feedback_on_one_reply_of_a_batch_is_taken(api: Site) -> None:
    replies = api.post("/v1/ask:batch", {"queries": ["환불", "배송"]}).json()["replies"]
    body = {"request_id": replies[1]["request_id"], "value": "up"}
    assert api.post("/v1/feedback", body).status_code == 200


def test_feedback_on_an_unknown_reply_is_not_found(api: Site) -> None:
    response = api.post("/v1/feedback", {"request_id": "0" * 16, "value": "up"})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_request_id")


def test_where_recording_is_switched_off_feedback_is_refused(tmp_path: Path) -> None:
    with site(tmp_path, {"record": False}) as api:
        reply = ask(api, query="환불은 언제 되나요?")
        response = api.post("/v1/feedback", {"request_id": reply["request_id"], "value": "up"})
    assert (response.status_code, response.json()["error"]["code"]) == (503, "not_kept")
    assert rows(Database.of(None, api.home / "bundled"), exchanges) == []


def test_without_a_store_there_are_answers_and_feedback_is_not_said_to_be_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = tmp_path / "home" / "bundled" / "store.sqlite"
    store.mkdir(parents=True)
    with site(tmp_path) as api:
        reply = ask(api, query="환불은 언제 되나요?")
        response = api.post("/v1/feedback", {"request_id": reply["request_id"], "value": "up"})
        ready, metrics = api.get("/readyz"), api.get("/metrics").text
    assert reply["kind"] == "answer"
    assert (response.status_code, response.json()["error"]["code"]) == (503, "not_kept")
    assert ready.status_code == 200
    assert "mundap_recorded_total 0.0\n" in metrics
    assert "mundap_dropped_total 0.0\n" in metrics  # the question waits for the store
    assert f"{store}: unable to open" in caplog.text
    assert f"{store}: 1 records were lost." in caplog.text


def test_a_whole_number_may_be_written_with_a_point(api: Site) -> None:
    found = api.post("/v1/search", {"query": "배송비는 얼마인가요?", "k": 2.0}).json()["hits"]
    assert len(found) == 2
    assert api.post("/v1/search", {"query": "배송비", "k": 2.5}).status_code == 422


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search"])
def test_a_category_has_a_length(api: Site, path: str) -> None:
    wanted = {"query": "배송비는 얼마인가요?", "category": "가" * 200}
    assert api.post(path, wanted).status_code == 200
    assert api.post(path, wanted | {"category": "가" * 201}).status_code == 422
    assert api.get(f"/v1/faqs?category={'a' * 201}").status_code == 422
