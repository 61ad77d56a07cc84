import hashlib
import re

import pytest

from tests.command_lines import Mundap, assert_refused


def test_a_token_is_shown_once_with_its_hash(mundap: Mundap) -> None:
    made = mundap("token")
    shown = re.fullmatch(r"token  (\S{43})\nhash   ([0-9a-f]{64})\n", made.out)
    assert shown is not None
    assert hashlib.sha256(shown[1].encode()).hexdigest() == shown[2]
    assert "[api.tokens]" in made.err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--port", "99999"), "setting api.port = 99999: .*65535"),
        (("--host", "no.such.host.invalid"), "host 'no.such.host.invalid' is no address"),
        (("--index", "empty", "--no-page", "--port", "0"), "setting api.port = 0"),
    ],
)
def test_serve_refuses_in_one_sentence(
    arguments: tuple[str, ...], reason: str, mundap: Mundap
) -> None:
    assert_refused(mundap("serve", *arguments), reason)


def test_a_token_in_the_place_of_a_hash_is_not_repeated(
    mundap: Mundap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUNDAP_API_ADMIN_TOKEN", "secret")
    refused = mundap("serve", "--no-page")
    assert_refused(refused, "setting api.admin_token: String should match")
    assert "secret" not in refused.err
