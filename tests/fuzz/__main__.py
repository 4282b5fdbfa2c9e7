"""`python -m tests.fuzz [--seconds N] [NAME ...]` (`make fuzz`): atheris on each of `readers`, in a process of its own.

What breaks one is written to `corpus/found`, where `test_readers` reads it ever after. Exit 1: something was found.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.adversary import Adversary

FOLDER = Path(__file__).parent
FOUND = FOLDER / "corpus" / "found"
SEEDS = 300


def seed(folder: Path) -> None:
    """What is known to be interesting: what once went wrong, and what an adversary sends."""
    lines = [line for path in (FOLDER / "corpus").rglob("*.hex") for line in path.read_text().split()]
    adversary = Adversary(random.Random(1))
    updates = [*map(bytes.fromhex, lines), *(adversary.update() for _ in range(SEEDS))]
    for number, update in enumerate(updates):
        folder.joinpath(str(number)).write_bytes(update)


def look(name: str, seconds: int) -> list[bytes]:
    """What breaks that reader, if anything does within that time."""
    with tempfile.TemporaryDirectory() as folder:
        inputs, broken = Path(folder, "inputs"), Path(folder, "broken")
        inputs.mkdir()
        broken.mkdir()
        seed(inputs)
        limits = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", f"-artifact_prefix={broken}/", "-print_final_stats=1"]
        subprocess.run([sys.executable, "-m", "tests.fuzz.harness", name, *limits, inputs], check=False)
        return [path.read_bytes() for path in broken.iterdir()]


def main() -> int:
    from tests.fuzz.readers import READERS

    parser = argparse.ArgumentParser(prog="make fuzz", description="Let atheris look for bytes that break what reads them.")
    parser.add_argument("--seconds", type=int, default=60, help="for each reader")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(READERS)}; all of them if none is named")
    wanted = parser.parse_args()
    found = 0
    for name in wanted.names or READERS:
        print(f"\n{name}", flush=True)
        for data in look(name, wanted.seconds):
            found += 1
            FOUND.mkdir(parents=True, exist_ok=True)
            path = FOUND / f"{name}-{data[:4].hex()}-{len(data)}.hex"
            path.write_text(data.hex() + "\n")
            print(f"{name}: broken by {path.relative_to(FOLDER)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
