"""Logs as JSON, one object a line, for programs to read."""

import json
import logging
import os
import sys
import time
from typing import Any

FIELDS = "fields"


class JsonFormatter(logging.Formatter):
    """Time in UTC, level, logger and message, then what was passed as `extra={FIELDS: ...}`.

    Of one of several processes its number, too.
    """

    def __init__(self, *, is_alone: bool = True) -> None:
        super().__init__()
        self._process = {} if is_alone else {"process": os.getpid()}

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        shown: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **self._process,
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info:
            shown["traceback"] = self.formatException(record.exc_info)
        # Line breaks are escaped, so that nobody can write a line of their own into the log.
        return json.dumps(shown, ensure_ascii=False).encode("utf-8", "replace").decode()


def log_as_json(*, is_alone: bool = True) -> None:
    """Send every log of this process to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(is_alone=is_alone))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # The places where a record was made are not shown; finding them takes a third of the time.
    logging._srcfile = None
