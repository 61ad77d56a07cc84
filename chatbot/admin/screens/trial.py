"""The draft as it would answer: a generation that nobody is served by, and a bot over it."""

from mundap.chatbot.bot import Bot
from mundap.chatbot.home.jobs import Job
from mundap.chatbot.home.publishing import Publishing
from mundap.chatbot.home.service import Service
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.manifest import BundleError


class Still:
    """One generation, whatever serves meanwhile."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def get(self) -> Bundle:
        """Return it."""
        return self._bundle


class Trial:
    """Has the draft's generation made when it is asked for; any thread may ask.

    A state of the draft is the number of the deed that it is the result of.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        # Which state the last job was started for, and what came of it once that is loaded.
        self._state: int | None = None
        self._job_id = ""
        self._bot: Bot | None = None

    def start(self, publishing: Publishing, owner: str, state: int) -> None:
        """Begin to make a state's generation; raises JobRunningError, OSError."""
        job = publishing.seal(owner)
        self._state, self._job_id, self._bot = state, job.job_id, None

    def job(self, state: int) -> Job | None:
        """Return the job that makes this state's generation, None where none was started."""
        return self._service.jobs.get(self._job_id) if state == self._state else None

    def bot(self, state: int) -> Bot | None:
        """Return a bot that answers as this state would; None where there is none (any more)."""
        job = self.job(state)
        if job is None or job.generation is None:
            return None
        if self._bot is None:
            try:
                bundle = self._service.live.opened(job.generation)
            except BundleError:  # later ones have taken its place on the disk
                self._state = None
                return None
            self._bot = Bot(Still(bundle), self._service.bot.settings)
        return self._bot

    def forget(self) -> None:
        """Let go of what is in memory, as the draft serves now."""
        self._state = self._bot = None
