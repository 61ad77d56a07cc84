import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.chatbot.bot import Bot
from mundap.chatbot.reply import Reply
from mundap.chatbot.settings import ENGLISH, KOREAN, ChatSettings
from mundap.index.query.query_layer import Step
from mundap.index.search.reasons import Reasons
from tests.chatbot.small_faq import ENTRIES, build, small_bot
from tests.score_confidence import probability_of

DELIVERY_ANSWER = ENTRIES[0].answer


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    return small_bot(tmp_path_factory.mktemp("bot") / "index")


def unknown(text: str) -> Reply:
    return Reply("unknown", text, 1)


def test_a_stored_question_gets_its_answer(bot: Bot) -> None:
    question = "환불은 언제 되나요?"
    best = bot.search(question, 1)[1][0]
    sure = 0.99
    assert bot.reply(question) == Reply(
        "answer", "회수 후 3일 안에 환불돼요.", 1, "refund-1", question, best.score, sure
    )


def test_an_answer_names_the_phrasing_that_matched(bot: Bot) -> None:
    reply = bot.reply("택배 요금 알려 주세요")
    assert (reply.text, reply.question) == (DELIVERY_ANSWER, "택배 요금 알려 주세요")


def test_a_close_query_gets_candidates_best_first_and_no_answer(bot: Bot) -> None:
    reply = bot.reply("배송비는 며칠 얼마")
    assert (reply.kind, reply.text, reply.entry_id) == ("suggest", KOREAN.suggest, None)
    assert [item.entry_id for item in reply.suggestions[:2]] == ["delivery-1", "delivery-2"]
    assert len(reply.suggestions) <= ChatSettings().suggestions
    scores = [item.score for item in reply.suggestions]
    assert scores == sorted(scores, reverse=True)


def test_candidates_show_the_question_of_their_entry(bot: Bot) -> None:
    questions = {entry.entry_id: entry.question for entry in ENTRIES}
    offered = bot.reply("배송비는 며칠 얼마").suggestions
    assert [item.question for item in offered] == [questions[item.entry_id] for item in offered]


def test_an_unrelated_query_gets_the_dont_know(bot: Bot) -> None:
    best = bot.search("우주 정거장", 1)[1][0]
    sure = pytest.approx(probability_of(best.score, "우주 정거장"))
    assert bot.reply("우주 정거장") == Reply("unknown", KOREAN.unknown, 1, confidence=sure)


@pytest.mark.parametrize("query", ["", "   ", "\t\n", "\x00\x07\x1b", "\u200b\u200d\ufeff"])
def test_a_query_without_a_character_to_see_is_asked_for_one(bot: Bot, query: str) -> None:
    assert bot.reply(query) == unknown(KOREAN.blank)


@pytest.mark.parametrize("query", ["😀", "👨‍👩‍👧‍👦👍🏽", "?!", "...", "♥♥", "🇰🇷"])
def test_symbols_and_emoji_alone_are_asked_for_words(bot: Bot, query: str) -> None:
    assert bot.reply(query) == unknown(KOREAN.wordless)


def test_ten_thousand_characters_are_too_long(bot: Bot) -> None:
    reply = bot.reply("환불은 언제 되나요?" * 1000)
    assert reply == unknown("질문이 11,000자예요. 1,000자 안으로 줄여서 다시 물어봐 주세요.")


@pytest.mark.parametrize(
    "query",
    [
        unicodedata.normalize("NFD", "환불은 언제 되나요?"),
        "  환불은\u3000언제\n되나요? ",
        "환불은 \x00언제\u200b 되나요?",
    ],
)
def test_a_query_is_cleaned_up_before_the_search(bot: Bot, query: str) -> None:
    assert bot.reply(query) == bot.reply("환불은 언제 되나요?")


@pytest.mark.parametrize(
    "query", ["<script>alert(1)</script>", "'; DROP TABLE faq; --", "{limit} %s ${x}", "\ud800"]
)
def test_code_is_a_query_like_any_other(bot: Bot, query: str) -> None:
    assert bot.reply(query).kind == "unknown"


@given(query=st.text(st.characters(codec=None), max_size=60))
def test_any_text_gets_a_reply(bot: Bot, query: str) -> None:
    reply = bot.reply(query)
    assert reply.kind in {"answer", "suggest", "unknown"}
    assert reply.text


def test_a_category_limits_the_search(bot: Bot) -> None:
    assert bot.reply("배송비는 얼마인가요?", category="배송").entry_id == "delivery-1"
    within = bot.reply("배송비는 얼마인가요?", category="환불")
    assert within.kind != "answer"
    assert {item.entry_id for item in within.suggestions} <= {"refund-1", "refund-2"}


def test_a_category_that_is_gone_finds_nothing(bot: Bot) -> None:
    nothing = Reply("unknown", KOREAN.unknown, 1, confidence=0.0)
    assert bot.reply("배송비는 얼마인가요?", category="선물") == nothing
    assert bot.explain("배송비는 얼마인가요?", category="선물").reasons() is None


def test_the_bot_speaks_english_around_a_korean_faq(bot: Bot) -> None:
    assert bot.reply("", language="en") == unknown(ENGLISH.blank)
    assert bot.reply("우주 정거장", language="en").text == ENGLISH.unknown
    assert bot.reply("환불은 언제 되나요?", language="en") == bot.reply("환불은 언제 되나요?")


def test_reasons_say_how_the_first_hit_was_found(bot: Bot) -> None:
    explained = bot.explain("ghksqnfdms djswp ehlskdy?")
    repaired = Step("keyboard layout", "ghksqnfdms djswp ehlskdy?", "환불은 언제 되나요?")
    question = "환불은 언제 되나요?"
    expected = Reasons(question, (repaired,), question, 1, 1, ("환불", "언제", "되다"))
    assert explained.reasons() == expected
    assert explained.steps == ("keyboard layout",)
    assert explained.reply == bot.reply(question)


def test_what_is_not_searched_for_has_no_reasons(bot: Bot) -> None:
    explained = bot.explain("?!")
    assert (explained.reasons(), explained.steps, explained.hits) == (None, (), ())


def test_a_picked_entry_gives_its_own_answer(bot: Bot) -> None:
    expected = Reply("answer", DELIVERY_ANSWER, 1, "delivery-1", "배송비는 얼마인가요?")
    assert bot.answer("delivery-1") == expected


def test_an_entry_that_is_gone_has_no_answer(bot: Bot) -> None:
    assert bot.answer("gift-1") is None


def test_categories_come_in_the_order_of_the_faq(bot: Bot) -> None:
    assert bot.categories() == ["배송", "환불", "쿠폰", "기타 <i>"]


def test_examples_come_from_different_categories_first(bot: Bot) -> None:
    first_of_each = [ENTRIES[row].question for row in (0, 3, 5, 6)]
    assert bot.example_questions(5) == [*first_of_each, ENTRIES[1].question]


def test_texts_and_limits_are_the_owners(tmp_path: Path) -> None:
    texts = KOREAN.model_copy(update={"unknown": "점장에게 물어보세요."})
    settings = ChatSettings(texts_ko=texts, suggestions=1, max_query_length=15)
    build(tmp_path)
    bot = small_bot(tmp_path, settings)
    assert bot.reply("우주 정거장").text == "점장에게 물어보세요."
    assert len(bot.reply("배송비는 며칠 얼마").suggestions) == 1
    assert bot.reply("가" * 16).text.startswith("질문이 16자예요. 15자 안으로")
