import pytest

from mundap.index.korean.particles import final_of, is_particles, is_tail, with_particle


@pytest.mark.parametrize(
    ("noun", "tail"),
    [
        ("무신사", "는"),
        ("무신사", "에서는요"),
        ("이어팟", "은"),
        ("이어팟", "으로"),
        ("멜론", "이랑"),
        ("토트넘몰", "로"),
        ("이어팟", "까지만"),
        ("무신사", ""),
        ("G", "는"),
        ("11", "은"),
    ],
)
def test_particles_follow_the_noun_that_asks_for_them(noun: str, tail: str) -> None:
    assert is_tail(tail, noun)


@pytest.mark.parametrize(
    ("noun", "tail"),
    [
        ("무신사", "은"),
        ("이어팟", "는"),
        ("얼그레", "이"),
        ("이어팟", "로"),
        ("토트넘몰", "으로"),
        ("수거장", "소"),
    ],
)
def test_others_do_not(noun: str, tail: str) -> None:
    assert not is_tail(tail, noun)


def test_people_type_either_of_two() -> None:
    assert [*map(is_particles, ("은", "는", "에서도", "", "페이"))] == [True] * 3 + [False] * 2


@pytest.mark.parametrize(
    ("noun", "pair", "written"),
    [
        ("무신사", ("는", "은"), "무신사는"),
        ("이어팟", ("는", "은"), "이어팟은"),
        ("멜론", ("로", "으로"), "멜론으로"),
        ("몰", ("로", "으로"), "몰로"),
        ("몰", ("를", "을"), "몰을"),
        ("LG", ("가", "이"), "LG가"),
    ],
)
def test_a_noun_takes_the_particle_it_asks_for(
    noun: str, pair: tuple[str, str], written: str
) -> None:
    assert with_particle(noun, *pair) == written


def test_the_final_consonant_of_other_letters_is_unknown() -> None:
    assert [final_of(noun) for noun in ("무신사", "각", "멜론", "A", "7", "ㅎ")] == [
        0,
        1,
        4,
        None,
        None,
        None,
    ]
