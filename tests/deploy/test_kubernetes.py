"""deploy/kubernetes: what the schemas do not see. Names that refer to each other, rights, probes, and time to drain."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from fourhands.settings import Settings
from tests.compose_file import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
FILES = sorted(path for path in FOLDER.glob("*.yaml") if path.name != "kustomization.yaml")


def resources(name: str = "") -> list[dict[str, Any]]:
    return [part for path in FILES if name in {"", path.name} for part in yaml.safe_load_all(path.read_text())]


def one(kind: str, name: str) -> dict[str, Any]:
    (found,) = (part for part in resources() if part["kind"] == kind and part["metadata"]["name"] == name)
    return found


def pod(name: str) -> dict[str, Any]:
    return one("Deployment", name)["spec"]["template"]["spec"]


def test_all_that_is_not_a_sample_is_applied_together() -> None:
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    assert {path.name for path in FILES} - set(listed["resources"]) == {"secret.example.yaml", "runner.yaml"}
    assert {image["name"] for image in listed["images"]} == {pod(name)["containers"][0]["image"] for name in ("server", "runner")}


def test_selectors_find_their_pods() -> None:
    labels = one("Deployment", "server")["spec"]["template"]["metadata"]["labels"]
    selectors = [
        one("Deployment", "server")["spec"]["selector"]["matchLabels"],
        one("Service", "server")["spec"]["selector"],
        one("PodDisruptionBudget", "server")["spec"]["selector"]["matchLabels"],
        one("NetworkPolicy", "server")["spec"]["podSelector"]["matchLabels"],
        pod("server")["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"],
    ]
    assert all(selector.items() <= labels.items() for selector in selectors)
    assert one("HorizontalPodAutoscaler", "server")["spec"]["scaleTargetRef"]["name"] == "server"


def test_ports_and_references_are_there() -> None:
    container = pod("server")["containers"][0]
    names = {port["name"] for port in container["ports"]}
    assert {probe["httpGet"]["port"] for probe in (container[f"{kind}Probe"] for kind in ("startup", "liveness", "readiness"))} <= names
    assert one("Service", "server")["spec"]["ports"][0]["targetPort"] in names
    backend = one("Ingress", "fourhands")["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": "server", "port": {"name": one("Service", "server")["spec"]["ports"][0]["name"]}}
    sources = [next(iter(source.values()))["name"] for source in container["envFrom"]]
    assert sources == [one("ConfigMap", "fourhands")["metadata"]["name"], one("Secret", "fourhands")["metadata"]["name"]]
    for name in ("server", "runner"):
        mounted = {mount["name"] for mount in pod(name)["containers"][0]["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod(name)["volumes"]}


def test_only_readiness_looks_at_the_database() -> None:
    container = pod("server")["containers"][0]
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["startupProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_a_pod_goes_on_until_the_service_has_noticed_and_has_time_to_drain_before_it_is_killed() -> None:
    settings = one("ConfigMap", "fourhands")["data"]
    delay, drain = float(settings["FOURHANDS_DRAIN_DELAY_SECONDS"]), float(settings["FOURHANDS_DRAIN_SECONDS"])
    probe = pod("server")["containers"][0]["readinessProbe"]
    assert delay > probe["periodSeconds"] * probe["failureThreshold"]
    assert pod("server")["terminationGracePeriodSeconds"] > delay + drain


def test_every_setting_exists() -> None:
    known = {f"FOURHANDS_{name.upper()}" for name in Settings.model_fields} | {"SECRET_KEY", "DATABASE_URL", "REDIS_URL"}
    names = {*one("ConfigMap", "fourhands")["data"], *one("Secret", "fourhands")["stringData"]}
    assert names | {variable["name"] for variable in pod("runner")["containers"][0]["env"]} <= known


def test_the_server_keeps_to_what_the_namespace_asks() -> None:
    assert one("Namespace", "fourhands")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    spec, container = pod("server"), pod("server")["containers"][0]["securityContext"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert spec["automountServiceAccountToken"] is False


def test_runners_are_apart_and_reach_no_database() -> None:
    runner = one("Deployment", "runner")
    assert runner["metadata"]["namespace"] == "fourhands-programs"
    assert pod("runner")["nodeSelector"]
    assert [variable["name"] for variable in pod("runner")["containers"][0]["env"] if "valueFrom" in variable] == ["REDIS_URL"]
    policy = one("NetworkPolicy", "runner")["spec"]
    assert "ingress" not in policy
    assert {port["port"] for rule in policy["egress"] for port in rule["ports"]} == {53, 6379}


def test_the_sample_of_the_secret_holds_none() -> None:
    assert set(one("Secret", "fourhands")["stringData"].values()) == {""}


@pytest.mark.skipif(not shutil.which("kubernetes-validate"), reason="kubernetes-validate is not on this machine (pip install kubernetes-validate)")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_kubernetes_schemas_take_it(path: Path) -> None:
    said = subprocess.run(["kubernetes-validate", "--strict", str(path)], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
