from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.faq.code_page import Loss, losses, near, replaced
from mundap.index.faq.entry import FaqEntry, read_faq, write_faq
from mundap.index.korean.text import clean, clean_lines


@pytest.mark.parametrize(
    ("char", "instead"),
    [
        *(("가", "가"), ("\xa0", " "), ("—", "-"), ("–", "-"), ("−", "-"), ("•", "·"), ("・", "·")),
        *(
            ("₩", "￦"),
            ("©", "(c)"),
            ("é", "e"),
            ("ﬁ", "fi"),
            ("«", "《"),
            ("✓", "V"),
            ("⭐", "★"),
            ("⑯", "16"),
        ),
        *(("😀", ""), ("\u200d", ""), ("\ufe0f", ""), ("👍", ""), ("ไ", "?"), ("𠮷", "?")),
        *(("ᄒ", "ㅎ"), ("\u1112\u1161\u11ab", "한"), ("e\u0301", "e"), ("가\u0301", "가")),
    ],
)
def test_what_comes_nearest(char: str, instead: str) -> None:
    assert near(char, "cp949") == instead


def test_every_loss_is_named_with_its_entries_in_the_order_in_which_it_is_met() -> None:
    entries = [
        FaqEntry("fee", "배송비—얼마?", "무료\xa0😀", ("택배비 😀",), "배송"),
        FaqEntry("time", "언제 와요?", "내일—모레"),
    ]
    found = losses(entries, "cp949")
    assert found == [
        Loss("—", "-", ("fee", "time")),
        Loss("😀", "", ("fee",)),
        Loss("\xa0", " ", ("fee",)),
    ]
    assert [str(loss) for loss in found] == [
        "'—' (U+2014 EM DASH) -> '-' in fee, time",
        "'😀' (U+1F600 GRINNING FACE) -> dropped in fee",
        "'\\xa0' (U+00A0 NO-BREAK SPACE) -> ' ' in fee",
    ]
    assert replaced(entries, "cp949") == [
        FaqEntry("fee", "배송비-얼마?", "무료", ("택배비",), "배송"),
        FaqEntry("time", "언제 와요?", "내일-모레"),
    ]
    assert losses(entries, "utf-8") == []


def test_what_cannot_be_empty_is_marked_and_an_alternate_without_text_goes() -> None:
    smiling = FaqEntry("smile", "🙂", "😀", ("👍", "좋아—요"))
    assert replaced([smiling], "cp949") == [FaqEntry("smile", "?", "?", ("좋아-요",))]


def test_a_loss_of_many_entries_names_five() -> None:
    entries = [FaqEntry(f"e{number}", "질문", "—") for number in range(1_007)]
    assert str(losses(entries, "cp949")[0]).endswith("in e0, e1, e2, e3, e4 and 1,002 more")


texts = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("가나—😀\xa0é"))
)


@given(st.lists(st.tuples(texts, texts, texts), max_size=4))
def test_what_is_replaced_comes_back_as_it_was_written(rows: list[tuple[str, str, str]]) -> None:
    raw = [FaqEntry("anchor", "배송비는 얼마예요?", "3,000원")]
    raw += [
        FaqEntry(
            f"e{number}", clean(f"물음 {one}"), clean_lines(f"답 {two}"), (clean(f"또 {three}"),)
        )
        for number, (one, two, three) in enumerate(rows)
    ]
    entries = replaced(raw, "cp949")
    assert losses(entries, "cp949") == []
    for before, after in zip(raw, entries, strict=True):
        if not losses([before], "cp949"):
            assert after == before
    with TemporaryDirectory() as folder:
        path = Path(folder) / "faq.csv"
        write_faq(entries, path, encoding="cp949")
        cleaned = [
            FaqEntry(
                e.entry_id,
                clean(e.question),
                clean_lines(e.answer),
                tuple(map(clean, e.alternates)),
            )
            for e in entries
        ]
        assert read_faq(path) == cleaned
