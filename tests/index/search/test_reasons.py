from mundap.index.query.query_layer import Reading, Step
from mundap.index.search.fusion import Fusion
from mundap.index.search.ranking import Ranking
from mundap.index.search.reasons import Reasons
from mundap.index.search.retriever import Retriever
from tests.index.shop_faq import ENTRIES
from tests.tiny_encoder import TinyEncoder


def test_reasons_are_what_led_to_the_first_hit() -> None:
    retriever = Retriever.build(TinyEncoder(dimension=512), ENTRIES)

    # 환불 typed on a keyboard that is set to English.
    [ranking] = retriever.rank(["ghksqnf 며칠 걸려"], 3)

    assert ranking.hits[0].entry_id == "refund"
    assert Reasons.of(ranking) == Reasons(
        searched="환불 며칠 걸려",
        steps=(Step("keyboard layout", "ghksqnf 며칠 걸려", "환불 며칠 걸려"),),
        question="환불 며칠 걸려요",
        dense_rank=1,
        bm25_rank=1,
        shared=("환불", "며칠", "걸리다"),
    )


def test_reasons_tell_where_words_did_not_help() -> None:
    retriever = Retriever.build(TinyEncoder(), ENTRIES, Fusion(1, 0, 0, 0))

    [ranking] = retriever.rank([""], 1)

    assert Reasons.of(ranking) == Reasons("", (), ranking.hits[0].question, 1, 0, ())


def test_where_nothing_was_found_there_is_no_reason() -> None:
    assert Reasons.of(Ranking(Reading("환불", ()), (), None)) is None
