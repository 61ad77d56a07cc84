from hypothesis import given
from hypothesis import strategies as st

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.query.vocabulary import Vocabulary
from tests.index.shop_faq import ENTRIES, vocabulary

counts = st.dictionaries(st.text(), st.integers(1, 1000))


def test_words_are_counted_once_a_passage_as_written_and_by_their_stem() -> None:
    entry = FaqEntry("a", "환불은 환불은 VIP만", "네.", ("환불되나요 ㅎㅇ",))
    found = Vocabulary.of(Passages.of([entry]))
    assert found.forms == {"환불은": 1, "vip": 1, "만": 1, "환불되나요": 1, "ㅎㅇ": 1}
    assert found.stems == {"환불": 2}
    assert found.tails == {"은": 1, "되나요": 1}


def test_a_known_stem_with_the_tail_of_another_word_is_known() -> None:
    for word in ("환불", "쿠폰은", "환불되나요", "적립금하나요", "쿠폰"):
        assert vocabulary().knows(word)
    for word in ("환뷸", "쿠푼은", "날씨", "환불럽"):
        assert not vocabulary().knows(word)


def test_every_word_of_the_faq_is_known() -> None:
    texts = [text for entry in ENTRIES for text in entry.passages]
    words = [word.strip("?!.") for text in texts for word in text.split()]
    assert [word for word in words if not vocabulary().knows(word)] == []


def test_the_parts_of_a_word_are_the_form_and_the_stems_in_it() -> None:
    assert vocabulary().parts("환불은") == {"환불은", "환불"}
    assert vocabulary().parts("카카오페이로") == {"카카오페이로", "카카오페이"}
    assert vocabulary().parts("날씨") == set()


def test_a_word_is_counted_as_form_or_stem_whichever_is_more() -> None:
    assert vocabulary().count("쿠폰") == vocabulary().stems["쿠폰"] == 3
    assert vocabulary().count("날씨") == 0


@given(counts, counts, counts)
def test_loading_undoes_dumping(
    forms: dict[str, int], stems: dict[str, int], tails: dict[str, int]
) -> None:
    one = Vocabulary(forms, stems, tails)
    assert Vocabulary.load(one.dump()) == one


def test_a_faq_without_words_has_an_empty_vocabulary() -> None:
    assert Vocabulary.of(Passages.of([])) == Vocabulary({}, {}, {})
