import asyncio
import gc
import json
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Table

from mundap.chatbot.answer_html import answer_html
from mundap.chatbot.bot import Bot
from mundap.chatbot.page.events import NONE, REASONS, PageEvents
from mundap.chatbot.page.files import Files
from mundap.chatbot.page.text import PageText, page_text
from mundap.chatbot.page.turns import told
from mundap.chatbot.page.window import build_page
from mundap.chatbot.reply import Reply, Suggestion
from mundap.chatbot.settings import ENGLISH, KOREAN, ChatSettings
from mundap.feedback.exchanges.exchanges import Exchanges
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges as exchanges_table
from mundap.feedback.store.tables import reactions
from tests.chatbot.desk import desk
from tests.chatbot.small_faq import ENTRIES, build, small_bot, small_service
from tests.store_rows import rows

# What the page names a conversation by.
CHAT = "9c1d0a"


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    return small_bot(tmp_path / "index")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.of(None, tmp_path)
    yield database
    database.close()


@pytest.fixture
def exchanges(database: Database) -> Iterator[Exchanges]:
    exchanges = Exchanges(database)
    yield exchanges
    exchanges.close()


@pytest.fixture
def events(bot: Bot, exchanges: Exchanges) -> PageEvents:
    return PageEvents(bot, exchanges)


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


def visitor(name: str = "127.0.0.1") -> Any:
    """Stand in for gradio's request, as the guard leaves it behind."""
    caller = SimpleNamespace(name=name)
    return SimpleNamespace(request=SimpleNamespace(state=SimpleNamespace(caller=caller)))


class TestTold:
    def test_a_reply_is_told_with_all_that_is_shown_of_it(self) -> None:
        others = (Suggestion("b", "교환은요?", 0.6),)
        reply = Reply("answer", "1600-0000으로요.", 1, "a", "환불은요?", 0.874, 0.926, others)
        assert told(reply, "환불?", "7") == {
            "id": "7",
            "kind": "answer",
            "text": "1600-0000으로요.",
            "html": answer_html("1600-0000으로요."),
            "lang": "ko",
            "translated": {},
            "notes": {"ko": [], "en": []},
            "why": None,
            "options": [{"id": "b", "question": "교환은요?"}],
        }

    def test_what_the_bot_itself_says_is_told_in_the_other_language_too(self) -> None:
        unknown = Reply("unknown", KOREAN.unknown, 1)
        assert told(unknown, "?", "7", translated={"en": ENGLISH.unknown})["translated"] == {
            "en": {"text": ENGLISH.unknown, "html": answer_html(ENGLISH.unknown), "lang": "en"}
        }

    @pytest.mark.parametrize(
        ("text", "language"), [("3일 안에", "ko"), ("Within 3 days", "en"), ("3,000", None)]
    )
    def test_a_screen_reader_is_told_the_language(self, text: str, language: str | None) -> None:
        assert told(Reply("answer", text, 1), "?", "7")["lang"] == language

    def test_a_question_that_was_read_with_the_one_before_says_so(self) -> None:
        reply = Reply("unknown", "?", 1, read_with="{text} 배송비는요?")
        shown = told(reply, "제주도는요?", "7")["notes"]
        assert shown["ko"] == ["앞의 질문 ‘{text} 배송비는요?’에 이어서 읽었어요"]

    def test_images_come_from_the_hosts_of_the_settings(self) -> None:
        reply = Reply("answer", "![지도](https://img.example.kr/a.png)", 1)
        assert "<img" in told(reply, "?", "7", image_hosts=("img.example.kr",))["html"]
        assert "<img" not in told(reply, "?", "7")["html"]


