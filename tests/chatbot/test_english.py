"""A FAQ of which some entries are in English, too."""

from pathlib import Path

import pytest

from mundap.chatbot.bot import Bot
from mundap.chatbot.page.events import PageEvents
from mundap.chatbot.reply import Reply
from mundap.chatbot.settings import ENGLISH, KOREAN
from mundap.feedback.exchanges.exchanges import Exchanges
from mundap.index.faq.entry import FaqEntry
from tests.chatbot.page_visitor import visitor
from tests.chatbot.small_faq import build, small_bot

FEE = FaqEntry(
    "fee",
    "배송비는 얼마인가요?",
    "3,000원이에요.",
    question_en="How much is delivery?",
    answer_en="It is 3,000 won (배송비).",
)
DAYS = FaqEntry(
    "days", "배송은 며칠 걸리나요?", "이틀 걸려요.", question_en="How long is delivery?"
)
REFUND = FaqEntry("refund", "환불은 언제 되나요?", "사흘 안에요.", answer_en="In three days.")


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    directory = tmp_path_factory.mktemp("bot") / "index"
    build(directory, (FEE, DAYS, REFUND))
    return small_bot(directory)


@pytest.fixture
def events(bot: Bot) -> PageEvents:
    return PageEvents(bot, Exchanges(None))


def said(reply: Reply | None) -> tuple[str, str | None, str | None]:
    assert reply is not None
    return reply.text, reply.question, reply.language


def test_an_english_question_finds_its_entry_and_gets_its_english_answer(bot: Bot) -> None:
    reply = bot.reply("how much is delivery")

    assert (reply.kind, reply.entry_id) == ("answer", "fee")
    assert said(reply) == (FEE.answer_en, FEE.question_en, "en")


def test_who_reads_in_english_is_answered_in_english_whatever_was_asked(bot: Bot) -> None:
    assert said(bot.reply(FEE.question, language="en")) == (FEE.answer_en, FEE.question, "en")
    assert said(bot.reply(REFUND.question, language="en")) == (
        "In three days.",
        REFUND.question,
        "en",
    )


def test_a_korean_visitor_meets_no_english(bot: Bot) -> None:
    assert said(bot.reply(FEE.question)) == (FEE.answer, FEE.question, "ko")
    offered = bot.reply("배송비는 며칠 얼마")

    assert offered.text == KOREAN.suggest
    assert [item.question for item in offered.suggestions] == [FEE.question]


def test_without_an_english_answer_the_korean_one_is_given(bot: Bot) -> None:
    reply = bot.reply("How long is delivery?")

    assert said(reply) == (DAYS.answer, DAYS.question_en, "ko")


def test_questions_to_choose_from_are_in_english_where_they_can_be(bot: Bot) -> None:
    fee, refund = (bot.reply(text, language="en") for text in ("배송비는 며칠 얼마", "환불"))

    assert (fee.kind, fee.text) == ("suggest", ENGLISH.suggest)
    assert [item.question for item in fee.suggestions] == [FEE.question_en]
    assert [item.question for item in refund.suggestions] == [REFUND.question]


def test_questions_to_begin_with_are_in_english_on_an_english_page(events: PageEvents) -> None:
    assert events.words()["starters"] == {
        "ko": [FEE.question, DAYS.question, REFUND.question],
        "en": [FEE.question_en, DAYS.question_en, REFUND.question],
    }


def test_who_chose_a_question_gets_the_answer_in_the_language_of_the_page(bot: Bot) -> None:
    assert said(bot.answer("fee", "en")) == (FEE.answer_en, FEE.question_en, "en")
    assert said(bot.answer("days", "en")) == (DAYS.answer, DAYS.question_en, "ko")
    assert said(bot.answer("fee")) == (FEE.answer, FEE.question, "ko")


def test_the_page_is_told_the_language_of_an_answer(events: PageEvents) -> None:
    english = events.ask(FEE.question, "", "", "en", "")
    picked = events.pick("fee", "How much is delivery?", "gone", "en", "", visitor())
    korean = events.ask(DAYS.question, "", "", "en", "")

    assert (english["html"], english["lang"]) == ("<p>It is 3,000 won (배송비).</p>\n", "en")
    assert (picked["text"], picked["lang"]) == (FEE.answer_en, "en")
    assert (korean["text"], korean["lang"]) == (DAYS.answer, "ko")


@pytest.mark.parametrize("query", ["送料はいくらですか？", "运费是多少", "Wo ist mein Paket"])
def test_a_query_in_any_other_language_is_spoken_to_in_english(bot: Bot, query: str) -> None:
    assert bot.reply(query).text in {ENGLISH.unknown, ENGLISH.suggest, ENGLISH.topic}


@pytest.mark.parametrize("query", ["배송비 tracking number", "wifi", "ghksqnf ehlskdy"])
def test_a_korean_visitor_is_spoken_to_in_korean_whatever_the_letters(bot: Bot, query: str) -> None:
    assert bot.reply(query).text in {KOREAN.unknown, KOREAN.suggest, KOREAN.topic, REFUND.answer}


def test_loan_words_that_are_searched_for_in_hangul_leave_a_query_english(
    tmp_path: Path,
) -> None:
    build(
        tmp_path,
        (
            FaqEntry("card", "카드로 결제되나요?", "네."),
            FaqEntry("lost", "카드를 잃어버렸어요", "신고해 주세요."),
            FEE,
        ),
    )
    reply = small_bot(tmp_path).explain("does my card work here")

    assert reply.ranking is not None
    assert reply.ranking.reading.text == "does my 카드 work here"
    assert reply.reply.text in {ENGLISH.unknown, ENGLISH.suggest}


@pytest.mark.parametrize(
    ("said_so", "text"),
    [("こんにちは！", ENGLISH.greeting), ("你好", ENGLISH.greeting), ("谢谢", ENGLISH.thanks)],
)
def test_a_greeting_in_another_language_is_returned(bot: Bot, said_so: str, text: str) -> None:
    assert bot.reply(said_so).text == text
