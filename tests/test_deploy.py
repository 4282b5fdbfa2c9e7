"""The files in deploy/ are taken by the programs that they are for, and the documentation shows the same."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
NGINX = DEPLOY / "nginx.conf"
SITES = ("nginx.conf", "nginx-several.conf")
UNITS = {"fourhands.service": "fourhands.service", "fourhands@.service": "fourhands@8001.service", "fourhands-runner.service": "fourhands-runner.service"}
"""Each with a name that systemd takes: a template wants an instance."""


def location_of(text: str) -> list[str]:
    """The lines of the `location` block, without comments."""
    block = re.search(r"location / \{.*?\n(.*?)\n *\}", text, re.DOTALL)
    assert block
    return [line.partition("#")[0].strip() for line in block[1].splitlines()]


def test_the_documentation_shows_the_same_nginx_lines() -> None:
    shown = location_of((ROOT / "docs" / "operations.md").read_text())
    assert [line.replace("http://fourhands;", "http://127.0.0.1:8000;") for line in location_of(NGINX.read_text())] == shown


def nginx() -> str | None:
    """Debian puts it where only root looks."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with key.pem and certificate.pem."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=rooms.example.org", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    return folder


def nginx_says(text: str, folder: Path) -> str:
    """What `nginx -t` objects to in a whole configuration; nothing if it takes it."""
    whole = folder / "nginx.conf"
    whole.write_text(text)
    said = subprocess.run([str(nginx()), "-t", "-q", "-e", "stderr", "-p", str(folder), "-c", str(whole)], capture_output=True, text=True, check=False)
    return said.stderr if said.returncode else ""


needs_nginx = pytest.mark.skipif(not nginx() or not shutil.which("openssl"), reason="nginx or openssl is not on this machine")


@needs_nginx
@pytest.mark.parametrize("name", SITES)
def test_nginx_takes_its_sites(name: str, tls: Path, tmp_path: Path) -> None:
    text = re.sub(r"/etc/letsencrypt\S+/fullchain\.pem", f"{tls}/certificate.pem", (DEPLOY / name).read_text())
    text = re.sub(r"/etc/letsencrypt\S+/privkey\.pem", f"{tls}/key.pem", text).replace("/var/log/nginx/", f"{tmp_path}/")
    temporary = "\n".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    assert nginx_says(f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}\n{text}\n}}\n", tmp_path) == ""


@needs_nginx
def test_nginx_takes_the_configuration_of_compose(tls: Path, tmp_path: Path) -> None:
    text = (DEPLOY / "compose" / "nginx.conf").read_text()
    for before, after in (("/tmp/", f"{tmp_path}/"), ("/etc/fourhands/tls", str(tls)), ("/dev/stdout", f"{tmp_path}/log")):
        text = text.replace(before, after)
    text = re.sub(r"server server\d:", "server 127.0.0.1:", text).replace("user nginx;", "")
    assert nginx_says(text, tmp_path) == ""


@pytest.mark.parametrize("name", ["nginx-several.conf", "compose/nginx.conf"])
def test_no_log_of_a_proxy_has_a_rooms_token(name: str) -> None:
    formats = re.findall(r"log_format (.*?);\n", (DEPLOY / name).read_text(), re.DOTALL)
    assert formats
    assert not re.search(r"\$(request|request_uri|args|query_string|http_referer|http_authorization|http_cookie)\b", " ".join(formats))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_our_units(name: str, tmp_path: Path) -> None:
    unit = tmp_path / UNITS[name]
    unit.write_text((DEPLOY / name).read_text().replace("/opt/fourhands/bin/fourhands", "/bin/true"))
    if name == "fourhands-runner.service":
        (tmp_path / f"{name}.d").mkdir()
        (tmp_path / f"{name}.d" / "redis.conf").write_text(
            (DEPLOY / "fourhands-runner-redis.conf").read_text().replace("/opt/fourhands/bin/fourhands", "/bin/true")
        )
    said = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
@pytest.mark.parametrize("name", ["fourhands.service", "fourhands@.service"])
def test_systemd_finds_little_that_a_server_is_exposed_to(name: str, tmp_path: Path) -> None:
    unit = tmp_path / UNITS[name]
    unit.write_text((DEPLOY / name).read_text().replace("/opt/fourhands/bin/fourhands", "/bin/true"))
    asked = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", str(unit)]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)
    if "offline" in said.stderr:
        pytest.skip("this systemd-analyze cannot look at files")
    assert said.returncode == 0, said.stdout[-400:]


def test_instances_are_as_locked_in_as_a_server_alone() -> None:
    hardening = re.compile(r"(?m)^(?:Capability|Lock|NoNew|Private|Protect|Restrict|SystemCall|UMask)\w*=.*$")
    alone, instance = (hardening.findall((DEPLOY / name).read_text()) for name in ("fourhands.service", "fourhands@.service"))
    assert alone == instance


@pytest.mark.skipif(not shutil.which("caddy"), reason="caddy is not on this machine")
def test_caddy_takes_its_file(tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    asked = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    said = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
