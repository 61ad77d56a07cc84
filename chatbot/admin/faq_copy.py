"""The FAQ as owners edit it on the page."""

from mundap.chatbot.admin.desk import Desk
from mundap.feedback.database import StoreError
from mundap.feedback.working_copy import WorkingCopy


def working_copy(desk: Desk, owner: str) -> WorkingCopy:
    """Return the working copy, which begins as what serves; raises StoreError without a store."""
    if desk.database is None:
        raise StoreError("The store cannot be used.")
    if (publishing := desk.service.publishing) is not None:
        publishing.draft.begin(owner)
        return publishing.draft.copy
    copy = WorkingCopy(desk.database)
    if copy.is_empty():
        bundle = desk.service.live.get()
        copy.take_over(bundle.entries, owner, f"generation {bundle.manifest.generation}")
    return copy
