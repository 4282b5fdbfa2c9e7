"""`python -m tests.fuzz.harness NAME ...`: atheris on one reader. Started by `tests.fuzz`; the rest is libFuzzer's options."""

import importlib
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(sys.prefix) / "fuzz"))  # where `make fuzz` puts it

atheris: Any = importlib.import_module("atheris")
with atheris.instrument_imports(include=["fourhands"]):
    from tests.fuzz.readers import feed

if __name__ == "__main__":
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, lambda data: feed(name, data))
    atheris.Fuzz()
