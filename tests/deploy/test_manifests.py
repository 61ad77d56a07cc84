"""The manifests by their text: what they name exists, and what they run is a command line."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.settings import ChatSettings
from mundap.index.engines.milvus_server import TOKEN
from tests.command_lines import parse

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
KUBERNETES: list[dict[str, Any]] = [
    one
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))
]
PODS = [one["spec"]["template"]["spec"] for one in KUBERNETES if "template" in one["spec"]]
CONTAINERS = [container for pod in PODS for container in pod["containers"]]
VARIABLES = {
    TOKEN,
    *(f"MUNDAP_API_{name.upper()}" for name in ApiSettings.model_fields),
    *(f"MUNDAP_{name.upper()}" for name in ChatSettings.model_fields),
}


@pytest.mark.parametrize("path", ["compose.yaml", "kubernetes"])
def test_every_variable_that_is_set_is_one_that_we_read(path: str) -> None:
    files = [DEPLOY / path] if path.endswith("yaml") else (DEPLOY / path).glob("*.yaml")
    named = {
        name
        for file in files
        for name in re.findall(r"\bMUNDAP_[A-Z_]+", file.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= VARIABLES


def test_what_is_run_is_a_command_line() -> None:
    lines = [COMPOSE["services"]["build"]["command"], *(each["args"] for each in CONTAINERS)]
    for line in lines:
        parse(" ".join(line))


def test_every_container_of_ours_has_no_rights_and_a_bound_on_its_memory() -> None:
    for pod in PODS:
        assert pod["securityContext"]["runAsNonRoot"]
        assert not pod["automountServiceAccountToken"]
    for container in CONTAINERS:
        context = container["securityContext"]
        assert (context["allowPrivilegeEscalation"], context["readOnlyRootFilesystem"]) == (
            False,
            True,
        )
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


def test_what_is_mounted_is_a_volume_of_the_pod() -> None:
    for pod in PODS:
        volumes = {volume["name"] for volume in pod["volumes"]}
        mounted = {m["name"] for each in pod["containers"] for m in each["volumeMounts"]}
        assert mounted == volumes


def test_a_claim_a_service_and_a_budget_are_of_what_is_there() -> None:
    [deployment] = [one for one in KUBERNETES if one["kind"] == "Deployment"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    claims = {one["metadata"]["name"] for one in KUBERNETES if "Claim" in one["kind"]}
    claimed = {
        volume["persistentVolumeClaim"]["claimName"]
        for pod in PODS
        for volume in pod["volumes"]
        if "persistentVolumeClaim" in volume
    }
    [service] = [one for one in KUBERNETES if one["kind"] == "Service"]
    [budget] = [one for one in KUBERNETES if one["kind"] == "PodDisruptionBudget"]
    assert claimed == claims
    assert deployment["spec"]["selector"]["matchLabels"] == labels
    assert service["spec"]["selector"] == labels
    assert budget["spec"]["selector"]["matchLabels"] == labels


def test_the_probes_ask_what_they_are_for() -> None:
    [server] = [each for each in CONTAINERS if each["name"] == "mundap"]
    probes = {name: server[f"{name}Probe"]["httpGet"] for name in ("readiness", "liveness")}
    assert probes == {
        "readiness": {"path": "/readyz", "port": "http"},
        # Milvus may be away for long; a restart would not bring it back.
        "liveness": {"path": "/healthz", "port": "http"},
    }
    assert server["ports"] == [{"name": "http", "containerPort": 7861}]


def test_services_of_the_composition_depend_on_services() -> None:
    services = COMPOSE["services"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        named = {volume.split(":")[0] for volume in service.get("volumes", [])}
        assert {name for name in named if not name.startswith((".", "/"))} <= set(
            COMPOSE["volumes"]
        )
