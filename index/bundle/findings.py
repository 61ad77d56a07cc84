"""What is to be mended in the FAQ of a generation, as it was found when that was built."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mundap.index.bundle.manifest import BundleError
from mundap.index.faq.problems import FaqProblem

FINDINGS_FILE = "findings.json"


def dump_findings(problems: Sequence[FaqProblem]) -> str:
    """Return the JSON text that `read_findings` reads."""
    values = [asdict(problem) for problem in problems]
    return json.dumps(values, ensure_ascii=False, indent=1) + "\n"


def read_findings(path: Path) -> list[FaqProblem]:
    """Read those of a generation, in their order; none where an older version looked for none.

    Raises BundleError where the file is damaged.
    """
    file = path / FINDINGS_FILE
    try:
        return [_problem(values) for values in json.loads(file.read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BundleError(
            f"{file}: damaged ({error}). Rebuild with `mundap index build`."
        ) from None


def _problem(values: dict[str, Any]) -> FaqProblem:
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    return FaqProblem(**given)
