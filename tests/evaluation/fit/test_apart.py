from dataclasses import replace

from mundap.evaluation.fit.apart import alternate_rows, rank_apart
from mundap.evaluation.fit.calibration import fit_confidence
from mundap.evaluation.fit.fusion import fit_fusion
from mundap.evaluation.queries import Query
from mundap.index.faq.entry import FaqEntry
from mundap.index.search.fusion import Fusion
from mundap.index.search.retriever import Retriever
from tests.tiny_encoder import TinyEncoder, TinyReader

NOUNS = ("배송", "환불", "쿠폰", "회원", "결제", "교환")


def entries(alternates: int = 12) -> list[FaqEntry]:
    return [
        FaqEntry(
            noun, f"{noun} 안내", f"{noun} 답", tuple(f"{noun} {n}번 말" for n in range(alternates))
        )
        for noun in NOUNS
    ]


def retriever(found: list[FaqEntry]) -> Retriever:
    return Retriever.build(TinyEncoder(), found, Fusion())


def test_a_query_that_is_an_alternate_never_finds_itself() -> None:
    whole = retriever(entries())
    asked = [text for entry in entries() for text in entry.alternates]
    rankings = rank_apart(whole, asked, 3)
    assert [ranking.reading.text for ranking in rankings] == asked
    assert all(
        hit.question != text for text, r in zip(asked, rankings, strict=True) for hit in r.hits
    )
    assert all(ranking.is_exact for ranking in whole.rank(asked, 3))


def test_new_queries_and_questions_are_asked_of_the_whole_faq() -> None:
    whole = retriever(entries())
    asked = ["배송 언제 와요", "환불 안내", "우주 정거장"]
    assert rank_apart(whole, asked, 3) == whole.rank(asked, 3)
    mixed = rank_apart(whole, [*asked, "배송 3번 말"], 3)
    assert mixed[:3] == whole.rank(asked, 3)
    assert rank_apart(whole, [], 3) == []


def test_an_entry_is_found_by_what_is_left_of_it_with_a_pretrained_encoder_too() -> None:
    whole = Retriever.build(TinyEncoder(), entries(1), Fusion(), pretrained=TinyReader())
    [ranking] = rank_apart(whole, ["배송 0번 말"], 6)
    assert "배송" in [hit.entry_id for hit in ranking.hits]
    assert {hit.question for hit in ranking.hits if hit.entry_id == "배송"} == {"배송 안내"}


def test_alternates_are_found_by_their_key_and_questions_never() -> None:
    passages = retriever([FaqEntry("a", "배송 안내", "답", ("Shipping  얼마",))]).passages
    assert alternate_rows(passages, ["배송 안내", "shipping 얼마", "없는 말"]) == [-1, 1, -1]


def test_a_confidence_is_not_fitted_on_queries_that_find_themselves() -> None:
    # Nothing is alike here: whoever asks anew is not understood.
    words = ["".join(chr(0xAC00 + 97 * (60 * n + m) % 11_172) for m in range(6)) for n in range(60)]
    shop = [
        FaqEntry(noun, f"{noun} 안내", f"{noun} 답", tuple(words[n::6]))
        for n, noun in enumerate(NOUNS)
    ]
    stored = [Query(text, text, entry.entry_id) for entry in shop for text in entry.alternates]
    outside = [f"엉뚱한 {n}번 말" for n in range(60)]
    found = fit_confidence(retriever(shop), queries=stored, out_of_scope=outside).fit
    assert found.get("in_scope_answered", [0.0])[0] < 0.1


def test_weights_of_queries_that_are_alternates_are_those_of_an_faq_that_lacks_them() -> None:
    shop = entries(1)
    asked = [Query(entry.entry_id, entry.alternates[0], entry.entry_id) for entry in shop[:1]]
    without = [replace(shop[0], alternates=()), *shop[1:]]
    assert fit_fusion(retriever(shop), asked) == fit_fusion(retriever(without), asked)
