import pytest

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.layers.hosts import Hosts


@pytest.mark.parametrize(
    ("host", "allowed", "given", "answers"),
    [
        ("127.0.0.1", [], "127.0.0.1:7861", True),
        ("127.0.0.1", [], "LOCALHOST", True),
        ("127.0.0.1", [], "[::1]:7861", True),
        ("127.0.0.1", [], "192.168.0.7", False),
        ("127.0.0.1", [], "faq.example.org", False),
        ("127.0.0.1", [], "", False),
        ("127.0.0.1", ["FAQ.example.org"], "faq.example.org:443", True),
        ("127.0.0.1", ["faq.example.org"], "x.faq.example.org", False),
        ("127.0.0.1", ["*"], "anything", True),
        ("faq.local", [], "faq.local:7861", True),
        ("0.0.0.0", [], "192.168.0.7:7861", True),
        ("::", [], "[fe80::1]:7861", True),
        ("0.0.0.0", [], "evil.example", False),
        ("0.0.0.0", [], "192.168.0.7.evil.example", False),
    ],
)
def test_the_service_answers_to_its_own_names(
    host: str, allowed: list[str], given: str, answers: bool
) -> None:
    hosts, headers = Hosts(host, allowed), [(b"host", given.encode())]
    if answers:
        hosts.require(headers)
    else:
        with pytest.raises(ApiError, match="allowed_hosts in the table"):
            hosts.require(headers)


def test_a_program_that_names_nothing_is_no_browser() -> None:
    Hosts("127.0.0.1", []).require([])
