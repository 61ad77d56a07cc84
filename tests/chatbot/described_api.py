"""An API held against its own description, by requests that are made of that."""

from dataclasses import dataclass

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

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
]


@dataclass(frozen=True)
class DescribedApi:
    """A running API, its description and a token for all of it."""

    schema: schemathesis.BaseSchema
    token: str

    @classmethod
    def at(cls, url: str, token: str) -> "DescribedApi":
        """Read the description of a running API."""
        return cls(schemathesis.openapi.from_url(f"{url}/openapi.json"), token)

    def operations(self) -> list[str]:
        """Return each operation as METHOD PATH, in order."""
        return sorted(result.ok().label for result in self.schema.get_all_operations())

    def attack(self, label: str, *, rightly: bool) -> None:
        """Send an operation requests as it takes them, or as it must not."""
        method, path = label.split()
        mode = GenerationMode.POSITIVE if rightly else GenerationMode.NEGATIVE
        operation = self.schema[path][method]

        @settings(max_examples=15, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def check(case: schemathesis.Case) -> None:
            headers = {"Authorization": f"Bearer {self.token}"}
            case.call_and_validate(checks=CHECKS, headers=headers)

        check()
