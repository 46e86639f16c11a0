"""The system-call filter of a bubblewrap sandbox, assembled without a library.

A deny list: what a kernel, numpy or a plot needs stays; what widens the attack surface of the
shared Linux kernel (namespaces, mounts, io_uring, bpf, keyrings, other processes' memory, socket
families beyond the internet's and unix ones) answers an error. A call that is newer than this list
answers as an older Linux would, so that what is invented later is refused too.

Source: https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Mapping

# What the filter can read: struct seccomp_data {int nr; u32 arch; u64 ip; u64 args[6]}.
_OFFSET_NR = 0
_OFFSET_ARCH = 4
_OFFSET_ARG0 = 16

_LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_JUMP_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_JUMP_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_JUMP_ANY_BIT = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K

_ALLOW = 0x7FFF0000
_KILL_PROCESS = 0x80000000
_ERRNO = 0x00050000

_X32_BIT = 0x40000000
# CLONE_NEW{TIME,NS,CGROUP,UTS,IPC,USER,PID,NET}; TIME shares its bit with the exit signal of
# clone(), so only clone3 (refused as a whole) could ask for it.
_CLONE_NEW = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
# AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. AF_VSOCK in particular is not bound to a network namespace.
_FAMILIES = (1, 2, 10, 16)

_ARCHES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# name: (x86_64, aarch64). Source: asm/unistd_64.h and asm-generic/unistd.h of Linux 6.1
_SAME_EVERYWHERE = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "pidfd_getfd": 438,
    "process_madvise": 440,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "memfd_secret": 447,
    "process_mrelease": 448,
}
_NEWEST = 450  # set_mempolicy_home_node, on every machine
_DENIED: dict[str, tuple[int, int]] = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "init_module": (175, 105),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "migrate_pages": (256, 238),
    "mount": (165, 40),
    "move_pages": (279, 239),
    "name_to_handle_at": (303, 264),
    "nfsservctl": (180, 42),
    "open_by_handle_at": (304, 265),
    "perf_event_open": (298, 241),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "vhangup": (153, 58),
    **{name: (number, number) for name, number in _SAME_EVERYWHERE.items()},
}
_X86_ONLY = {
    "_sysctl": 156,
    "create_module": 174,
    "get_kernel_syms": 177,
    "ioperm": 173,
    "iopl": 172,
    "modify_ldt": 154,
    "query_module": 178,
    "sysfs": 139,
    "uselib": 134,
    "ustat": 136,
}
_CLONE = (56, 220)
_CLONE3 = 435
_SOCKET = (41, 198)
_PERSONALITY = (135, 92)
# Plain Linux, its 32-bit and 4-GB forms, and the question for the present one: no executable data,
# no addresses that can be foretold.
_PERSONAS = (0x0, 0x0008, 0x20000, 0x20008, 0xFFFFFFFF)


def denied_calls(machine: str) -> Mapping[str, int]:
    """Return the calls that are refused on `machine`, by name; empty where we know no numbers."""
    if machine not in _ARCHES:
        return {}
    column = list(_ARCHES).index(machine)
    calls = {name: numbers[column] for name, numbers in _DENIED.items()}
    return {**calls, **_X86_ONLY} if machine == "x86_64" else calls


def filter_program(machine: str = "") -> bytes:
    """Return the filter for `bwrap --seccomp`; empty on a machine that we have no numbers for.

    Args:
        machine: As `platform.machine()` names it; this machine when empty.
    """
    machine = machine or platform.machine()
    calls = denied_calls(machine)
    if not calls:
        return b""
    column = list(_ARCHES).index(machine)
    program = [
        _step(_LOAD, _OFFSET_ARCH),
        _step(_JUMP_EQUAL, _ARCHES[machine], skip_true=1),
        _step(_RETURN, _KILL_PROCESS),
        _step(_LOAD, _OFFSET_NR),
    ]
    if machine == "x86_64":
        program += _refuse(_JUMP_AT_LEAST, _X32_BIT, errno.ENOSYS)
    program += _refuse(_JUMP_AT_LEAST, _NEWEST + 1, errno.ENOSYS)
    # ENOSYS makes the C library fall back to clone(), whose flags a filter can read.
    program += _refuse(_JUMP_EQUAL, _CLONE3, errno.ENOSYS)
    for number in sorted(calls.values()):
        program += _refuse(_JUMP_EQUAL, number, errno.EPERM)
    program += _only_when(_CLONE[column], _refuse(_JUMP_ANY_BIT, _CLONE_NEW, errno.EPERM))
    program += _only_when(_SOCKET[column], _refuse_others(_FAMILIES, errno.EAFNOSUPPORT))
    program += _only_when(_PERSONALITY[column], _refuse_others(_PERSONAS, errno.EPERM))
    program.append(_step(_RETURN, _ALLOW))
    return b"".join(program)


def _refuse_others(values: tuple[int, ...], error: int) -> list[bytes]:
    count = len(values)
    checks = [_step(_JUMP_EQUAL, value, skip_true=count - index) for index, value in enumerate(values)]
    return [*checks, _step(_RETURN, _ERRNO | error)]


def _refuse(jump: int, value: int, error: int) -> list[bytes]:
    return [_step(jump, value, skip_false=1), _step(_RETURN, _ERRNO | error)]


def _only_when(number: int, body: list[bytes]) -> list[bytes]:
    """Run `body` on the first argument when the call is `number`; allow what passes it."""
    tail = [_step(_LOAD, _OFFSET_ARG0), *body, _step(_RETURN, _ALLOW)]
    return [_step(_JUMP_EQUAL, number, skip_false=len(tail)), *tail]


def _step(code: int, value: int, *, skip_true: int = 0, skip_false: int = 0) -> bytes:
    """Pack one struct sock_filter {u16 code; u8 jt, jf; u32 k} in the machine's byte order."""
    return struct.pack("=HBBI", code, skip_true, skip_false, value)
