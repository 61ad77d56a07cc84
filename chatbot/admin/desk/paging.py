"""Which page of a list is shown, and where the others are."""

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request

from mundap.chatbot.admin.desk.desk import Desk


@dataclass(frozen=True, slots=True)
class Paging:
    """A page, counted from 1, of `last` ones; links are empty where there is nothing."""

    page: int
    last: int
    before: str
    after: str

    @classmethod
    def of(cls, desk: Desk, request: Request, page: int, last: int) -> "Paging":
        """Return the links beside a page; they keep what else was asked for."""

        def link(number: int) -> str:
            if not 1 <= number <= last:
                return ""
            kept = {
                name: value
                for name, value in request.query_params.items()
                if name not in {"page", "lang", "was", "deeds", "number"}
            }
            return f"?{urlencode({**kept, 'page': number})}"

        return cls(page, max(1, last), link(min(page - 1, last)), link(page + 1))
