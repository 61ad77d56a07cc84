import json
from dataclasses import asdict
from functools import cache
from itertools import islice

from mundap.index.encoders.shipped import SHIPPED_DIRECTORY
from mundap.training.pretrained.plan import Plan
from mundap.training.pretrained.visitors import Asked, Sources
from mundap.training.pretrained.visits import Visits
from tests.training.pretrained.small_base import SHOP

DATA = SHIPPED_DIRECTORY.parent


@cache
def shipped_sources() -> Sources:
    return Sources.read(DATA / "training_faqs", DATA / "faq")


def test_a_batch_asks_for_each_entry_once_and_then_for_several_at_once() -> None:
    for batch in islice(Visits([SHOP], SHOP, 1), 50):
        assert [query.rows for query in batch.queries] == [(0,), (1,), (0, 1)]
        assert len(set(batch.passages)) == len(batch.passages) == 2


def test_a_seed_gives_the_same_batches() -> None:
    first, second = (list(islice(Visits([SHOP], SHOP, 7), 20)) for _ in range(2))
    assert first == second


def test_faqs_are_parted_whole_and_none_held_back_is_learnt_from() -> None:
    sources = shipped_sources()
    learnt, held = ({faq.name for faq in faqs} for faqs in (sources.learn, sources.held_back))
    assert (len(learnt), len(held), learnt & held) == (100, 32, set())
    answers = {entry.answer for faq in sources.held_back for entry in faq.entries}
    questions = {entry.question for faq in sources.held_back for entry in faq.entries}
    passages = {passage for faq in sources.held_back for passage in faq.passages}
    seen = {
        passage
        for batch in islice(Visits(sources.learn, sources.bundled, 0), 150)
        for passage in batch.passages
    }
    assert not seen & (answers | passages | (questions - _questions(sources)))


def _questions(sources: Sources) -> set[str]:
    """Return what FAQs to learn from ask too: two domains may have one question."""
    faqs = [*sources.learn, sources.bundled]
    return {entry.question for faq in faqs for entry in faq.entries}


def test_a_follow_up_is_read_with_the_query_before_it() -> None:
    sources = shipped_sources()
    [cakes] = [faq for faq in sources.learn if faq.name == "cake_order"]
    assert cakes.followup[0] == Asked(
        "레터링 케이크는 며칠 전에 주문해요? 그냥 오늘 사는 건요?", (1,)
    )


def test_what_ships_was_made_by_the_recipe_as_it_is() -> None:
    config = json.loads((SHIPPED_DIRECTORY / "config.json").read_text(encoding="utf-8"))
    sources = shipped_sources()
    parts = {"learn": sources.learn, "fit": sources.held_back}
    split = {part: [faq.name for faq in faqs] for part, faqs in parts.items()}
    assert config["training"] == {**asdict(Plan()), "split": split}
