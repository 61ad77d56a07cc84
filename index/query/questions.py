"""Two questions in one message, and questions that lean on the one before."""

import re

# Words after which another question may begin: 환불해 주고, 접시랑, 되나요? and the like.
# Not 작은데, 싶은데: one message of five has such a word, and goes on with the question itself.
_JOINT = re.compile(r"(?:[?!.,;]|(?<!려)고|고요|구요|구|며|지만|랑|하고|와|과|거나|그리고|및|또)$")
_BETWEEN = frozenset({"그리고", "또", "및", "그럼", "and", "또한"})
# Of those, which hardly ever stand in one question.
_MARK = re.compile(r"(?:[?!;]|고요|구요|랑)$")
# 하고 싶은데, 보고 있어요: what follows belongs to what stands before.
_TIED = ("싶", "있", "계")
# 알려 주세요, 궁금해요: what every question may end with, and none by itself.
_ASKING = re.compile(
    r"(?:좀|제발|꼭|(?:궁금|알려|문의|질문|여쭤|여쭙|부탁|도와|가르쳐|답변)\S*|(?:주세요|주십시오|주시|주실|줘|줄래)\S*|드려\S*|해\S{0,3}|싶\S*)$"
)
# 제주도는요?, 2유형은?, 라섹이면요?: a topic or a case, of which nothing is asked.
_TOPIC = re.compile(r"(?:(?:은|는|도|건)요|면요?|[은는])\s*[?？]*$")
# Words of a question that leans on the one before; a longer one says what it is about.
_SHORT = 4
_LEANING = re.compile(
    r"^(?:그럼|그러면|그건|그거|그게|그것|그때|그리고|거기|거긴|그쪽|그렇다면|아니면|이건|이거|"
    r"what about|and)\b"
)


def parting(text: str, *, marked: bool = False) -> tuple[str, str] | None:
    """Return the likeliest way to part a message into two; None where it looks like one question.

    Each part has two words at least, or a word of three letters. With `marked` only where the
    first part ends as one question of two does: 되나요?, 접시랑, 그리고.
    """
    words = text.split()
    found: list[tuple[bool, tuple[str, str]]] = []
    for place in range(1, len(words)):
        mark = bool(_MARK.search(words[place - 1])) or words[place].rstrip(",") in _BETWEEN
        if words[place].startswith(_TIED):
            continue
        if not mark and (marked or not _JOINT.search(words[place - 1])):
            continue
        left = " ".join(words[:place]).rstrip("?!.,; ")
        rest = words[place:]
        right = " ".join(rest[1:] if rest[0].rstrip(",") in _BETWEEN else rest)
        if _is_enough(left) and _is_enough(right):
            found.append((mark, (left, right)))
    # The first with a mark, else the first.
    return max(found, key=lambda way: way[0])[1] if found else None


def leans(text: str) -> bool:
    """Whether a question cannot stand alone: 그럼 얼마예요?, 제주도는요?, not 배송비 얼마예요?"""
    words = text.split()
    if not words or len(words) > _SHORT + 2:
        return False
    if _LEANING.search(text.lower()):
        return True
    return len(words) <= _SHORT and bool(_TOPIC.search(text))


def _is_enough(part: str) -> bool:
    words = part.split()
    return len(part) >= 3 and not all(map(_ASKING.match, words))
