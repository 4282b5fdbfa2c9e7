"""The files in deploy/ are taken by the programs that they are for, and the documentation shows the same."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NGINX = ROOT / "deploy" / "nginx.conf"
UNITS = ("fourhands.service", "fourhands-runner.service")


def location_of(text: str) -> list[str]:
    """The lines of the `location` block, without comments."""
    block = re.search(r"location / \{.*?\n(.*?)\n *\}", text, re.DOTALL)
    assert block
    return [line.partition("#")[0].strip() for line in block[1].splitlines()]


def test_the_documentation_shows_the_same_nginx_lines() -> None:
    shown = location_of((ROOT / "docs" / "operations.md").read_text())
    assert [line.replace("http://fourhands;", "http://127.0.0.1:8000;") for line in location_of(NGINX.read_text())] == shown


@pytest.mark.skipif(not shutil.which("nginx") or not shutil.which("openssl"), reason="nginx or openssl is not on this machine")
def test_nginx_takes_its_file(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=rooms.example.org", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    text = re.sub(r"/etc/letsencrypt\S+/fullchain\.pem", str(certificate), NGINX.read_text())
    text = re.sub(r"/etc/letsencrypt\S+/privkey\.pem", str(key), text)
    whole = tmp_path / "nginx.conf"
    temporary = "\n".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    whole.write_text(f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}\n{text}\n}}\n")
    said = subprocess.run(["nginx", "-t", "-e", "stderr", "-p", str(tmp_path), "-c", str(whole)], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_our_units(name: str, tmp_path: Path) -> None:
    unit = tmp_path / name
    unit.write_text((ROOT / "deploy" / name).read_text().replace("/opt/fourhands/bin/fourhands", "/bin/true"))
    said = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")
