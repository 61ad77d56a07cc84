"""The OpenAPI description is kept: no request makes the server fail or answer otherwise."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from mundap.chatbot.api.access import new_token
from tests.chatbot.api_site import site

pytestmark = pytest.mark.slow

TOKEN, HASH = new_token()
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
]
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
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    with site(tmp_path_factory.mktemp("schema"), admin_token=HASH) as api:
        yield schemathesis.openapi.from_url(f"{api.url}/openapi.json")


def test_every_operation_is_tried(described: schemathesis.BaseSchema) -> None:
    found = [result.ok().label for result in described.get_all_operations()]
    assert sorted(found) == sorted([*OPERATIONS, *NOT_HERE])


@pytest.mark.parametrize("label", OPERATIONS)
def test_a_right_request_gets_a_response_that_is_described(
    described: schemathesis.BaseSchema, label: str
) -> None:
    attack(described, label, GenerationMode.POSITIVE)


@pytest.mark.parametrize("label", [*TAKE_A_QUERY, *TAKE_A_BODY])
def test_a_wrong_request_gets_a_response_that_is_described(
    described: schemathesis.BaseSchema, label: str
) -> None:
    attack(described, label, GenerationMode.NEGATIVE)


def attack(described: schemathesis.BaseSchema, label: str, mode: GenerationMode) -> None:
    method, path = label.split()
    operation = described[path][method]

    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS, headers=HEADERS)

    check()
