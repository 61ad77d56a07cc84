import asyncio
import gc
import json
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.chatbot.bot import Bot
from mundap.chatbot.page.events import PageEvents, Turns, conversation
from mundap.chatbot.page.files import Files
from mundap.chatbot.page.reasons import reasons_html
from mundap.chatbot.page.text import PageText, page_text
from mundap.chatbot.page.turns import NOTE_START, Turn, literal, messages
from mundap.chatbot.page.window import build_page
from mundap.chatbot.reply import Reply, Suggestion
from mundap.chatbot.settings import KOREAN, ChatSettings
from mundap.feedback.exchanges import Exchanges
from mundap.index.query.query_layer import Step
from mundap.index.search.reasons import Reasons
from tests.chatbot.small_faq import ENTRIES, build, small_bot, small_service

REASONS = Reasons("환불?", (), "환불은요?", 1, 1, ("환불",))


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    return small_bot(tmp_path / "index")


@pytest.fixture
def events(bot: Bot, tmp_path: Path) -> PageEvents:
    return page_events(bot, tmp_path / "feedback.jsonl")


def page_events(bot: Bot, path: Path, *, keeps_texts: bool = False) -> PageEvents:
    exchanges = Exchanges(path, keeps_texts=keeps_texts, max_bytes=2**20)
    return PageEvents(bot, ChatSettings(), exchanges)


@pytest.fixture
def closed_loops() -> Iterator[None]:
    """Let go of the event loops that gradio opens for each page and never closes."""
    yield
    asyncio.set_event_loop(None)
    gc.collect()


