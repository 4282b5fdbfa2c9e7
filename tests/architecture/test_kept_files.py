"""What is under version control speaks of the product alone and works on any machine."""

import json
import re
import tomllib

from tests.architecture.sources import ROOT, kept_files, read_text

HOSTS = ("pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "yarn" + "pkg.com", "deb." + "debian.org")
MACHINE_PATHS = re.compile(r"(?<![\w.~/-])/(?:work|root|Users|tmp/fh)/")
HOMES = re.compile(r"(?<![\w.~/-])/home/(?!you\b|pyodide\b)\w+")


def test_no_file_names_a_package_registry() -> None:
    found = {path.relative_to(ROOT).as_posix(): host for path in kept_files() for host in HOSTS if host in (read_text(path) or "")}
    assert found == {}


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = {}
    for path in kept_files():
        text = read_text(path) or ""
        if match := MACHINE_PATHS.search(text) or HOMES.search(text):
            found[path.relative_to(ROOT).as_posix()] = match[0]
    assert found == {}


def test_locks_carry_hashes_and_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-node.lock", "requirements-wheel.lock", "requirements-fuzz.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text, name
        assert "--index-url" not in text, name
        entries = re.split(r"\n(?=\S)", text)
        assert all("--hash=sha256:" in entry for entry in entries if "==" in entry), name


def test_the_npm_lock_carries_hashes_and_no_address() -> None:
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if name and "integrity" not in entry and not entry.get("inBundle")] == []


def test_what_is_run_and_what_is_tested_are_the_same_versions() -> None:
    def versions(name: str) -> dict[str, str]:
        return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))

    runtime, dev = versions("requirements.lock"), versions("requirements-dev.lock")
    assert {name: version for name, version in runtime.items() if dev.get(name) != version} == {}


def test_the_lock_holds_every_requirement() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[\[=<>;, ]", requirement)[0] for requirement in project["dependencies"]}
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert wanted <= locked
