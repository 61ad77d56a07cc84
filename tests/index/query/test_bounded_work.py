"""However a query is made up, it is read with so many analyses and no more."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from hypothesis import given, settings, target
from hypothesis import strategies as st

from mundap.index.query import replacement
from tests.index.shop_faq import query_layer

T = TypeVar("T")

# Five words with double letters, each as it is and without; three suspects, each as it is and
# with four words in its place, and twice for what it would change.
MOST = 5 * 2 + 3 * (1 + 4 + 2)

SYLLABLES = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)
WORDS = st.one_of(
    SYLLABLES.map(lambda syllable: 2 * syllable),
    st.text(SYLLABLES, min_size=1, max_size=5),
    st.sampled_from(["배솟비", "환붊", "쿠퐁", "환환불", "교완", "배송비이", "ㅎㅗㅏㄴ불"]),
)


def noting(texts: list[str], ask: Callable[[str], T]) -> Callable[[str], T]:
    def noted(text: str) -> T:
        texts.append(text)
        return ask(text)

    return noted


@pytest.fixture(scope="module")
def analysed() -> list[str]:
    return []


@pytest.fixture(autouse=True, scope="module")
def watched(analysed: list[str]) -> Iterator[None]:
    """Note every text that the language model is asked about."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("likelihood", "content_forms"):
            patch.setattr(replacement, name, noting(analysed, getattr(replacement, name)))
        yield


@settings(max_examples=300)
@given(words=st.lists(WORDS, min_size=1, max_size=60))
def test_the_language_model_is_asked_a_bounded_number_of_times(
    analysed: list[str], words: list[str]
) -> None:
    analysed.clear()
    query_layer().read(" ".join(words)[:200])
    target(len(analysed))
    assert len(analysed) <= MOST
