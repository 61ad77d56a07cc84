"""What an owner has just done, said on top of the next screen, with a button that takes it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request, Response

from mundap.chatbot.admin.desk.desk import Desk
from mundap.chatbot.admin.desk.faq_copy import working_copy
from mundap.chatbot.admin.desk.menu import SCREENS
from mundap.chatbot.admin.desk.text import words
from mundap.feedback.unanswered.settling import undo
from mundap.index.faq.edited_entry import EditError

# What visitors see once it is published.
_EDITS = ("added", "made", "saved", "removed")


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence, and the deeds that its button undoes."""

    text: str
    is_good: bool
    is_edit: bool
    deeds: str
    # On the button, and on the link that leads on.
    undo: str
    to_publish: str


def notice(desk: Desk, request: Request) -> Notice | None:
    """Return what the address of a screen tells of what was done before it."""
    asked = request.query_params
    name, number, deeds = asked.get("was", ""), asked.get("number", ""), asked.get("deeds", "")
    said = words("undoing", desk.language(request))
    if f"was_{name}" not in said or not all(part.isdecimal() for part in deeds.split("-") if part):
        return None
    text = said[f"was_{name}"].format(number=number if number.isdecimal() else "")
    is_good = not name.startswith("not_")
    return Notice(text, is_good, name in _EDITS, deeds, said["undo"], said["to_publish"])


def told(path: str, was: str, deeds: Sequence[int] = (), number: int = 0, **asked: str) -> str:
    """Return the path of a screen that tells what was done; see `notice`."""
    said = {**asked, "was": was}
    if number:
        said["number"] = str(number)
    if deeds:
        said["deeds"] = "-".join(map(str, deeds))
    return f"{path}?{urlencode(said)}"


def undoing_router(desk: Desk) -> APIRouter:
    """Return the route that takes deeds back."""
    router = APIRouter()

    @router.post("/undo")
    def take_back(
        request: Request,
        owner: Annotated[str, Depends(desk.owner)],
        deeds: Annotated[str, Form(max_length=4096)],
        back: Annotated[str, Form()] = "",
    ) -> Response:
        screen = back if back in {each.path for each in SCREENS} else SCREENS[0].path
        copy = working_copy(desk, owner)
        # The last first: what came after a deed may build on it.
        numbers = sorted((int(each) for each in deeds.split("-") if each.isdecimal()), reverse=True)
        for number in numbers:
            try:
                with copy.database.writing() as connection:
                    undo(connection, owner, number)
            except LookupError:
                try:
                    copy.undo(number, owner)
                except EditError:
                    return desk.see(request, told(screen, "not_undone"))
        return desk.see(request, told(screen, "undone"))

    return router
