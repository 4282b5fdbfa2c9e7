"""compose.yml: what its containers may do, what they are set to, and that it refuses to start without secrets."""

import json
from typing import Any

import pytest
from pydantic import AliasChoices

from fourhands.settings import Settings
from tests.compose_file import ROOT, Missing, read_compose, read_example

REQUIRED = ("PUBLIC_URL", "TLS_CERTIFICATE", "TLS_KEY", "SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD")
FILLED = {**read_example(), **{name: f"/{name.lower()}-of-a-test" for name in REQUIRED}}
SERVERS = ("server1", "server2")
OURS = (*SERVERS, "runner")
SANDBOX_NEEDS = {"clone", "clone3", "unshare", "mount", "umount2", "pivot_root", "chroot", "setns", "prctl", "seccomp", "setuid", "setgid", "sethostname"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return read_compose(FILLED)["services"]


def seconds(word: str) -> float:
    assert word.endswith("s")
    return float(word.removesuffix("s"))


@pytest.mark.parametrize("name", REQUIRED)
def test_nothing_starts_while_a_secret_or_the_certificate_is_missing(name: str) -> None:
    with pytest.raises(Missing, match=name):
        read_compose({**FILLED, name: ""})


def test_the_example_holds_no_secret_and_names_every_variable() -> None:
    example = read_example()
    assert {name: example[name] for name in REQUIRED} == dict.fromkeys(REQUIRED, "")
    text = (ROOT / "compose.yml").read_text()
    assert {name for name in example if f"${{{name}" not in text} == set()


def test_every_container_is_locked_in(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["restart"] == "unless-stopped", name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        assert service["logging"]["options"]["max-size"], name
        assert "privileged" not in service, name
        assert "devices" not in service, name
        assert not {"host"} & {service.get(space) for space in ("network_mode", "pid", "ipc", "cgroup", "userns_mode")}, name
        assert not any("docker.sock" in volume for volume in service.get("volumes", ())), name


def test_only_nginx_and_the_runner_have_capabilities_and_none_is_that_of_an_administrator(services: dict[str, Any]) -> None:
    given = {name: set(service["cap_add"]) for name, service in services.items() if "cap_add" in service}
    assert given == {"nginx": {"CHOWN", "DAC_OVERRIDE", "SETGID", "SETUID"}, "runner": {"SETUID", "SETGID", "DAC_OVERRIDE", "KILL"}}
    assert {name for name, service in services.items() if len(service["security_opt"]) > 1} == {"runner"}


def test_only_nginx_is_reached_from_outside_and_the_runner_reaches_no_database(services: dict[str, Any]) -> None:
    networks = read_compose(FILLED)["networks"]
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    assert {name for name, network in networks.items() if not (network or {}).get("internal")} == {"front"}
    assert {name for name, service in services.items() if "front" in service["networks"]} == {"nginx", *SERVERS}
    assert services["runner"]["networks"] == ["queue"]
    assert "queue" not in services["postgres"]["networks"]


def test_the_runner_holds_no_secret_but_the_queues(services: dict[str, Any]) -> None:
    held = json.dumps(services["runner"])
    assert FILLED["REDIS_PASSWORD"] in held
    assert not [name for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "TLS_KEY") if FILLED[name] in held]


def test_every_setting_that_it_sets_exists(services: dict[str, Any]) -> None:
    known = {f"FOURHANDS_{name.upper()}" for name in Settings.model_fields}
    for field in Settings.model_fields.values():
        if isinstance(field.validation_alias, AliasChoices):
            known.update(str(name) for name in field.validation_alias.choices)
    for name in OURS:
        assert set(services[name]["environment"]) <= known, name


def test_servers_believe_nginx_and_nobody_else(services: dict[str, Any]) -> None:
    for name in SERVERS:
        assert services[name]["environment"]["FOURHANDS_TRUSTED_PROXIES"] == services["nginx"]["networks"]["front"]["ipv4_address"]
    addresses = [service["networks"]["front"]["ipv4_address"] for service in services.values() if "front" in service["networks"]]
    assert len(set(addresses)) == len(addresses)


def test_a_server_has_time_to_drain_before_it_is_killed(services: dict[str, Any]) -> None:
    for name in SERVERS:
        assert seconds(services[name]["stop_grace_period"]) >= 2 * float(services[name]["environment"]["FOURHANDS_DRAIN_SECONDS"])


def test_what_a_service_waits_for_says_when_it_is_healthy(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for other in service.get("depends_on", {}):
            assert services[other]["healthcheck"]["test"], f"{name} waits for {other}"


def test_images_are_named_with_a_version(services: dict[str, Any]) -> None:
    for name, service in services.items():
        _, _, tag = service["image"].rpartition(":")
        assert tag, name
        assert tag != "latest", name


def test_the_runners_filter_leaves_what_a_sandbox_is_made_of() -> None:
    profile = json.loads((ROOT / "deploy" / "compose" / "runner-seccomp.json").read_text())
    denied = [name for group in profile["syscalls"] for name in group["names"]]
    assert len(denied) == len(set(denied))
    assert not SANDBOX_NEEDS & set(denied)
    assert {"bpf", "keyctl", "io_uring_setup", "init_module", "open_by_handle_at", "ptrace"} <= set(denied)
    assert {group["action"] for group in profile["syscalls"]} == {"SCMP_ACT_ERRNO"}


def test_what_it_mounts_is_there(services: dict[str, Any]) -> None:
    mounted = [volume.split(":")[0] for service in services.values() for volume in service.get("volumes", ()) if volume.startswith("./")]
    filters = [word.partition("=")[2] for service in services.values() for word in service["security_opt"] if word.startswith("seccomp=")]
    assert len(mounted) + len(filters) == 2
    for path in (*mounted, *filters):
        assert (ROOT / path).is_file(), path
