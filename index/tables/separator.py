"""What stands between the cells of a line: a comma, a tab, a semicolon or a bar."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

# The first of those that part the lines equally well.
_SEPARATORS = (",", "\t", ";", "|")
NAMES = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}
_LOOKED_AT = 50


def separator_of(lines: Iterable[str]) -> str:
    """Return what parts the first lines into equally many cells; a comma where nothing does."""
    first = list(islice((line for line in lines if line.strip(",;|\t\r\n ")), _LOOKED_AT))
    return max(_SEPARATORS, key=lambda separator: _evenness(first, separator))


def parts_nothing(lines: Iterable[str], separator: str) -> bool:
    """Whether the first lines are sentences rather than rows."""
    first = list(islice((line for line in lines if line.strip()), _LOOKED_AT))
    return _evenness(first, separator) <= 0.5


def _evenness(lines: Sequence[str], separator: str) -> float:
    """Return the share of rows that have as many cells as most, and at least two."""
    counts: Counter[int] = Counter()
    reader = csv.reader(lines, delimiter=separator)
    try:
        for record in reader:
            counts[len(record)] += 1
    except csv.Error:
        pass
    several = Counter({count: often for count, often in counts.items() if count > 1})
    return several.most_common(1)[0][1] / counts.total() if several else 0.0
