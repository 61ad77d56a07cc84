from pathlib import Path

from mundap.chatbot.api.routes.schema_why import ReasonsOut
from mundap.chatbot.api.routes.schemas import AskReply
from mundap.chatbot.bot import Bot
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.settings import ChatSettings
from mundap.index.korean.morphemes import analyse
from mundap.index.search.evidence import Evidence
from mundap.index.search.reranker import Reranker
from tests.chatbot.small_faq import build, tiny_encoder


class PrefersLong:
    """Finds a query closest to the longest question."""

    fingerprint = "long"

    def closeness(self, pairs):
        return [len(question) / 100 for _, question in pairs]


class Broken(PrefersLong):
    def closeness(self, pairs):
        raise RuntimeError("out of memory")


def bots(directory: Path, pair_encoder) -> tuple[Bot, Bot]:
    build(directory)
    live, settings = LiveBundle.open(directory, tiny_encoder()), ChatSettings()
    return Bot(live, settings), Bot(live, settings, Reranker(pair_encoder))


def test_a_reranker_orders_the_hits_and_their_scores_stay(tmp_path: Path) -> None:
    plain, second = bots(tmp_path / "index", PrefersLong())
    before = {hit.entry_id: hit for hit in plain.search("배송비는 얼마인가요?", 8)[1]}
    after = second.search("배송비는 얼마인가요?", 8)[1]
    lengths = [len(hit.question) for hit in after]
    assert lengths == sorted(lengths, reverse=True)
    assert {hit.entry_id: hit for hit in after} == before


def test_where_the_stages_disagree_the_answer_loses_its_lead(tmp_path: Path) -> None:
    plain, second = bots(tmp_path / "index", PrefersLong())
    query = "배송비는 얼마인가요?"
    assert plain.reply(query).kind == "answer"
    ranking = second.explain(query).ranking
    assert ranking.hits[0].entry_id != plain.reply(query).entry_id
    morphemes = len(analyse(query))
    assert ranking.evidence == Evidence.of(ranking.hits[0].score, 0.0, morphemes)


def test_a_reranker_that_fails_changes_no_reply(tmp_path: Path) -> None:
    plain, second = bots(tmp_path / "index", Broken())
    for query in ("배송비는 얼마인가요?", "환불", "오늘 날씨"):
        assert second.reply(query) == plain.reply(query)


def test_what_a_reranker_put_first_is_explained_without_ranks(tmp_path: Path) -> None:
    _, second = bots(tmp_path / "index", PrefersLong())
    explained = second.explain("배송비는 얼마인가요?")
    told = AskReply.of(explained, "0", explain=True).explanation
    assert told is not None
    assert told.reasons == ReasonsOut(
        searched="배송비는 얼마인가요?",
        steps=[],
        matched_question=explained.hits[0].question,
        dense_rank=0,
        bm25_rank=0,
        shared=[],
    )
