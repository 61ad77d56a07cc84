"""How many entries were edited that do not serve yet, for every screen to say."""

import threading

from mundap.chatbot.home.draft import Draft
from mundap.feedback.store.database import StoreError


class Unpublished:
    """Counts what `Draft.unpublished` finds, anew only after an edit or a publication."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._lock = threading.Lock()
        # The deed and the generation that the count is of.
        self._counted: tuple[int, int | None] = (0, None)
        self._count = 0

    def count(self) -> int:
        """Return the number of entries; 0 where the store cannot be used."""
        try:
            with self._lock:
                now = self._draft.copy.state(), self._draft.serving()
                if now != self._counted:
                    self._count = len(self._draft.unpublished()) if now[0] else 0
                    self._counted = now
                return self._count
        except StoreError:
            return 0
