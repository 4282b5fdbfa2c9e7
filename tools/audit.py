"""Asks the vulnerability services of pip and npm about what is locked. A service that cannot be asked is said, and fails nothing; what it knows fails.

Called by `make check`. Each service stands beside the package registry that pip or npm is configured for; mirrors often have none.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 120
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-node.lock", "requirements-fuzz.lock")
UNANSWERED = "{what}: NOT AUDITED, the vulnerability service does not answer here ({why})."


def ask(command: list[str]) -> tuple[Any, str]:
    """What it says as JSON, or why not."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603 - our own words
        return json.loads(done.stdout), ""
    except subprocess.TimeoutExpired:
        return None, f"no answer in {SECONDS} seconds"
    except (OSError, ValueError) as error:
        return None, type(error).__name__


def python(lock: str) -> list[str]:
    """Sentences of what is known to be vulnerable of a lock file; says itself what was not audited."""
    found, why = ask([sys.executable, "-m", "pip_audit", "-r", lock, "--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json"])
    packages: list[dict[str, Any]] = (found or {}).get("dependencies", [])
    audited = [one for one in packages if "skip_reason" not in one]
    if not audited:
        print(UNANSWERED.format(what=lock, why=why or "it knows none of the packages"))
        return []
    print(f"{lock}: {len(audited)} of {len(packages)} packages audited.")
    return [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'nothing yet'}"
        for one in audited
        for flaw in one["vulns"]
    ]


def pages() -> list[str]:
    """The same of what the pages are built from."""
    found, why = ask([sys.executable, "hatch_build.py", "npm", "audit", "--json"])
    flaws: dict[str, Any] | None = (found or {}).get("vulnerabilities")
    if flaws is None:
        print(UNANSWERED.format(what="web/package-lock.json", why=why or "an error"))
        return []
    print("web/package-lock.json: audited.")
    return [f"{name}: {one['severity']}, in {one['range']}" for name, one in flaws.items()]


def main() -> int:
    """1 if anything that is locked is known to be vulnerable."""
    wrong = [sentence for lock in LOCKS for sentence in python(lock)] + pages()
    for sentence in wrong:
        print(f"vulnerable: {sentence}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
