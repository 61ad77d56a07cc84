from hypothesis import given
from hypothesis import strategies as st

from mundap.index.korean.keyboard import to_keys
from mundap.index.query.near_words import NearWords, one_key_apart

WORDS = ["배송비", "환불", "쿠폰", "적립금", "앱", "교환", "카카오페이"]
keys = st.text("abc", max_size=6)


def distance_one(one: str, other: str) -> bool:
    """Return whether one edit of any place makes `other`; by trying them all."""
    made = {one[:at] + one[at + 1 :] for at in range(len(one))}
    made |= {one[:at] + key + one[at:] for at in range(len(one) + 1) for key in "abc"}
    made |= {one[:at] + key + one[at + 1 :] for at in range(len(one)) for key in "abc"}
    made |= {one[:at] + one[at + 1] + one[at] + one[at + 2 :] for at in range(len(one) - 1)}
    return other in made - {one}


@given(keys, keys)
def test_one_key_apart_is_what_trying_every_edit_finds(one: str, other: str) -> None:
    assert one_key_apart(one, other) == distance_one(one, other)


@given(st.sampled_from(WORDS[:4]), st.integers(0, 20), st.sampled_from("qazwsx"), st.data())
def test_every_word_one_key_away_is_found_at_the_beginning(
    word: str, place: int, key: str, data: st.DataObject
) -> None:
    typed = to_keys(word)
    at = place % len(typed)
    slips = [
        typed[:at] + key + typed[at + 1 :],
        typed[:at] + typed[at + 1 :],
        typed[:at] + key + typed[at:],
    ]
    slip = data.draw(st.sampled_from([slip for slip in slips if slip != typed]))
    # What follows begins with a consonant.
    found = NearWords.of(WORDS).beginning(slip + "dms")
    assert (word, "dms") in found or not one_key_apart(slip, typed)


@given(st.text("qwertasdfgyuiophjkl", max_size=24))
def test_what_is_found_is_one_key_from_the_beginning(typed: str) -> None:
    for word, rest in NearWords.of(WORDS).beginning(typed):
        assert typed.endswith(rest)
        assert one_key_apart(typed[: len(typed) - len(rest)], to_keys(word))


def test_the_index_is_sorted_and_the_same_from_its_arrays() -> None:
    one = NearWords.of(WORDS)
    again = NearWords(WORDS, one.hashes, one.owners)
    assert (one.hashes[:-1] <= one.hashes[1:]).all()
    assert (
        again.beginning(to_keys("배솟비는")) == [("배송비", "sms")] == one.beginning("qothtqlsms")
    )


def test_a_whole_word_has_nothing_after_it() -> None:
    assert NearWords.of(WORDS).whole(to_keys("배솟비")) == ["배송비"]
    assert NearWords.of(WORDS).whole(to_keys("배솟비는")) == []


def test_no_words_find_nothing() -> None:
    assert NearWords.of([]).beginning("qothtql") == []
    assert NearWords.of(WORDS).beginning("") == []
