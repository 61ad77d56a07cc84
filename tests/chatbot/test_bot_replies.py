"""Which kind of reply a message gets, whatever the scores of a FAQ: confidences are fixed here."""

import math
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest

from mundap.chatbot.bot import Bot
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.reply import Reply
from mundap.chatbot.settings import ENGLISH, KOREAN, ChatSettings
from mundap.index.bundle.bundle import Bundle
from mundap.index.faq.entry import FaqEntry
from mundap.index.search.confidence import EVIDENCE, Confidence, LogOdds
from tests.chatbot.small_faq import ENTRIES, small_bot, tiny_encoder

REFUND = "환불은 언제 되나요?"
FEE = "배송비는 얼마인가요?"
# What visitors write who need no answer.
FILLERS = ["네", "왜", "왜요?", "아니요", "ㅇㅇ", "네 😀", unicodedata.normalize("NFD", "왜")]


def certain(first: float, shown: float) -> Confidence:
    """Give every query these two probabilities."""
    flat = dict.fromkeys(EVIDENCE, 0.0)
    models = (LogOdds(math.log(p / (1 - p)), flat) for p in (first, shown))
    return Confidence(*models, answer=0.7, suggest=0.5)


def bot_with(
    directory: Path,
    confidence: Confidence,
    entries: Sequence[FaqEntry] = ENTRIES,
    settings: ChatSettings | None = None,
) -> Bot:
    Bundle.build(directory, entries, tiny_encoder(), calibrate=lambda retriever: confidence)
    return Bot(LiveBundle.open(directory, tiny_encoder()), settings or ChatSettings())


