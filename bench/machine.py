"""On what was measured: processors, kernel, and the versions of what took part."""

import json
import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from bench.servers import SERVERS
from bench.workshop import Workshop
from fourhands import __version__


def describe(workshop: Workshop, servers: list[str]) -> dict[str, str]:
    """What a reader has to know to compare with a machine of their own."""
    described = {
        "processor": f"{os.cpu_count()} x {_processor()}",
        "kernel": f"Linux {_plain(platform.release())}",
        "fourhands": f"{__version__} (Python {platform.python_version()}, picows {version('picows')}, uvloop {version('uvloop')}, pycrdt {version('pycrdt')})",
    }
    node = subprocess.run([workshop.node.folder / "node", "--version"], capture_output=True, text=True, check=True).stdout.strip() if workshop.node else ""
    for name in servers:
        server = SERVERS[name]
        if server.package:
            package = json.loads((workshop.peers / "node_modules" / server.package / "package.json").read_text())
            described[server.title] = f"{package['version']} (Node {node.removeprefix('v')})"
    return described


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return " ".join(found.group(1).split()) if found else platform.machine()


def _plain(release: str) -> str:
    """A kernel's number without its builder's additions."""
    found = re.match(r"[\d.]+", release)
    return found.group().rstrip(".") if found else release
