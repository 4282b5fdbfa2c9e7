"""Asks programs of this machine for their versions. They are its own, below /usr, and run as nobody if that can be had."""

import os
import re
import subprocess
from pathlib import Path

from fourhands.execution.languages.recipe import Version

SECONDS = 20
NOBODY = 65534
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}

_known: dict[tuple[str, ...], str] = {}


def ask_version(version: Version, program: Path) -> str:
    """The version that `program` says it has, or nothing if it does not say one. Asked once as long as the program is the same."""
    changed = program.stat()
    key = (*version.command, version.package, version.pattern, str(program), f"{changed.st_mtime_ns} {changed.st_size}")
    if key not in _known:
        said = _installed(version.package) if version.package else ""
        said = said or _said([str(program) if word == "{program}" else word for word in version.command])
        found = re.search(version.pattern, said)
        _known[key] = found[1] if found else ""
    return _known[key]


def _said(command: list[str]) -> str:
    root = os.geteuid() == 0
    try:
        ran = subprocess.run(  # noqa: S603 - words of our own file
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=ENVIRONMENT,
            timeout=SECONDS,
            check=False,
            user=NOBODY if root else None,
            group=NOBODY if root else None,
            extra_groups=[] if root else None,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return ran.stdout.decode("utf-8", "replace")


def _installed(package: str) -> str:
    """The upstream part of an installed Debian package's version."""
    said = _said(["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", package])
    status, _, full = said.partition(" ")
    return re.sub(r"^\d+:|[-+~].*$", "", full) if status == "installed" else ""