class TestAsk:
    def test_a_query_is_answered(self, events: PageEvents, bot: Bot) -> None:
        shown = events.ask("환불은 언제 되나요?", "", "", "ko", CHAT)
        explained = bot.explain("환불은 언제 되나요?")
        expected = told(explained.reply, "환불은 언제 되나요?", shown["id"], explained.reasons())
        assert shown == expected

    def test_the_category_of_the_page_limits_the_search(self, events: PageEvents) -> None:
        assert events.ask("배송비는 얼마인가요?", "", "환불", "ko", CHAT)["kind"] != "answer"

    def test_a_long_text_is_refused(self, events: PageEvents) -> None:
        shown = events.ask("가" * 10_000, "", "", "ko", CHAT)
        assert shown["text"].startswith("질문이 10,000자예요.")

    def test_a_picked_candidate_is_answered_by_its_own_entry(self, events: PageEvents) -> None:
        shown = events.pick("delivery-2", ENTRIES[1].question, "gone", "ko", CHAT, visitor())
        answer = Reply("answer", ENTRIES[1].answer, 1, "delivery-2", ENTRIES[1].question)
        assert shown == told(answer, ENTRIES[1].question, shown["id"])

    def test_a_candidate_that_a_rebuild_dropped_is_searched_for(
        self, events: PageEvents, tmp_path: Path
    ) -> None:
        free = replace(ENTRIES[0], entry_id="fee-1", answer="무료예요.")
        build(tmp_path / "index", (free, *ENTRIES[1:]))
        shown = events.pick("delivery-1", "배송비는 얼마인가요?", "gone", "ko", CHAT, visitor())
        assert shown["text"] == "무료예요."

    def test_a_pick_of_nothing_is_a_blank_question(self, events: PageEvents) -> None:
        assert events.pick("gone", "", "gone", "ko", CHAT, visitor())["text"] == KOREAN.blank

    def test_small_talk_has_no_reasons(self, bot: Bot) -> None:
        bot.settings = ChatSettings(page={"reasons": True})
        events = PageEvents(bot, Exchanges(None))
        assert events.ask("안녕하세요", "", "", "ko", CHAT)["why"] is None
        assert events.ask("환불은 언제 되나요?", "", "", "ko", CHAT)["why"] is not None

    def test_the_words_are_those_of_the_faq_that_serves(
        self, events: PageEvents, bot: Bot, tmp_path: Path
    ) -> None:
        names = ["배송", "환불", "쿠폰", "기타 <i>"]
        assert events.words() == {
            "categories": names,
            "starters": dict.fromkeys(("ko", "en"), bot.example_questions()),
        }
        build(tmp_path / "index", ENTRIES[:3])
        assert events.words()["categories"] == ["배송"]

    def test_an_owners_starter_questions_are_shown_instead(self, bot: Bot) -> None:
        bot.settings = ChatSettings(page={"starters": ("몇 시에 여나요?",)})
        events = PageEvents(bot, Exchanges(None))
        assert events.words()["starters"] == {key: ["몇 시에 여나요?"] for key in ("ko", "en")}


class TestRecords:
    def kept(self, exchanges: Exchanges, database: Database, table: Table) -> list[dict[str, Any]]:
        exchanges.close()
        return rows(database, table)

    def test_a_question_is_recorded_with_its_conversation(
        self, events: PageEvents, exchanges: Exchanges, database: Database
    ) -> None:
        shown = events.ask("택배 요금 알려 주세요 010-1234-5678", "", "", "en", CHAT)
        (row,) = self.kept(exchanges, database, exchanges_table)
        assert row.pop("time") <= datetime.now(UTC)
        assert row.pop("milliseconds") > 0
        assert row.pop("score") > 0
        assert row.pop("confidence") > 0
        assert "1234" not in row.pop("reading")
        assert row == {
            "request_id": shown["id"],
            "conversation": CHAT,
            "channel": "page",
            "language": "en",
            "query": "택배 요금 알려 주세요 [phone]",
            "category": None,
            "kind": shown["kind"],
            "entry_id": None,
            "candidates": [item["id"] for item in shown["options"]],
            "generation": 1,
        }

    def test_what_names_no_conversation_is_not_kept(
        self, events: PageEvents, exchanges: Exchanges, database: Database
    ) -> None:
        for name in ("", "<b>", "가" * 9, "a" * 65):
            events.ask("안녕하세요", "", "", "ko", name)
        kept = self.kept(exchanges, database, exchanges_table)
        assert [row["conversation"] for row in kept] == [None] * 4

    def test_a_chosen_candidate_is_a_reaction_and_an_exchange_of_its_own(
        self, events: PageEvents, exchanges: Exchanges, database: Database
    ) -> None:
        offered = events.ask("배송비는 며칠 얼마", "", "", "ko", CHAT)
        chosen = offered["options"][0]
        shown = events.pick(chosen["id"], chosen["question"], offered["id"], "ko", CHAT, visitor())
        events.rate(shown["id"], "up", "", "", visitor())
        said = self.kept(exchanges, database, reactions)
        assert [(row["request_id"], row["value"], row["entry_id"]) for row in said] == [
            (offered["id"], "chosen", chosen["id"]),
            (shown["id"], "up", None),
        ]
        asked = rows(database, exchanges_table)
        assert [(row["kind"], row["query"], row["entry_id"]) for row in asked][1:] == [
            ("chosen", chosen["question"], chosen["id"])
        ]

    def test_a_conversation_that_was_handed_over_says_so(
        self, bot: Bot, exchanges: Exchanges, database: Database
    ) -> None:
        with desk(200) as received:
            bot.settings = ChatSettings(handover={"url": received.url})
            events = PageEvents(bot, exchanges)
            turns = [
                {"request_id": shown["id"], "query": "?", "reply": shown["text"]}
                for shown in (events.ask("우주", "", "", "ko", CHAT) for _ in range(2))
            ]
            handed = {"conversation_id": "12345678", "reach": "", "turns": turns}
            assert events.hand_over(json.dumps(handed), visitor())
        said = self.kept(exchanges, database, reactions)
        assert [(row["request_id"], row["value"]) for row in said] == [
            (turns[1]["request_id"], "handed_over")
        ]

    @pytest.mark.parametrize("reason", ["", NONE, *REASONS])
    def test_a_thumb_is_kept_with_its_reason(
        self, events: PageEvents, exchanges: Exchanges, database: Database, reason: str
    ) -> None:
        shown = events.ask("배송비는 며칠 얼마", "", "", "ko", CHAT)
        assert events.rate(shown["id"], "down", reason, " 올해 올랐어요 ", visitor())
        (row,) = self.kept(exchanges, database, reactions)
        assert row.pop("time") <= datetime.now(UTC)
        assert row == {
            "request_id": shown["id"],
            "value": "down",
            "entry_id": None,
            "reason": reason or None,
            "comment": "올해 올랐어요",
        }

    @pytest.mark.parametrize(
        ("value", "reason"), [("wrong", ""), ("", ""), ("chosen", ""), ("down", "<b>")]
    )
    def test_what_the_page_would_not_say_is_not_kept(
        self,
        events: PageEvents,
        exchanges: Exchanges,
        database: Database,
        value: str,
        reason: str,
    ) -> None:
        shown = events.ask("안녕하세요", "", "", "ko", CHAT)
        assert not events.rate(shown["id"], value, reason, "", visitor())
        assert self.kept(exchanges, database, reactions) == []

    def test_a_long_comment_is_cut(
        self, events: PageEvents, exchanges: Exchanges, database: Database
    ) -> None:
        shown = events.ask("안녕하세요", "", "", "ko", CHAT)
        events.rate(shown["id"], "down", "", "가" * 9000, visitor())
        assert self.kept(exchanges, database, reactions)[0]["comment"] == "가" * 500

    def test_a_thumb_that_cannot_be_kept_does_not_stay(self, bot: Bot) -> None:
        events = PageEvents(bot, Exchanges(None))
        shown = events.ask("안녕하세요", "", "", "ko", CHAT)
        assert not events.rate(shown["id"], "up", "", "", visitor())

    def test_a_thumb_on_a_reply_that_was_forgotten_does_not_stay(self, events: PageEvents) -> None:
        assert not events.rate("gone", "up", "", "", visitor())