@pytest.fixture(scope="module")
def sure(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    """Answers whatever it searches for."""
    return bot_with(tmp_path_factory.mktemp("sure"), certain(0.99, 0.99))


@pytest.fixture(scope="module")
def unsure(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    """Offers entries and never answers."""
    return bot_with(tmp_path_factory.mktemp("unsure"), certain(0.01, 0.99))


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    """Knows nothing of any query."""
    return bot_with(tmp_path_factory.mktemp("lost"), certain(0.01, 0.01))


def offered(reply: Reply) -> list[str]:
    return [item.entry_id for item in reply.suggestions]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.entry_id)
def test_an_exact_phrasing_is_answered_however_unsure_the_bot_is(
    lost: Bot, entry: FaqEntry
) -> None:
    for phrasing in entry.passages:
        for typed in (phrasing, unicodedata.normalize("NFD", phrasing.upper())):
            reply = lost.reply(typed)
            assert (reply.kind, reply.entry_id, reply.text) == (
                "answer",
                entry.entry_id,
                entry.answer,
            )


@pytest.mark.parametrize("query", ["배송", "환불?", "쿠폰 😀"])
def test_one_word_is_offered_what_the_faq_has_on_it(unsure: Bot, query: str) -> None:
    reply = unsure.reply(query)

    assert (reply.kind, reply.text) == ("suggest", KOREAN.topic)
    assert reply.suggestions


def test_more_words_are_asked_whether_they_meant_one_of_these(unsure: Bot) -> None:
    reply = unsure.reply("쿠폰 등록 방법")

    assert (reply.kind, reply.text, offered(reply)[0]) == ("suggest", KOREAN.suggest, "coupon-1")


@pytest.mark.parametrize("query", FILLERS)
def test_a_word_that_asks_nothing_is_never_answered_with_an_entry(sure: Bot, query: str) -> None:
    assert sure.reply(query) == Reply("unknown", KOREAN.filler, 1)


@pytest.mark.parametrize(
    ("query", "language", "text"),
    [
        ("안녕", "ko", KOREAN.greeting),
        ("ㅎㅇ~!", "ko", KOREAN.greeting),
        ("고마워요 👍", "ko", KOREAN.thanks),
        (unicodedata.normalize("NFD", "감사합니다"), "ko", KOREAN.thanks),
        ("Thank you!", "en", ENGLISH.thanks),
    ],
)
def test_greetings_and_thanks_are_returned(sure: Bot, query: str, language: str, text: str) -> None:
    assert sure.reply(query, language=language) == Reply("answer", text, 1)  # type: ignore[arg-type]


def test_what_the_faq_itself_says_to_a_greeting_comes_first(sure: Bot) -> None:
    reply = sure.reply("안녕하세요!")

    assert (reply.entry_id, reply.text) == ("hello-1", "반갑습니다!")


def test_small_talk_can_be_left_to_the_faq(tmp_path: Path) -> None:
    bot = bot_with(tmp_path, certain(0.99, 0.99), settings=ChatSettings(small_talk=False))

    assert bot.reply("안녕").entry_id == "hello-1"


@pytest.mark.parametrize(
    "query", [f"{FEE} 그리고 {REFUND}", f"{FEE} {REFUND}", "배송비는 얼마고요 환불은 언제 되나요?"]
)
def test_of_two_questions_in_a_message_both_are_offered(sure: Bot, query: str) -> None:
    reply = sure.reply(query)

    assert (reply.kind, reply.text, reply.entry_id) == ("suggest", KOREAN.two, None)
    assert offered(reply)[:2] == ["delivery-1", "refund-1"]
    assert len(offered(reply)) == len(set(offered(reply))) == ChatSettings().suggestions


@pytest.mark.parametrize("topic", ["배송비", "택배요", "환불!"])
def test_a_bare_topic_is_offered_entries_however_sure_the_first_is(sure: Bot, topic: str) -> None:
    reply = sure.reply(topic)

    assert (reply.kind, reply.text) == ("suggest", KOREAN.topic)


def test_one_question_put_twice_is_one(sure: Bot) -> None:
    reply = sure.reply(f"{FEE} 택배 요금 알려 주세요")

    assert (reply.kind, reply.entry_id) == ("answer", "delivery-1")


def test_parts_that_are_not_clear_are_no_questions(lost: Bot) -> None:
    assert lost.reply("배송비는 얼마고요 환불은 언제 되나요?").text == KOREAN.unknown


def test_two_stored_questions_are_clear_however_unsure_all_else_is(lost: Bot) -> None:
    assert lost.reply(f"{FEE} 그리고 {REFUND}").text == KOREAN.two


def test_where_one_suggestion_is_all_that_is_shown_no_two_are_promised(sure: Bot) -> None:
    explained = sure.explain(f"{FEE} 그리고 {REFUND}", suggestions=1)

    assert (explained.reply.kind, explained.reply.text) != ("suggest", KOREAN.two)
    assert len(explained.hits) == 2


@pytest.mark.parametrize(
    "query", ["그럼 얼마예요?", unicodedata.normalize("NFD", "그럼 얼마예요?"), "그건 얼마예요 😀"]
)
def test_a_question_that_leans_on_the_one_before_is_read_with_it(sure: Bot, query: str) -> None:
    reply = sure.reply(query, previous="배송비")

    assert (reply.entry_id, reply.read_with) == ("delivery-1", "배송비")
    assert sure.reply(query).read_with is None


def test_what_leans_and_is_not_sure_is_offered_and_never_unknown(lost: Bot) -> None:
    reply = lost.reply("그럼 배송비는요?", previous="환불은 언제 되나요?")

    assert (reply.kind, reply.read_with) == ("suggest", "환불은 언제 되나요?")
    assert offered(reply)[0] == "delivery-1"


@pytest.mark.parametrize("query", [entry.question for entry in ENTRIES])
def test_a_question_that_stands_alone_is_never_read_with_another(sure: Bot, query: str) -> None:
    assert sure.reply(query, previous="포인트는 언제 쌓이나요?") == sure.reply(query)


@pytest.mark.parametrize("previous", ["", " \n", "?!", "가" * 1001])
def test_what_was_no_question_is_not_read_again(sure: Bot, previous: str) -> None:
    assert sure.reply("그럼 얼마예요?", previous=previous) == sure.reply("그럼 얼마예요?")


def test_a_word_that_asks_nothing_is_read_with_nothing(sure: Bot) -> None:
    assert sure.reply("그럼", previous=FEE) == Reply("unknown", KOREAN.filler, 1)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("where is my parcel", ENGLISH.unknown),
        ("Where is my 택배?", KOREAN.unknown),
        ("iphone", KOREAN.unknown),
        ("우주 정거장", KOREAN.unknown),
    ],
)
def test_words_in_latin_letters_alone_are_spoken_to_in_english(
    lost: Bot, query: str, text: str
) -> None:
    assert lost.reply(query).text == text


def test_an_emoji_changes_no_answer(tmp_path: Path) -> None:
    bot = small_bot(tmp_path / "index")

    plain, cheerful = bot.reply(REFUND), bot.reply(f"😊 {unicodedata.normalize('NFD', REFUND)} 🙏")

    assert (cheerful.kind, cheerful.entry_id) == (plain.kind, plain.entry_id)


@pytest.mark.parametrize(("shown", "count"), [(0.46, 3), (0.44, 0)])
def test_a_dont_know_offers_what_is_worth_a_look(tmp_path: Path, shown: float, count: int) -> None:
    """Nine tenths of the 0.5 that offering entries alone takes here."""
    reply = bot_with(tmp_path, certain(0.01, shown)).reply("배송비가 며칠 뒤에 환불되나요")
    assert (reply.kind, reply.text) == ("unknown", KOREAN.unknown)
    assert len(reply.suggestions) == count


def test_beside_an_answer_stand_close_questions_alone(sure: Bot) -> None:
    reply = sure.reply("배송비는 며칠 얼마")
    assert reply.kind == "answer"
    assert reply.score is not None
    assert all(item.score >= 0.8 * reply.score for item in reply.suggestions)
    assert sure.reply(REFUND).suggestions == ()
