"""Publishing and rolling back from the owner's page: in a child process, one at a time."""

import logging
from contextlib import suppress
from dataclasses import dataclass

from mundap.chatbot.home.draft import Draft
from mundap.chatbot.home.jobs import Job, Jobs
from mundap.chatbot.settings import ChatSettings, Language
from mundap.feedback.database import Database, StoreError
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
        try:
            # What a killed one left; one that is at work writes it down itself.
            with suppress(BundleError), BundleWriter.locked(draft.home.index):
                draft.finish()
            if (newer := draft.newer_file()) is not None:
                _LOG.warning("%s", newer)
        except StoreError as error:
            _LOG.error("%s", error)
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


def job_sentence(job: Job, language: Language) -> str:
    """Return how far a job is, or what came of it, in one sentence."""
    texts = _TEXTS[language]
    if job.state == "failed":
        return texts["failed"].format(message=job.message)
    if job.state == "running":
        return texts["running"].format(percent=job.percent)
    counts = dict.fromkeys(("added", "changed", "removed", "unpublished"), 0) | dict(job.result)
    told = texts[job.action].format(generation=job.generation, **_counts(counts))
    if job.action == "rollback" and counts["unpublished"]:
        told += " " + texts["lost"].format(**_counts(counts), deed=job.result.get("deed"))
    return told


def _counts(counts: dict[str, int]) -> dict[str, int]:
    return {name: counts[name] for name in ("added", "changed", "removed", "unpublished")}


_TEXTS: dict[Language, dict[str, str]] = {
    "ko": {
        "running": "진행 중입니다 ({percent}%). 그동안에도 방문자는 지금 버전으로 답을 받습니다.",
        "failed": "실패했습니다. 방문자가 보는 것은 그대로입니다. 이유: {message}",
        "try": "물어볼 수 있게 준비했습니다 (버전 {generation}).",
        "improve": "개선을 마쳤습니다.",
        "rebuild": "색인을 다시 만들었습니다 (버전 {generation}).",
        "publish": (
            "게시했습니다 (버전 {generation}): 추가 {added:,}건, 수정 {changed:,}건, "
            "삭제 {removed:,}건."
        ),
        "rollback": (
            "이전 버전으로 되돌렸습니다 (버전 {generation}). FAQ도 함께 되돌렸습니다: "
            "추가 {added:,}건, 수정 {changed:,}건, 삭제 {removed:,}건."
        ),
        "lost": (
            "게시하지 않은 수정 {unpublished:,}건은 빠졌고 기록에 남아 있습니다. "
            "작업 {deed}번을 실행 취소하면 돌아옵니다."
        ),
    },
    "en": {
        "running": "At work ({percent}%). Visitors are answered by the version that serves.",
        "failed": "It failed, and what visitors see has not changed. The reason: {message}",
        "try": "Version {generation} is there to try.",
        "improve": "The improvement has ended.",
        "rebuild": "The index was made anew (version {generation}).",
        "publish": (
            "Published as version {generation}: {added:,} added, {changed:,} changed, "
            "{removed:,} removed."
        ),
        "rollback": (
            "Version {generation} serves again, and the FAQ is its own: {added:,} added, "
            "{changed:,} changed, {removed:,} removed."
        ),
        "lost": (
            "{unpublished:,} edits that were not published were taken out; they stay in the "
            "history, and undoing deed {deed} brings them back."
        ),
    },
}
