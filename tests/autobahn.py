"""`python -m tests.autobahn` (`make autobahn`) runs the Autobahn suite against `tests.echo` and prints what failed.

Exit 0: no case failed; 1: one did, or did not run; 2: the suite is not installed.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".autobahn"
HOW_TO_INSTALL = """\
The Autobahn suite is not installed. It runs under Python 2.7 alone; with one at hand:

  python3 -m venv .autobahn/boot
  .autobahn/boot/bin/pip install virtualenv==20.21.1
  .autobahn/boot/bin/virtualenv --python python2.7 --pip 20.3.4 .autobahn/suite
  .autobahn/suite/bin/pip install --no-deps -r tests/autobahn.txt

`make autobahn` finds it there or on the PATH; WSTEST=/path/to/wstest names another one."""
GOOD = {"OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED"}
"""UNIMPLEMENTED are the cases of compression, which is not offered."""
CASES = ["*"]
SECONDS = 1800


def find_suite() -> str | None:
    """Where `wstest` is, if it is anywhere."""
    return os.environ.get("WSTEST") or shutil.which("wstest", path=str(FOLDER / "suite" / "bin")) or shutil.which("wstest")


def run_suite(wstest: str, url: str, folder: Path) -> dict[str, dict[str, Any]]:
    """The suite's report: by case, what it saw."""
    wanted = {"outdir": str(folder / "report"), "servers": [{"agent": "echo", "url": url, "options": {"version": 18}}], "cases": CASES}
    spec = folder / "spec.json"
    spec.write_text(json.dumps({**wanted, "exclude-cases": [], "exclude-agent-cases": {}}))
    subprocess.run([wstest, "--mode", "fuzzingclient", "--spec", spec], check=True, timeout=SECONDS, cwd=folder, stdout=sys.stderr)
    return json.loads((folder / "report" / "index.json").read_text())["echo"]


def main() -> int:
    wstest = find_suite()
    if wstest is None:
        print(HOW_TO_INSTALL, file=sys.stderr)
        return 2
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen([sys.executable, "-m", "tests.echo"], cwd=ROOT, text=True, stdout=subprocess.PIPE) as echo,
    ):
        try:
            assert echo.stdout is not None
            report = run_suite(wstest, echo.stdout.readline().split()[1].replace("http", "ws", 1), Path(folder))
        finally:
            echo.terminate()
    failed = [case for case, seen in report.items() if seen["behavior"] not in GOOD or seen["behaviorClose"] not in GOOD]
    for case in failed:
        print(f"{case}: {report[case]['behavior']}, closing {report[case]['behaviorClose']}")
    print(f"{len(report)} cases: {dict(Counter(seen['behavior'] for seen in report.values()))}, {len(failed)} bad")
    return 1 if failed or not report else 0


if __name__ == "__main__":
    sys.exit(main())
