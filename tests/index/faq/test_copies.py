from mundap.index.faq.copies import without_copies
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages


def entry(entry_id: str, *texts: str, answer: str = "사흘 걸려요.", category: str = "") -> FaqEntry:
    return FaqEntry(entry_id, texts[0], answer, texts[1:], category)


def test_entries_that_say_the_same_are_one_with_the_phrasings_of_all() -> None:
    entries = [
        entry("a", "환불은 언제 되나요?", "환불 언제 돼?"),
        entry("b", "교환은 언제 되나요?"),
        entry("a-2", "환불은  언제 되나요?", "환불 언제 돼?", "환불 며칠?"),
    ]

    assert without_copies(entries) == [
        entry("a", "환불은 언제 되나요?", "환불 언제 돼?", "환불 며칠?"),
        entries[1],
    ]


def test_another_answer_or_category_makes_another_entry() -> None:
    entries = [
        entry("a", "환불은 언제 되나요?"),
        entry("b", "환불은 언제 되나요?", answer="일주일이요."),
        entry("c", "환불은 언제 되나요?", category="환불"),
    ]

    assert without_copies(entries) == entries
    assert without_copies([]) == []


def test_passages_know_no_copies_with_answers_or_without() -> None:
    entries = [entry("a", "환불 언제"), entry("a-2", "환불 언제"), entry("b", "교환 언제")]

    for passages in (Passages.of(entries), Passages.with_answers(entries)):
        assert [one.entry_id for one in passages.entries] == ["a", "b"]
        assert passages.owners.tolist() == [0, 1]
