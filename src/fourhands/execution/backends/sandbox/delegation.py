"""How somebody who is not root gets control groups: the runner starts itself inside a scope that systemd's user manager delegates.

Pure but for looking for `systemd-run` and the user's bus. Whoever starts the runner asks `delegated_command` first.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from fourhands.execution.backends.sandbox.cgroup_v2 import UNIT

MEND = (
    "Run it as root, or on a machine with systemd and control groups version 2 where you are logged in "
    "(loginctl enable-linger keeps your user manager running)."
)


def delegated_command(command: Sequence[str], environment: Mapping[str, str], *, uid: int | None = None) -> list[str]:
    """The command, inside a delegated scope of its own where that is needed and possible; unchanged otherwise.

    It is unchanged too where we are in such a scope already. `environment` needs XDG_RUNTIME_DIR of the caller, where the user manager's socket lies.
    """
    uid = os.geteuid() if uid is None else uid
    runtime = environment.get("XDG_RUNTIME_DIR", f"/run/user/{uid}")
    systemd_run = shutil.which("systemd-run", path=environment.get("PATH", os.defpath))
    if uid == 0 or UNIT in Path("/proc/self/cgroup").read_text() or systemd_run is None or not Path(runtime, "systemd", "private").exists():
        return list(command)
    unit = f"{UNIT}-{os.getpid()}"
    return [systemd_run, "--user", "--scope", "--quiet", "--collect", f"--unit={unit}", "--property=Delegate=yes", "--", *command]
