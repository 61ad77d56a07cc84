"""What of a text was changed, word by word."""

from hypothesis import given
from hypothesis import strategies as st

from mundap.chatbot.admin.desk.word_difference import word_difference

texts = st.text(st.sampled_from("가나 다\n 😀\u1100\u1161"), max_size=40)


def test_only_the_words_that_changed_are_marked() -> None:
    old, new = "제주도 배송비는 3,000원이에요.", "제주도 배송비는 2,500원이에요.\n섬도 같아요."
    assert list(word_difference(old, new)) == [
        ("same", "제주도 배송비는 "),
        ("old", "3,000원이에요."),
        ("new", "2,500원이에요.\n섬도 같아요."),
    ]


def test_texts_that_share_a_word_by_chance_are_shown_one_after_the_other() -> None:
    old, new = "기본 배송비는 3,000원이고 섬은 더 들어요.", "배송비는 없어요."
    assert list(word_difference(old, new)) == [("old", old), ("new", new)]


def test_a_text_that_was_not_there_is_new() -> None:
    assert list(word_difference(None, "배송")) == [("new", "배송")]
    assert list(word_difference("배송", "")) == [("old", "배송")]


def test_of_a_book_everything_counts_as_changed() -> None:
    book = "가 나 " * 2000
    assert list(word_difference(book, book + "다")) == [("old", book), ("new", book + "다")]


@given(texts, texts)
def test_the_parts_are_both_texts(old: str, new: str) -> None:
    parts = list(word_difference(old, new))
    assert "".join(text for kind, text in parts if kind != "old") == new
    assert "".join(text for kind, text in parts if kind != "new").replace(" ", "").replace(
        "\n", ""
    ) == old.replace(" ", "").replace("\n", "")