class TestPage:
    pytestmark = builds_pages

    def parts(self, tmp_path: Path, **settings: Any) -> dict[str, Any]:
        service = small_service(tmp_path, ChatSettings(home=tmp_path, **settings))
        page = build_page(service, Files(), max_rows=1000)
        return {block.elem_id: block for block in page.blocks.values() if block.elem_id}

    def config(self, tmp_path: Path, **settings: Any) -> dict[str, Any]:
        config: dict[str, Any] = self.parts(tmp_path, **settings)["talk"].props["config"]
        return config

    def test_the_script_is_told_what_the_owner_chose(self, tmp_path: Path) -> None:
        page = {"subtitle": "하나도서관", "greeting": "어서 오세요", "greeting_en": "Welcome"}
        contact = {"telephone": "1600-0000"}
        config = self.config(tmp_path, title="A<b> & 문답", page=page, contact=contact)
        assert config["title"] == "A<b> & 문답"
        assert config["subtitle"] == {"ko": "하나도서관", "en": "하나도서관"}
        assert config["greeting"] == {"ko": "어서 오세요", "en": "Welcome"}
        assert config["contact"]["telephone"] == "1600-0000"
        assert config["keeps"] is True
        assert json.loads(json.dumps(config)) == {**config, "reasons": list(REASONS)}

    def test_sentences_are_compared_where_that_is_switched_on(self, tmp_path: Path) -> None:
        assert "sts" not in self.parts(tmp_path)
        assert "sts" in self.parts(tmp_path, page={"similarity_tab": True})

    def test_nothing_of_an_owner_or_a_visitor_stands_in_a_template(self, tmp_path: Path) -> None:
        """gradio would run what is in braces there."""
        parts = self.parts(tmp_path, title="{{title}} ${title}")
        for name in ("head", "talk"):
            assert "{" not in parts[name].html_template
            assert "`" not in parts[name].html_template


class TestText:
    @pytest.mark.parametrize("field", [field.name for field in fields(PageText)])
    def test_every_label_is_written_in_both_languages(self, field: str) -> None:
        korean, english = (getattr(page_text(language), field) for language in ("ko", "en"))
        assert korean != english
        assert "" not in (korean, english)

    def test_every_reason_has_a_label(self) -> None:
        assert [list(page_text(each).reasons) for each in ("ko", "en")] == [list(REASONS)] * 2
