"""The numbers of the system calls that the filter speaks of, on each architecture. Data alone.

From Linux's `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h` (aarch64). A call without a
number does not exist there.
"""

from dataclasses import dataclass

DENIED = """
    ptrace:101:117 process_vm_readv:310:270 process_vm_writev:311:271 kcmp:312:272 pidfd_getfd:438:438 process_madvise:440:440
    process_mrelease:448:448 perf_event_open:298:241 userfaultfd:323:282
    mount:165:40 umount2:166:39 pivot_root:155:41 chroot:161:51 open_tree:428:428 move_mount:429:429 fsopen:430:430 fsconfig:431:431
    fsmount:432:432 fspick:433:433 mount_setattr:442:442 statmount:457:457 listmount:458:458
    unshare:272:97 setns:308:268
    add_key:248:217 request_key:249:218 keyctl:250:219
    bpf:321:280 io_uring_setup:425:425 io_uring_enter:426:426 io_uring_register:427:427 memfd_secret:447:447 vmsplice:278:75
    init_module:175:105 finit_module:313:273 delete_module:176:106 create_module:174: query_module:178: get_kernel_syms:177:
    kexec_load:246:104 kexec_file_load:320:294 reboot:169:142
    swapon:167:224 swapoff:168:225 acct:163:89 quotactl:179:60 quotactl_fd:443:443 syslog:103:116 vhangup:153:58
    settimeofday:164:170 clock_settime:227:112 clock_adjtime:305:266 adjtimex:159:171
    sethostname:170:161 setdomainname:171:162
    name_to_handle_at:303:264 open_by_handle_at:304:265 fanotify_init:300:262 fanotify_mark:301:263 lookup_dcookie:212:18
    mbind:237:235 set_mempolicy:238:237 get_mempolicy:239:236 migrate_pages:256:238 move_pages:279:239 set_mempolicy_home_node:450:450
    io_setup:206:0 sync:162:81 syncfs:306:267 sched_setattr:314:274 sched_setaffinity:203:122
    personality:135:92 modify_ldt:154: iopl:172: ioperm:173: uselib:134: ustat:136: sysfs:139: _sysctl:156: nfsservctl:180:42
"""
"""name:x86_64:aarch64 of what is refused with EPERM, whatever its arguments: reading other processes, mounts, namespaces,
keyrings, rings and programs for the kernel, modules, the machine's own state, its clock, file handles, memory policies,
what all of the machine shares (its count of asynchronous requests, its disks' caches, how long slices of the processor are, who runs where),
and what is old enough that nobody looks at it any more."""

NEEDLESS = "fsync:74:82 fdatasync:75:83 msync:26:227 sync_file_range:277:84"
"""What is said to be done and is not: all that a payload can write lies in memory, where there is nothing to do. Of a file of the
machine, which it may only read, the same call has the disk write its cache, over and over, while others wait for theirs."""

LAST_KNOWN = 462
"""mseal, Linux 6.10. A call with a higher number does not exist for the payload (ENOSYS), whatever it does one day."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """`audit` is AUDIT_ARCH_*: the ABI that a call was made by. `last_native`: numbers above belong to a foreign ABI (x32)."""

    audit: int
    clone: int
    clone3: int
    socket: int
    socketpair: int
    ioctl: int
    prctl: int
    mmap: int
    memfd_create: int
    shmget: int
    denied: dict[str, int]
    needless: dict[str, int]
    foreign_bit: int = 0


def _column(table: str, index: int) -> dict[str, int]:
    rows = [row.split(":") for row in table.split()]
    return {row[0]: int(row[index]) for row in rows if row[index]}


ARCHITECTURES = {
    "x86_64": Architecture(
        0xC000003E,
        clone=56,
        clone3=435,
        socket=41,
        socketpair=53,
        ioctl=16,
        prctl=157,
        mmap=9,
        memfd_create=319,
        shmget=29,
        denied=_column(DENIED, 1),
        needless=_column(NEEDLESS, 1),
        foreign_bit=0x40000000,
    ),
    "aarch64": Architecture(
        0xC00000B7,
        clone=220,
        clone3=435,
        socket=198,
        socketpair=199,
        ioctl=29,
        prctl=167,
        mmap=222,
        memfd_create=279,
        shmget=194,
        denied=_column(DENIED, 2),
        needless=_column(NEEDLESS, 2),
    ),
}
"""By `platform.machine()`."""
