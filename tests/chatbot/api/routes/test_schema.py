"""The OpenAPI description is kept: no request makes the server fail or answer otherwise."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from mundap.chatbot.api.layers.access import new_token
from tests.chatbot.api_site import site

if TYPE_CHECKING:
    from tests.chatbot.described_api import DescribedApi

pytestmark = pytest.mark.slow

TOKEN, HASH = new_token()
# Whatever stands in a path is a string: it can be unknown, not wrong.
TAKE_NOTHING = ["GET /healthz", "GET /metrics", "GET /readyz", "GET /v1/info"]
TAKE_A_PATH = ["GET /v1/faqs/{entry_id}", "GET /v1/index/jobs/{job_id}"]
TAKE_A_QUERY = ["GET /v1/faqs", "GET /v1/index/advice", "GET /v1/sts"]
TAKE_A_BODY = [
    "POST /v1/ask",
    "POST /v1/ask:batch",
    "POST /v1/feedback",
    "POST /v1/search",
    "POST /v1/sts",
    "POST /v1/sts/rank",
]
OPERATIONS = [
    *TAKE_NOTHING,
    *TAKE_A_PATH,
    *TAKE_A_QUERY,
    *TAKE_A_BODY,
    "POST /v1/index/rollback",
]
# Seconds of work for each request.
NOT_HERE = ["POST /v1/index/rebuild"]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator["DescribedApi"]:
    # It takes a second to import, which those who run the quick tests are spared.
    from tests.chatbot.described_api import DescribedApi

    with site(tmp_path_factory.mktemp("schema"), admin_token=HASH) as api:
        yield DescribedApi.at(api.url, TOKEN)


def test_every_operation_is_tried(described: "DescribedApi") -> None:
    assert described.operations() == sorted([*OPERATIONS, *NOT_HERE])


@pytest.mark.parametrize("label", OPERATIONS)
def test_a_right_request_gets_a_response_that_is_described(
    described: "DescribedApi", label: str
) -> None:
    described.attack(label, rightly=True)


@pytest.mark.parametrize("label", [*TAKE_A_QUERY, *TAKE_A_BODY])
def test_a_wrong_request_gets_a_response_that_is_described(
    described: "DescribedApi", label: str
) -> None:
    described.attack(label, rightly=False)
