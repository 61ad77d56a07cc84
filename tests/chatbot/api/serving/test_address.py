import socket

import pytest

from mundap.chatbot.api.serving.address import Address, AddressError
from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.settings import ChatSettings


def test_chat_and_serve_have_an_address_each_and_its_variables() -> None:
    assert Address.of(ChatSettings()) == Address("127.0.0.1", 7860, "MUNDAP_")
    assert Address.of(ApiSettings()) == Address("127.0.0.1", 7861, "MUNDAP_API_")


def test_a_free_port_is_bound_and_nobody_answers_there_yet() -> None:
    with Address("localhost", 0, "MUNDAP_").bind() as listener:
        assert listener.getsockname()[1] > 0
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(listener.getsockname()[:2], timeout=5)


def test_a_taken_port_is_named_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        reason = (
            rf"^port {port} of 127\.0\.0\.1 cannot be used \(Address.*\)\. Choose another one, for "
            r"example (\d+) \(--port \1 or MUNDAP_API_PORT=\1\)\.$"
        )
        with pytest.raises(AddressError, match=reason):
            Address("127.0.0.1", port, "MUNDAP_API_").bind()


# The second is a machine of nobody's, kept for documents.
@pytest.mark.parametrize("host", ["not a host", "192.0.2.1"])
def test_a_host_that_is_not_this_machine_is_named(host: str) -> None:
    with pytest.raises(AddressError, match=rf"^host '{host}' is no address.* or MUNDAP_HOST\)\.$"):
        Address(host, 7860, "MUNDAP_").bind()


@pytest.mark.parametrize(
    ("host", "url"), [("127.0.0.1", "http://127.0.0.1:80"), ("::1", "http://[::1]:80")]
)
def test_a_url_can_be_opened(host: str, url: str) -> None:
    assert Address(host, 80, "MUNDAP_").url == url
