"""Whether a text is in another language than Korean."""

import re

from mundap.index.korean.text import hangul_only

# Latin letters, with marks too: Tiếng Việt. One word of them may well be Korean: wifi, QR.
_LATIN = "A-Za-zªºÀ-ɏḀ-ỿ"
_WORD, _FEWEST = re.compile(f"[{_LATIN}]{{2,}}"), 2
_OTHER = re.compile(rf"[^\W\d_{_LATIN}]")


def is_foreign(text: str) -> bool:
    """Whether a text has no Hangul, but several words in Latin letters or a letter of another kind.

    送料はいくら？ and "where is my parcel" are foreign; "QR" and "배송 tracking" are not.
    """
    if hangul_only(text):
        return False
    return bool(_OTHER.search(text)) or len(_WORD.findall(text)) >= _FEWEST
