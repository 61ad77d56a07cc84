"""Publishing and rolling back from the owner's page: in a child process, one at a time."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from mundap.chatbot.home.draft import Draft
from mundap.chatbot.home.jobs import Job, Jobs
from mundap.chatbot.settings import ChatSettings
from mundap.feedback.store.database import Database, StoreError
from mundap.index.bundle.manifest import BundleError
from mundap.index.bundle.writer import BundleWriter

_LOG = logging.getLogger("mundap.store")


@dataclass(frozen=True, slots=True)
class Publishing:
    """Lets what was edited serve.

    What is edited begins with `draft.begin`, which takes the file over.
    """

    draft: Draft
    jobs: Jobs

    @classmethod
    def of(cls, settings: ChatSettings, database: Database, jobs: Jobs) -> "Publishing":
        """Return what publishes the FAQ of the settings, and say where its file is newer."""
        draft = Draft.of(settings, database)
        database.when_connected(partial(_take_up, draft))
        return cls(draft, jobs)

    @property
    def newer_file(self) -> str | None:
        """What to say where the FAQ's file was changed since; raises StoreError."""
        return self.draft.newer_file()

    @property
    def has_draft(self) -> bool:
        """Whether anything was ever edited; raises StoreError."""
        return not self.draft.copy.is_empty()

    def publish(self, owner: str) -> Job:
        """Begin to make a generation of the working copy; raises JobRunningError, OSError."""
        line = self.draft.home.publishing("--owner", owner)
        return self.jobs.start(lambda: line, "publish")

    def seal(self, owner: str) -> Job:
        """Begin to make a generation to try, by which nobody is served; raises as `publish`."""
        line = self.draft.home.publishing("--owner", owner, "--sealed")
        return self.jobs.start(lambda: line, "try")

    def roll_back(self, owner: str) -> Job:
        """Begin to go back to the generation before; raises JobRunningError, OSError."""
        line = self.draft.home.publishing("--owner", owner, command="rollback")
        return self.jobs.start(lambda: line, "rollback")


def _take_up(draft: Draft) -> None:
    """Write down what a killed change left, and say where the file of the FAQ is newer."""
    try:
        # One that is at work writes it down itself.
        with suppress(BundleError), BundleWriter.locked(draft.home.index):
            draft.finish()
        if (newer := draft.newer_file()) is not None:
            _LOG.warning("%s", newer)
    except StoreError as error:
        _LOG.error("%s", error)
