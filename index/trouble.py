"""Why work could not be done, told apart by what people can do about it, and said in their words.

The message of an exception is for the terminal and the log, and in English; these are for the
owner's page, which shows a job that ran in a child process, and for the reports of improvements.
"""

import errno
from collections.abc import Mapping
from typing import Literal, get_args

# What another process is at work on; a server that is not there or refuses us; a file that another
# process holds, that cannot be written, or is damaged; a full disk; what a newer version made;
# nothing to do it with; a process that something else has ended.
Trouble = Literal[
    "busy", "away", "locked", "unwritable", "damaged", "full", "newer", "nothing", "ended", "other"
]
TROUBLES: tuple[Trouble, ...] = get_args(Trouble)

_BY_ERRNO: Mapping[int, Trouble] = {
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "unwritable"),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "full"),
}

WORDS: Mapping[Trouble, Mapping[str, str]] = {
    "busy": {
        "ko": "같은 FAQ에서 다른 작업이 돌고 있어요. 그것이 끝난 뒤에 다시 해 주세요.",
        "en": "Other work on the same FAQ goes on. Please try again when that has ended.",
    },
    "away": {
        "ko": "데이터베이스나 벡터 서버에 연결되지 않아요. 서버를 켠 뒤에 다시 해 주세요.",
        "en": "A server of its data is down or cannot be reached. Please try again once it runs.",
    },
    "locked": {
        "ko": "다른 프로그램이 저장소를 쓰고 있어요. 그것이 끝난 뒤에 다시 해 주세요.",
        "en": "Another program holds the store. Please try again when that has ended.",
    },
    "unwritable": {
        "ko": "파일이나 폴더에 쓸 권한이 없어요. 권한을 준 뒤에 다시 해 주세요.",
        "en": "A file or folder cannot be written. Please give the right to, and try again.",
    },
    "damaged": {
        "ko": "파일이 망가졌거나 다른 파일이에요. 보관해 둔 사본으로 바꾼 뒤에 다시 해 주세요.",
        "en": "A file is damaged or something else. Please put a copy in its place and try again.",
    },
    "full": {
        "ko": "디스크가 가득 찼어요. 자리를 비운 뒤에 다시 해 주세요.",
        "en": "The disk is full. Please make room and try again.",
    },
    "newer": {
        "ko": "더 새로운 판의 문답이 만든 파일이에요. 그 판을 설치해 주세요.",
        "en": "A newer version made its files. Please install that version.",
    },
    "nothing": {
        "ko": "FAQ에 항목이 하나도 없어요. 항목을 만든 뒤에 다시 해 주세요.",
        "en": "The FAQ has no entry. Please make one and try again.",
    },
    "ended": {
        "ko": "작업이 도중에 꺼졌어요. 서버가 다시 켜졌거나 메모리가 모자랐어요. 다시 해 주세요.",
        "en": "It was ended half-way: by a restart, or for want of memory. Please try again.",
    },
    "other": {
        "ko": "자세한 까닭은 서버의 기록에 있어요.",
        "en": "The log of the server has the details.",
    },
}


def trouble_of(error: BaseException) -> Trouble:
    """Return what kept work from being done.

    An exception that knows says so in `trouble`; one of the operating system's by its number.
    """
    told = getattr(error, "trouble", None)
    if told in TROUBLES:
        found: Trouble = told
        return found
    if isinstance(error, MemoryError):
        return "ended"
    return _BY_ERRNO.get(error.errno or 0, "other") if isinstance(error, OSError) else "other"
