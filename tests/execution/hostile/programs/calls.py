# status: ok
import ctypes, errno, os, platform
libc = ctypes.CDLL(None, use_errno=True)
arm = platform.machine() == "aarch64"
X86 = dict(ptrace=101, process_vm_readv=310, kcmp=312, pidfd_getfd=438, perf_event_open=298, userfaultfd=323, mount=165, umount2=166, pivot_root=155,
    chroot=161, open_tree=428, move_mount=429, fsopen=430, fsmount=432, mount_setattr=442, unshare=272, setns=308, add_key=248, request_key=249, keyctl=250,
    bpf=321, io_uring_setup=425, io_uring_enter=426, io_uring_register=427, init_module=175, finit_module=313, kexec_load=246, reboot=169, swapon=167, acct=163, quotactl=179,
    syslog=103, settimeofday=164, clock_settime=227, sethostname=170, setdomainname=171, name_to_handle_at=303, open_by_handle_at=304, fanotify_init=300,
    mbind=237, move_pages=279, personality=135, iopl=172, modify_ldt=154, memfd_secret=447, vmsplice=278, process_madvise=440)
ARM = dict(ptrace=117, process_vm_readv=270, kcmp=272, pidfd_getfd=438, perf_event_open=241, userfaultfd=282, mount=40, umount2=39, pivot_root=41,
    chroot=51, open_tree=428, move_mount=429, fsopen=430, fsmount=432, mount_setattr=442, unshare=97, setns=268, add_key=217, request_key=218, keyctl=219,
    bpf=280, io_uring_setup=425, io_uring_enter=426, io_uring_register=427, init_module=105, finit_module=273, kexec_load=104, reboot=142, swapon=224, acct=89, quotactl=60,
    syslog=116, settimeofday=170, clock_settime=112, sethostname=161, setdomainname=162, name_to_handle_at=264, open_by_handle_at=265, fanotify_init=262,
    mbind=235, move_pages=239, personality=92, memfd_secret=447, vmsplice=75, process_madvise=440)
def call(number, *arguments):
    ctypes.set_errno(0)
    libc.syscall(ctypes.c_long(number), *[ctypes.c_long(argument) for argument in arguments])
    return ctypes.get_errno()
for name, number in (ARM if arm else X86).items():
    # 8 as the first of unshare's: CLONE_NEWUSER; zeros would be taken by some
    answer = call(number, 0x10000000 if name == "unshare" else 0, 0, 0, 0, 0, 0)
    if answer != errno.EPERM:
        print("ESCAPED: the kernel looked at", name, errno.errorcode.get(answer, answer))
for flag in (0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
    # the flags' upper half set: a filter that compared all 64 bits would let it pass
    for high in (0, 1 << 32):
        ctypes.set_errno(0)
        pid = libc.syscall(ctypes.c_long(220 if arm else 56), ctypes.c_long(flag | high | 17), *[ctypes.c_long(0)] * 4)
        if pid == 0:
            os._exit(0)
        if pid > 0 or ctypes.get_errno() != errno.EPERM:
            print("ESCAPED: clone with", hex(flag | high), pid, ctypes.get_errno())
if call(435, 0, 0) != errno.ENOSYS:
    print("ESCAPED: clone3 is there")
if call(463) != errno.ENOSYS or call(1000) != errno.ENOSYS:
    print("ESCAPED: calls of the future are there")
