"""The FAQ as owners edit it on the page."""

from mundap.chatbot.admin.desk.desk import Desk
from mundap.chatbot.home.draft import Draft
from mundap.chatbot.home.home import Home
from mundap.feedback.editing.working_copy import WorkingCopy
from mundap.feedback.store.database import StoreError
from mundap.index.bundle.large import require_small


def working_copy(desk: Desk, owner: str) -> WorkingCopy:
    """Return the working copy, begun if it is not yet; raises StoreError without a store.

    Raises TooLargeError where there are too many entries to edit them here.

    It begins as the file of the FAQ, and where an index of another one serves as what that holds.
    """
    if desk.database is None:
        raise StoreError("The store cannot be used.")
    if (publishing := desk.service.publishing) is not None:
        publishing.draft.begin(owner)
        return publishing.draft.copy
    copy = WorkingCopy(desk.database)
    if copy.is_empty():
        bundle, home = desk.service.live.get(), Home.of(desk.service.chat)
        if bundle.directory.resolve() == home.index.resolve():
            Draft(home, copy).begin(owner)
        else:
            require_small(
                len(bundle.entries),
                "editing it here",
                f"`mundap index amend {bundle.directory} --faq CHANGED.csv` changes some.",
            )
            copy.take_over(bundle.entries, owner, f"generation {bundle.manifest.generation}")
    return copy
