"""What the self-test runs inside, and what has to come back. The programs are ours and do no harm outside of a sandbox either.

Pure: `selftest` runs them. `look` reports, as JSON, what a program in the sandbox sees and may; `faults_of_look` judges it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import Struct

from fourhands.execution.port import Check

LOOK = r"""
import ctypes, json, os, platform, socket, sys
host_file, port, abstract = sys.argv[1], int(sys.argv[2]), sys.argv[3]
libc = ctypes.CDLL(None, use_errno=True)
def error_of(work):
    try:
        work()
    except OSError as error:
        return error.errno or -1
    return 0
def call(number, *arguments):
    ctypes.set_errno(0)
    libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) for a in arguments])
    return ctypes.get_errno()
def connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as link:
        link.settimeout(1)
        link.connect(address)
status = dict(line.split(":\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
environments = set()
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        environments |= {entry.split(b"=")[0].decode("utf-8", "replace") for entry in open(f"/proc/{pid}/environ", "rb").read().split(b"\0") if entry}
    except OSError:
        pass
arm = platform.machine() == "aarch64"
def open_file(path):
    open(path).close()
def write_file(path):
    open(path, "w").close()
print(json.dumps({
    "pids": len([name for name in os.listdir("/proc") if name.isdigit()]),
    "seccomp": int(status["Seccomp"]), "no_new_privileges": int(status["NoNewPrivs"]),
    "capabilities": [status[name].strip("0") for name in ("CapInh", "CapPrm", "CapEff", "CapAmb") if status[name].strip("0")],
    "uid": os.getuid(), "groups": os.getgroups(),
    "environment": sorted(environments),
    "host_file": error_of(lambda: open_file(host_file)), "shadow": error_of(lambda: open_file("/etc/shadow")),
    "root_writable": error_of(lambda: write_file("/probe")), "usr_writable": error_of(lambda: write_file("/usr/probe")),
    "loopback": error_of(lambda: connect(socket.AF_INET, ("127.0.0.1", port))),
    "abstract": error_of(lambda: connect(socket.AF_UNIX, "\0" + abstract)),
    "interfaces": sorted(line.split(":")[0].strip() for line in open("/proc/net/dev").read().splitlines()[2:]),
    "vsock": error_of(lambda: socket.socket(40, socket.SOCK_STREAM).close()),
    "unshare": call(97 if arm else 272, 0x10000000), "keyctl": call(219 if arm else 250, 0, -3, 0), "ptrace": call(117 if arm else 101, 0, 0, 0, 0),
    "io_uring": call(425, 1, 0), "bpf": call(280 if arm else 321, 0, 0, 0),
}))
"""
MEMORY = "held = []\nwhile True:\n    held.append(bytearray(8 << 20))\n"
PROCESSES = """
import os, sys
number = 0
try:
    while number < 4096:
        if os.fork() == 0:
            import signal
            signal.pause()
        number += 1
except OSError:
    pass
print(number)
sys.stdout.flush()
import signal
signal.pause()
"""
SURVIVORS = """
import os, signal, sys
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in range(1, 32):
                if number not in (9, 19):
                    signal.signal(number, signal.SIG_IGN)
            while True:
                signal.pause()
        os._exit(0)
    os.wait()
print("ready", flush=True)
signal.pause()
"""
EXPECTED_ENVIRONMENT = {"PATH", "HOME", "LANG", "TMPDIR", "USER", "TERM", "FOURHANDS_PICTURES", "PWD", "OLDPWD", "LC_CTYPE"}
OURS = "This is a defect of fourhands or of the kernel: leave server runs off and report it with the output of `fourhands doctor --json`."
BWRAP = "Let FOURHANDS_BWRAP name the real bubblewrap, or unset it and install it (Debian: apt-get install bubblewrap)."


class Look(Struct, frozen=True):
    """What `LOOK` saw. Numbers named for an attempt are its errno, 0 where it went through."""

    pids: int
    seccomp: int
    no_new_privileges: int
    capabilities: list[str]
    uid: int
    groups: list[int]
    environment: list[str]
    host_file: int
    shadow: int
    root_writable: int
    usr_writable: int
    loopback: int
    abstract: int
    interfaces: list[str]
    vsock: int
    unshare: int
    keyctl: int
    ptrace: int
    io_uring: int
    bpf: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that has to be so: its name, whether it is, what it means if it is not, and what to do then."""

    name: str
    ok: bool
    good: str
    bad: str
    mend: str = BWRAP


def checks_of_look(look: Look, *, heard: bool) -> Iterator[Check]:
    """A check for each promise. `heard`: whether our own listener on this machine's loopback was reached."""
    for rule in _rules(look, heard=heard):
        yield Check(rule.name, rule.ok, rule.good if rule.ok else rule.bad, "" if rule.ok else rule.mend)


def _rules(look: Look, *, heard: bool) -> Iterator[Rule]:
    yield Rule(
        "processes", look.pids <= 4, "Other processes are invisible.", f"A program sees {look.pids} processes: it is not in a process namespace of its own."
    )
    files = "files", look.host_file != 0 and look.shadow != 0
    yield Rule(*files, "Files of this machine are invisible.", "A program can open files of this machine, so it is not contained.")
    writable = look.root_writable != 0 and look.usr_writable != 0
    yield Rule("read-only", writable, "What it sees of this machine is read-only.", "A program can write where it should only read.")
    alien = sorted(set(look.environment) - EXPECTED_ENVIRONMENT)
    yield Rule(
        "environment",
        not alien,
        "The environment is the sandbox's own.",
        f"A program sees environment variables that are not its own ({', '.join(alien[:5])}).",
    )
    network = look.loopback != 0 and not heard and look.interfaces == ["lo"]
    yield Rule("network", network, "There is no network, nor this machine's loopback.", "A program can reach this machine's network.")
    yield Rule("abstract sockets", look.abstract != 0, "Abstract sockets are out of reach.", "A program can reach abstract sockets of this machine.")
    yield Rule(
        "user",
        look.uid == 1000 and set(look.groups) <= {1000, 65534},
        "It runs as a user without rights.",
        f"A program runs as user {look.uid} with groups {look.groups}.",
    )
    yield Rule("capabilities", not look.capabilities, "It has no capabilities.", f"A program has capabilities ({', '.join(look.capabilities)}).")
    yield Rule("privileges", look.no_new_privileges == 1, "It can gain no privileges (NoNewPrivs 1).", "A program could gain privileges: NoNewPrivs is not 1.")
    yield Rule(
        "filter", look.seccomp == 2, "A system call filter is in force (Seccomp 2).", f"No system call filter is in force: Seccomp is {look.seccomp}, not 2."
    )
    refused = {name: getattr(look, name) for name in ("unshare", "keyctl", "ptrace", "io_uring", "bpf")}
    passed = sorted(name for name, error in refused.items() if error != 1) + (["vsock"] if look.vsock != 97 else [])
    yield Rule("calls", not passed, "Dangerous system calls are refused.", f"The filter lets dangerous system calls pass ({', '.join(passed)}).", OURS)
