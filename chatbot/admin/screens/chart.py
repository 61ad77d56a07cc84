"""A chart of bars, a day each, as numbers for a template that draws it."""

from dataclasses import dataclass
from datetime import date, datetime

from mundap.feedback.traffic.traffic import KINDS, Traffic

# Of the drawing; it is shown as wide as there is room.
WIDTH, HEIGHT = 960.0, 230.0
_LEFT, _TOP, _BOTTOM = 40.0, 24.0, 24.0
# Names of days below the bars, and lines behind them.
_NAMES, _LINES = 8, 4


@dataclass(frozen=True, slots=True)
class Piece:
    """One rectangle: of a bar, the questions of one kind."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Rectangles, lines (height and number), names of days and marks (place and generation)."""

    pieces: tuple[Piece, ...]
    lines: tuple[tuple[float, int], ...]
    days: tuple[tuple[float, date], ...]
    marks: tuple[tuple[float, int], ...]
    width: float = WIDTH
    height: float = HEIGHT

    @classmethod
    def of(cls, traffic: Traffic, now: datetime) -> "Chart":
        """Draw the days of `traffic`, and a mark where something was published."""
        days = list(traffic.days)
        step = (WIDTH - _LEFT) / len(days)
        inside = HEIGHT - _TOP - _BOTTOM
        top = _round_up(max(asked.total for asked in traffic.days.values()))
        places = {day: _LEFT + number * step for number, day in enumerate(days)}
        width = min(step * 0.72, 40.0)
        pieces = []
        for day, asked in traffic.days.items():
            bottom = HEIGHT - _BOTTOM
            for kind in KINDS:
                height = inside * getattr(asked, kind) / top
                if height:
                    x = places[day] + (step - width) / 2
                    pieces.append(Piece(kind, x, bottom - height, width, height))
                bottom -= height
        lines = [
            (HEIGHT - _BOTTOM - inside * number / _LINES, top * number // _LINES)
            for number in range(_LINES + 1)
        ]
        every = -(-len(days) // _NAMES)
        named = [(places[day] + step / 2, day) for day in days[::-1][::every]]
        marks = {
            places[day] + step / 2: each.generation
            for each in traffic.published
            if (day := each.time.astimezone(now.tzinfo).date()) in places
        }
        return cls(tuple(pieces), tuple(lines), tuple(named), tuple(marks.items()))


def _round_up(number: int) -> int:
    """Return a round number that is not below `number`, and whose quarters are round too."""
    size = 1
    while True:
        for step in (1, 2, 3, 4, 5, 6, 8):
            if _LINES * step * size >= number:
                return _LINES * step * size
        size *= 10
