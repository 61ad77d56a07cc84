"""The owner of `benchmarks.owner_loop`: in which order which clicks settle what is listed."""

from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from benchmarks.owner_loop.shop import Shop, Unsettled
from mundap.feedback.unanswered.grouping import groups_of
from mundap.feedback.unanswered.groups import Group
from mundap.feedback.unanswered.meaning import meanings
from mundap.feedback.unanswered.unsettled import Unsettled as Asking
from mundap.index.bundle.bundle import Bundle

# Given what is listed and what serves, yields what may be settled together, the first first.
Order = Callable[[Shop, Bundle], Iterator[list[Unsettled]]]


def oldest(shop: Shop, serving: Bundle) -> Iterator[list[Unsettled]]:
    """Yield each query by itself, the oldest first."""
    for one in [*shop.listed.values()]:
        yield [one]


def grouped(shop: Shop, serving: Bundle) -> Iterator[list[Unsettled]]:
    """Yield what is ticked of groups, as the owner's page makes, ticks and orders them.

    What is left of a group, once that is settled, comes again by how often it was asked.
    """
    now = datetime.now(UTC)
    queries = sorted(shop.listed)
    meant = meanings(serving.retriever, shop.reader.encode(queries))
    asked = [
        Asking(query, query, shop.asked[query], now, now, {}, nearest)
        for query, nearest in zip(queries, meant.nearest, strict=True)
    ]
    groups = [Group(tuple(members)) for members in groups_of(asked, meant.vectors)]
    while groups:
        group = groups.pop(0)
        yield [shop.listed[one.query] for one in group.members if group.is_alike(one)]
        if left := tuple(one for one in group.members if one.query in shop.listed):
            insort(groups, Group(left), key=lambda group: -group.count)


ORDERS: Mapping[str, Order] = {
    "grouped": grouped,
    "oldest": oldest,
}


def click(shop: Shop, order: Order, count: int, serving: Bundle) -> None:
    """Settle what so many clicks can.

    A click settles what is listed together and has one true entry; each of another one takes a
    click to be left out. Clicks that the next group wanted more than there were are there the next
    day.
    """
    shop.left += count
    for group in order(shop, serving):
        [(entry_id, _)] = Counter(one.entry_id for one in group).most_common(1)
        alike = [one for one in group if one.entry_id == entry_id]
        clicks = 1 + len(group) - len(alike)
        if clicks > shop.left:
            break
        shop.left -= clicks
        shop.settle(alike)
    else:
        shop.left = 0  # nothing is left to do
