"""One client does not silence the service for the others."""

import random
import threading

import httpx
import pytest

from tests.security.conftest import Service

pytestmark = pytest.mark.slow


def slow_batch() -> dict[str, list[str]]:
    seeded = random.Random(7)
    syllables = [chr(place) for place in range(0xAC00, 0xD7A4)]
    return {"queries": ["".join(seeded.choices(syllables, k=1000)) for _ in range(85)]}


def test_slow_batches_of_one_client_leave_room_for_another(either: Service) -> None:
    batch, stop, begun = slow_batch(), threading.Event(), threading.Event()

    def attack() -> None:
        with httpx.Client(base_url=either.client.base_url, timeout=60) as client:
            while not stop.is_set():
                begun.set()
                client.post("/v1/ask:batch", json=batch)

    attackers = [threading.Thread(target=attack) for _ in range(20)]
    for attacker in attackers:
        attacker.start()
    begun.wait(30)
    # Another address of this machine is another client.
    transport = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(base_url=either.client.base_url, transport=transport, timeout=60) as other:
        statuses = [
            answer.status_code
            for _ in range(5)
            for answer in (
                other.post("/v1/ask", json={"query": "배송비는 얼마인가요?"}),
                other.get("/readyz"),
                other.get("/v1/sts", params={"sentence1": "환불", "sentence2": "반품"}),
            )
        ]
    stop.set()
    for attacker in attackers:
        attacker.join()
    assert statuses == [200] * 15
