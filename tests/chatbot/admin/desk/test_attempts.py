"""How often somebody may try to log in."""

from mundap.chatbot.admin.desk.attempts import Attempts


def waits(attempts: Attempts, client: str, name: str, times: int) -> list[bool]:
    return [attempts.take(client, name) > 0 for _ in range(times)]


def test_a_client_may_try_ten_times() -> None:
    assert waits(Attempts(), "1.2.3.4", "김하나", 12) == [False] * 10 + [True] * 2


def test_who_waits_is_told_how_long() -> None:
    attempts = Attempts()
    waits(attempts, "1.2.3.4", "김하나", 10)
    assert 0 < attempts.take("1.2.3.4", "김하나") <= 300


def test_another_client_may_go_on() -> None:
    attempts = Attempts()
    waits(attempts, "1.2.3.4", "김하나", 11)
    assert attempts.take("5.6.7.8", "김하나") == 0


def test_a_name_may_be_tried_fifty_times_by_all_clients_together() -> None:
    attempts = Attempts()
    met = [attempts.take(f"10.0.0.{number}", "김하나") > 0 for number in range(52)]
    assert met == [False] * 50 + [True] * 2
    assert attempts.take("10.0.0.99", "이둘") == 0


def test_who_is_in_counts_anew() -> None:
    attempts = Attempts()
    waits(attempts, "1.2.3.4", "김하나", 9)
    attempts.forget("1.2.3.4", "김하나")
    assert waits(attempts, "1.2.3.4", "김하나", 10) == [False] * 10
