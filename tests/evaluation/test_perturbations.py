import unicodedata
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.evaluation.perturbations import (
    PERTURBATIONS,
    decomposed,
    latin_loan_words,
    neighbouring_key,
    other_layout,
    perturbed,
    repeated_letters,
    without_particles,
    without_spaces,
    wrong_letter,
)
from mundap.index.korean.keyboard import NEIGHBOURS, flipped, to_keys

syllables = st.text(st.sampled_from("환불배송비쿠폰 a1?"), max_size=15)
QUESTIONS = [
    "배송비는 얼마예요?",
    "앱에서 쿠폰이 안 보여요ㅠㅠ",
    "카카오페이로 결제했는데 취소되나요",
]


@pytest.mark.parametrize("kind", PERTURBATIONS)
@pytest.mark.parametrize("text", [*QUESTIONS, "", "😀 123"])
def test_a_seed_decides_everything(kind: str, text: str) -> None:
    assert perturbed(text, kind, 3) == perturbed(text, kind, 3)


def test_another_seed_slips_elsewhere() -> None:
    slips = {perturbed(QUESTIONS[2], "neighbouring key", seed) for seed in range(20)}
    assert len(slips) > 10


@given(syllables, st.integers(0, 99))
def test_spaces_alone_go(text: str, seed: int) -> None:
    assert without_spaces(text, Random(seed)) == "".join(text.split(" "))


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("환불은 언제 되나요", "환불 언제 되나요"),
        ("카드로 산 것을 통장으로 받나요?", "카드 산 것 통장 받나요?"),
        ("배송비 얼마", "배송비 얼마"),
        ("", ""),
    ],
)
def test_particles_alone_go(text: str, bare: str) -> None:
    assert without_particles(text, Random(0)) == bare


@settings(deadline=None)
@given(st.sampled_from(QUESTIONS), st.integers())
def test_dropping_particles_keeps_the_order_of_the_rest(text: str, seed: int) -> None:
    left = iter(text)
    assert all(char in left for char in without_particles(text, Random(seed)))


@given(st.sampled_from(QUESTIONS), st.integers())
def test_a_neighbouring_key_is_one_key_beside(text: str, seed: int) -> None:
    before, after = to_keys(text), to_keys(neighbouring_key(text, Random(seed)))
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert len(changed) == 1
    assert changed[0][1] in NEIGHBOURS[changed[0][0].lower()]


@given(st.sampled_from(QUESTIONS), st.integers())
def test_a_wrong_letter_costs_at_most_one_key_or_two_swapped(text: str, seed: int) -> None:
    before, after = to_keys(text), to_keys(wrong_letter(text, Random(seed)))
    assert abs(len(before) - len(after)) <= 1
    if len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        changed = [place for place, (a, b) in pairs if a != b]
        swapped = len(changed) == 2 and changed[1] == changed[0] + 1
        assert len(changed) <= 1 or swapped


@given(syllables, st.integers())
def test_half_of_the_syllables_stand_two_or_three_times(text: str, seed: int) -> None:
    def runs(letters: str) -> list[str]:
        return [c for at, c in enumerate(letters) if at == 0 or letters[at - 1] != c]

    longer = repeated_letters(text, Random(seed))
    count = sum("가" <= char <= "힣" for char in text)
    assert runs(longer) == runs(text)
    assert count // 2 <= len(longer) - len(text) <= 2 * (count // 2)


def test_loan_words_that_stand_alone_become_latin() -> None:
    text = "카카오페이 쿠폰은 체크카드 소비자원"
    assert latin_loan_words(text, Random(0)) == "kakaopay coupon은 체크카드 소비자원"


@given(syllables, st.integers())
def test_the_other_layout_and_nfd_can_be_undone(text: str, seed: int) -> None:
    assert flipped(other_layout(text, Random(seed))) == text
    assert unicodedata.normalize("NFC", decomposed(text, Random(seed))) == text


@pytest.mark.parametrize("kind", ["wrong letter", "neighbouring key", "letters repeated"])
def test_a_text_without_hangul_has_no_letter_to_slip(kind: str) -> None:
    assert perturbed("QR 123 😀", kind, 0) == "QR 123 😀"
