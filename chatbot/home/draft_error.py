"""Why what was edited cannot be published, compared or taken back."""

from mundap.index.trouble import Trouble


class DraftError(ValueError):
    """The FAQ cannot be published or compared; the message says why."""

    trouble: Trouble = "other"


class NoEntriesError(DraftError):
    """There is nothing to publish."""

    trouble = "nothing"