# Those loops again, with the sockets they own.
builds_pages = [
    pytest.mark.usefixtures("closed_loops"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]


def event(**values: Any) -> Any:
    """Stand in for gradio's event data, of which the page reads a few attributes."""
    return SimpleNamespace(**values)


# As the guard leaves it behind.
VISITOR = event(request=event(state=event(caller=event(name="127.0.0.1"))))


def asked(events: PageEvents, *queries: str) -> Turns:
    turns: Turns = []
    for query in queries:
        events.ask(turns, query, "", "ko")
    return turns


class Texts(HTMLParser):
    """An independent reader: what a browser would show of a piece of HTML, and its tags."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.shown, self.tags = "", list[str]()
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.shown += data

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_comment(self, data: str) -> None:
        self.tags.append("comment")


class TestMessages:
    def test_a_turn_is_shown_as_a_question_and_its_answer_with_what_matched(self) -> None:
        others = (Suggestion("b", "교환은요?", 0.6),)
        reply = Reply("answer", "3일 안에요.", 1, "a", "환불은요?", 0.874, 0.926, others)
        turn = Turn("환불?", reply, reasons=REASONS)
        why = reasons_html(REASONS, 0.926, "ko")
        matched = "<div>찾은 질문: 환불은요? · 맞을 확률 93%</div>"
        assert messages([turn], "ko") == [
            {"role": "user", "content": [{"type": "text", "text": "환불?"}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "3일 안에요."},
                    {"type": "text", "text": f"{NOTE_START}{matched}{why}</div>"},
                ],
                "options": [{"value": "b", "label": "교환은요?"}],
            },
        ]

    def test_a_dont_know_is_its_sentence_alone(self) -> None:
        shown = messages([Turn("?", Reply("unknown", "몰라요.", 1))], "ko")[1]
        assert shown["content"] == [{"type": "text", "text": "몰라요."}]
        assert shown["options"] == []

    def test_candidates_are_listed_in_the_text_once_their_buttons_are_gone(self) -> None:
        offered = (Suggestion("a", "환불은요?", 0.5), Suggestion("b", "교환은요?", 0.4))
        turn = Turn("?", Reply("suggest", "혹시", 1, score=0.5, suggestions=offered))
        first, second = messages([turn, turn], "ko")[1::2]
        lines = "<div>· 환불은요?\n· 교환은요?</div>"
        listed = {"type": "text", "text": f"{NOTE_START}{lines}</div>"}
        assert first["content"] == [{"type": "text", "text": "혹시"}, listed]
        assert second["content"] == [{"type": "text", "text": "혹시"}]

    def test_a_picked_answer_does_not_repeat_its_question(self) -> None:
        picked = Turn("배송비?", Reply("answer", "3,000원", 1, "a", "배송비?"), picked="a")
        assert messages([picked], "ko")[1]["content"] == [{"type": "text", "text": "3,000원"}]

    def test_braces_in_a_question_are_shown_as_they_are(self) -> None:
        reply = Reply("answer", "!", 1, "a", "{percent} {0}", 0.5, 0.5)
        asked_for = replace(REASONS, searched="{text} {1}", steps=(Step("spelling", "{", "{}"),))
        note = messages([Turn("?", reply, reasons=asked_for)], "ko")[1]["content"][1]["text"]
        assert "<div>찾은 질문: {percent} {0} · 맞을 확률 50%</div>" in note
        assert "<div>‘{text} {1}’(으)로 찾았어요</div>" in note

    @pytest.mark.parametrize(
        "text",
        ["<b>", "</b>", "<!-- -->", "<?php", "&lt;", "&#60;", "A&B", "1 < 2 > 0", 'src="/file=a'],
    )
    def test_html_is_shown_as_text(self, text: str) -> None:
        seen = Texts(literal(text))
        assert (seen.shown, seen.tags) == (text, [])

    @given(text=st.text(st.sampled_from("<>&;#/!?-=\"' \nab배x")))
    def test_any_text_is_shown_as_it_is(self, text: str) -> None:
        seen = Texts(literal(text))
        assert (seen.shown, seen.tags) == (text, [])

    def test_what_korean_shops_write_needs_no_escape(self) -> None:
        """So a copy is right even where the browser lets no script near the clipboard."""
        text = "[주문 내역 > 반품 신청]을 누르세요. 3,000원~ (15% 할인)"
        assert literal(text) == text


class TestConversation:
    def test_a_query_adds_a_turn(self, events: PageEvents, bot: Bot) -> None:
        turns, shown = events.ask([], "환불은 언제 되나요?", "", "ko")
        explained = bot.explain("환불은 언제 되나요?")
        expected = Turn("환불은 언제 되나요?", explained.reply, reasons=explained.reasons())
        assert [replace(turn, request_id="") for turn in turns] == [expected]
        assert expected.reasons is not None
        assert shown == conversation(turns, "ko")
        assert shown["value"] == messages(turns, "ko")

    def test_two_replies_at_once_are_both_kept(self, events: PageEvents) -> None:
        """The second request was handed the turns before the first had added to them."""
        turns: Turns = []
        first, _ = events.ask(turns, "안녕하세요", "", "ko")
        second, _ = events.ask(turns, "환불은 언제 되나요?", "", "ko")
        assert first is second is turns
        assert [turn.query for turn in turns] == ["안녕하세요", "환불은 언제 되나요?"]

    @pytest.mark.parametrize("query", ["", "  ", "\n"])
    def test_a_blank_query_changes_nothing(self, events: PageEvents, query: str) -> None:
        turns = asked(events, "안녕하세요")
        assert events.ask(turns, query, "", "ko") == (gr.skip(), gr.skip())
        assert len(turns) == 1

    def test_the_category_of_the_page_limits_the_search(self, events: PageEvents) -> None:
        (turn,), _ = events.ask([], "배송비는 얼마인가요?", "환불", "ko")
        assert turn.category == "환불"
        assert turn.reply.kind != "answer"

    def test_an_example_is_answered_whatever_the_category(self, events: PageEvents) -> None:
        (turn,), _ = events.ask_example(
            [], "ko", event(value={"text": "안녕하세요", "files": None})
        )
        assert (turn.query, turn.reply.entry_id) == ("안녕하세요", "hello-1")

    def test_a_long_text_is_refused_and_shortened(self, events: PageEvents) -> None:
        (turn,) = asked(events, "가" * 10_000)
        assert turn.query == "가" * 1000 + "…"
        assert turn.reply.text.startswith("질문이 10,000자예요.")

    def test_a_picked_candidate_is_answered_by_its_own_entry(self, events: PageEvents) -> None:
        turns = asked(events, "배송비는 며칠 얼마")
        events.pick(turns, "ko", event(value="delivery-2", index=1))
        answer = Reply("answer", ENTRIES[1].answer, 1, "delivery-2", ENTRIES[1].question)
        picked = Turn(ENTRIES[1].question, answer, picked="delivery-2")
        assert replace(turns[1], request_id="") == picked

    def test_a_candidate_that_a_rebuild_dropped_is_searched_for(
        self, events: PageEvents, bot: Bot, tmp_path: Path
    ) -> None:
        turns = asked(events, "배송비는 며칠 얼마")
        build(tmp_path / "index", (replace(ENTRIES[0], entry_id="fee-1"), *ENTRIES[1:]))
        events.pick(turns, "ko", event(value="delivery-1", index=0))
        assert (turns[1].query, turns[1].reply.entry_id) == ("배송비는 얼마인가요?", "fee-1")
        assert turns[1].picked is None

    def test_a_pick_survives_a_conversation_that_the_server_forgot(
        self, events: PageEvents
    ) -> None:
        (turn,), _ = events.pick([], "ko", event(value="delivery-2", index=0))
        assert turn.query == ENTRIES[1].question
        (turn,), _ = events.pick([], "ko", event(value="gone", index=0))
        assert turn.reply.text == KOREAN.blank

    def test_a_retry_asks_the_last_query_again_in_the_category_chosen_now(
        self, events: PageEvents
    ) -> None:
        turns = asked(events, "안녕하세요", "배송비는 얼마인가요?")
        events.retry(turns, "환불", "ko")
        expected = [("안녕하세요", None), ("배송비는 얼마인가요?", "환불")]
        assert [(turn.query, turn.category) for turn in turns] == expected

    def test_a_retry_of_a_pick_shows_the_same_entry(self, events: PageEvents) -> None:
        turns, _ = events.pick([], "ko", event(value="delivery-2", index=0))
        (before,) = turns
        (again,) = events.retry(turns, "환불", "ko")[0]
        assert again == replace(before, request_id=again.request_id)

    def test_a_retry_without_a_turn_changes_nothing(self, events: PageEvents) -> None:
        assert events.retry([], "", "ko") == (gr.skip(), gr.skip())

    def test_a_new_chat_begins_empty(self, events: PageEvents) -> None:
        turns = asked(events, "안녕하세요")
        assert events.clear(turns) == ([], conversation([], "ko"))
        assert turns == []

    def test_only_the_last_hundred_turns_are_kept(self, events: PageEvents) -> None:
        turns, shown = events.ask(asked(events, "안녕하세요") * 150, "끝", "", "ko")
        assert (len(turns), len(shown["value"]), turns[-1].query) == (100, 200, "끝")


class TestThumbs:
    def kept(self, tmp_path: Path) -> list[Any]:
        path = tmp_path / "feedback.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    @pytest.mark.parametrize(
        ("given", "value"), [([True], "up"), ([False], "down"), ([True, ""], "none")]
    )
    def test_a_thumb_is_kept(
        self, events: PageEvents, tmp_path: Path, given: list[bool | str], value: str
    ) -> None:
        turns = asked(events, "안녕하세요", "택배 요금 알려 주세요")
        for liked in given:
            events.like(turns, event(index=3, liked=liked), VISITOR)
        *_, record = self.kept(tmp_path)
        assert record.pop("time") >= record.pop("asked")
        assert record.pop("milliseconds") > 0
        reply = turns[1].reply
        assert record == {
            "request_id": turns[1].request_id,
            "channel": "page",
            "value": value,
            "query": "",
            "reading": "",
            "kind": "answer",
            "entry_id": "delivery-1",
            "score": reply.score,
            "confidence": reply.confidence,
            "candidates": [item.entry_id for item in reply.suggestions],
            "generation": 1,
            "category": None,
            "reason": None,
            "comment": None,
        }

    def test_a_query_is_kept_masked_where_that_is_switched_on(
        self, bot: Bot, tmp_path: Path
    ) -> None:
        events = page_events(bot, tmp_path / "feedback.jsonl", keeps_texts=True)
        turns = asked(events, "안녕하세요 010-1234-5678")
        events.like(turns, event(index=1, liked=True), VISITOR)
        (record,) = self.kept(tmp_path)
        assert record["query"] == "안녕하세요 [phone]"
        assert "1234" not in record["reading"]

    def test_a_thumb_that_cannot_be_kept_does_not_stay(
        self, events: PageEvents, tmp_path: Path
    ) -> None:
        (tmp_path / "feedback.jsonl").mkdir()
        turns = asked(events, "안녕하세요")
        shown = events.like(turns, event(index=1, liked=True), VISITOR)
        assert shown["feedback_value"] == [None]

    def test_a_thumb_stays_where_it_was_given_until_it_is_taken_back(
        self, events: PageEvents
    ) -> None:
        turns = asked(events, "안녕하세요", "환불은 언제 되나요?")
        events.like(turns, event(index=1, liked=False), VISITOR)
        _, shown = events.ask(turns, "우주 정거장", "", "ko")
        assert shown["feedback_value"] == ["Dislike", None, None]
        assert events.like(turns, event(index=1, liked=""), VISITOR)["feedback_value"] == [None] * 3

    def test_another_reply_has_no_thumb_yet(self, events: PageEvents) -> None:
        turns = asked(events, "안녕하세요")
        events.like(turns, event(index=1, liked=True), VISITOR)
        assert events.retry(turns, "", "ko")[1]["feedback_value"] == [None]

    @pytest.mark.parametrize("index", [-1, 2, 99])
    def test_a_thumb_for_a_message_that_is_not_there_is_dropped(
        self, events: PageEvents, tmp_path: Path, index: int
    ) -> None:
        events.like(asked(events, "안녕하세요"), event(index=index, liked=True), VISITOR)
        assert self.kept(tmp_path) == []


class TestPage:
    pytestmark = builds_pages

    def components(self, tmp_path: Path, **settings: Any) -> dict[str, Any]:
        service = small_service(tmp_path, ChatSettings(home=tmp_path, **settings))
        page = build_page(service, Files(), max_rows=1000)
        return {block.elem_id: block for block in page.blocks.values() if block.elem_id}

    def test_the_page_shows_examples_and_categories_of_the_faq(
        self, bot: Bot, tmp_path: Path
    ) -> None:
        parts = self.components(tmp_path)
        names = ["배송", "환불", "쿠폰", "기타 <i>"]
        assert parts["category"].choices == [("전체", ""), *zip(names, names, strict=True)]
        shown = [example["text"] for example in parts["chat"].examples]
        assert shown == bot.example_questions()

    def test_a_faq_without_categories_shows_no_choice_of_them(self, tmp_path: Path) -> None:
        build(tmp_path / "index", tuple(replace(entry, category="") for entry in ENTRIES))
        parts = self.components(tmp_path)
        assert parts["category"].visible is False

    def test_a_title_is_shown_as_text(self, tmp_path: Path) -> None:
        parts = self.components(tmp_path, title="A<b> & 문답")
        assert parts["title"].value == "<h1>A&lt;b&gt; &amp; 문답</h1>"

    def test_the_page_starts_in_the_language_of_the_settings(self, tmp_path: Path) -> None:
        parts = self.components(tmp_path, language="en")
        assert parts["language"].value == "en"
        assert parts["new-chat"].value == page_text("en").new_chat

    @pytest.mark.parametrize("field", PageText.__slots__)
    def test_every_label_is_written_in_both_languages(self, field: str) -> None:
        labels = {getattr(page_text(language), field) for language in ("ko", "en")}
        assert len(labels) == 2
        assert "" not in labels
