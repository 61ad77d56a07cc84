from mundap.index.query.replacement import gains


def test_the_word_that_belongs_there_is_likelier_and_itself_neither() -> None:
    text = "횐불 언제 되나요"
    right, same, wrong = gains(text, 0, 2, ["환불", "횐불", "쬲궳"])
    assert right > 5
    assert same == 0
    assert wrong < 0


def test_only_words_around_decide() -> None:
    far = "아주 오래전에 있었던 다른 이야기를 하나 해 볼게요 그래서 "
    assert gains(far + "그때 횐불 받았어요", len(far) + 3, len(far) + 5, ["환불"]) == gains(
        "해 볼게요 그래서 그때 횐불 받았어요", 13, 15, ["환불"]
    )


def test_a_text_without_spaces_is_cut_too() -> None:
    far = "가나다라마" * 20
    assert gains(far + "횐불" + far, 100, 102, ["환불"]) == gains(
        far[-20:] + "횐불" + far[:20], 20, 22, ["환불"]
    )
