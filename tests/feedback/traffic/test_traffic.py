"""What was asked in a span of days, against a plain count."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from mundap.feedback.exchanges.exchange import Reaction
from mundap.feedback.exchanges.kept_rows import keep
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges
from mundap.feedback.traffic.confidences import confidences, outlook
from mundap.feedback.traffic.traffic import Asked, traffic
from tests.chatbot.small_faq import ENTRIES
from tests.feedback.an_exchange import an_exchange
from tests.feedback.demo_store import fill

KOREA = timezone(timedelta(hours=9), "KST")
# Its days begin in the middle of an hour of others.
NEPAL = timezone(timedelta(hours=5, minutes=45), "NPT")
NOW = datetime(2026, 11, 26, 15, 30, tzinfo=KOREA)


def test_nothing_was_asked_of_an_empty_store(database: Database) -> None:
    found = traffic(database, 7, NOW)
    assert found.days == {date(2026, 11, 20) + timedelta(n): Asked() for n in range(7)}
    assert (found.asked, found.before, found.usual_time, found.published) == (
        Asked(),
        Asked(),
        None,
        (),
    )
    assert found.asked.share("answer") is None
    assert found.a_day == 0


@pytest.mark.parametrize("days", [7, 30, 90])
@pytest.mark.parametrize("zone", [KOREA, NEPAL])
def test_days_are_counted_in_the_time_zone_of_who_looks(
    database: Database, days: int, zone: timezone
) -> None:
    now = NOW.astimezone(zone)
    fill(database, ENTRIES, days=100, a_day=9, now=NOW.astimezone(UTC), generations=(1, 2))
    with database.reading() as connection:
        rows = connection.execute(select(exchanges.c.time, exchanges.c.kind)).all()
    counted = Counter((row.time.astimezone(zone).date(), row.kind) for row in rows)
    found = traffic(database, days, now)
    assert list(found.days) == [now.date() - timedelta(n) for n in reversed(range(days))]
    for day, asked in found.days.items():
        kinds = ("answer", "suggest", "unknown")
        assert asked == Asked(**{kind: counted[day, kind] for kind in kinds})
    before = now.date() - timedelta(days)
    wanted = sum(n for (day, _), n in counted.items() if before - timedelta(days) < day <= before)
    assert found.before.total == wanted


@pytest.mark.parametrize(
    ("asked", "a_day"),
    [
        ((), 0.0),
        # Days ago -> questions; what was asked first was three days ago.
        (((0, 4), (2, 5)), 3.0),
        # Before these seven days too: none of them is new.
        (((0, 4), (2, 10), (8, 1)), 2.0),
    ],
)
def test_a_new_shop_has_as_many_a_day_as_since_its_first_question(
    database: Database, asked: tuple[tuple[int, int], ...], a_day: float
) -> None:
    made = [
        an_exchange(request_id=f"{ago}-{n}", time=NOW - timedelta(days=ago))
        for ago, count in asked
        for n in range(count)
    ]
    with database.writing() as connection:
        keep(connection, made)
    assert traffic(database, 7, NOW).a_day == a_day


def test_of_thumbs_the_last_of_each_reply_counts(database: Database) -> None:
    chance = random.Random(5)
    asked = [an_exchange(request_id=f"{n}", time=NOW - timedelta(days=9)) for n in range(60)]
    said = [
        Reaction(
            f"{chance.randrange(60)}",
            NOW - timedelta(days=9) + timedelta(hours=n),
            chance.choice(("up", "down", "none", "chosen", "handed_over")),
        )
        for n in range(200)
    ]
    with database.writing() as connection:
        keep(connection, [*asked, *said])
    last = {each.request_id: each for each in said if each.value in ("up", "down", "none")}
    begin = datetime(2026, 11, 20, tzinfo=KOREA)
    thumbs = Counter(each.value for each in last.values() if each.time >= begin)
    chosen = [each for each in said if each.value == "chosen" and each.time >= begin]
    found = traffic(database, 7, NOW)
    assert (found.up, found.down, found.chosen) == (thumbs["up"], thumbs["down"], len(chosen))
    assert min(thumbs["up"], thumbs["down"], len(chosen)) > 0


def test_each_publication_is_compared_with_the_days_around_it(database: Database) -> None:
    fill(database, ENTRIES, days=60, a_day=9, now=NOW.astimezone(UTC), generations=(1, 2, 3))
    found = traffic(database, 30, NOW)
    assert [each.generation for each in found.published] == [1, 2, 3]
    for each in found.published:
        day = each.time.astimezone(KOREA).date()
        before = [
            found.days[day - timedelta(n)].total
            for n in range(1, 8)
            if day - timedelta(n) in found.days
        ]
        assert each.before.total >= sum(before)
        after = [found.days.get(day + timedelta(n), Asked()).total for n in range(1, 8)]
        assert each.after.total == sum(after)


def test_another_target_answers_what_reaches_it() -> None:
    chance = random.Random(3)
    asked = [chance.random() for _ in range(500)]
    for target in (0.5, 0.8, 0.99):
        found = outlook(asked, target)
        reached = [each for each in asked if each >= target]
        assert found.answered == len(reached) / 500
        assert found.right == (sum(reached) / len(reached) if reached else None)
    assert outlook([], 0.8).right is None


def test_probabilities_are_those_of_questions(database: Database) -> None:
    fill(database, ENTRIES, days=3, a_day=9, now=NOW.astimezone(UTC))
    with database.reading() as connection:
        count = len(connection.execute(select(exchanges.c.exchange_id)).all())
    assert len(confidences(database)) == count
