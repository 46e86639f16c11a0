"""Attacks on the border itself: system calls, privileges, devices, what leaks in from the server."""

# ruff: noqa: E501, ASYNC240 - programs for the inside stand here as they are; /proc answers at once

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from gptoss_lab.sandbox.policy import KERNEL_UID, MUX_UID
from tests.sandbox.attacks.conftest import CANARY
from tests.sandbox.attacks.gauge import gauge
from tests.sandbox.attacks.outside import NAMESPACES, Outside, namespace, stat_fields
from tests.sandbox.attacks.target import Target

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="module")]

# Name and number on x86_64, then the arguments of a call that would do something.
SYSTEM_CALLS = """
import ctypes, errno, os, platform
libc = ctypes.CDLL(None, use_errno=True)
calls = dict(
    unshare_user=(272, 0x10000000), unshare_net=(272, 0x40000000), unshare_mount=(272, 0x20000),
    clone_user=(56, 0x10000011, 0, 0, 0, 0), clone3=(435, b'\\0' * 88, 88), setns=(308, 0, 0),
    mount=(165, b'none', b'/tmp', b'tmpfs', 0, 0), umount=(166, b'/tmp', 2), pivot_root=(155, b'/tmp', b'/tmp'),
    chroot=(161, b'/tmp'), fsopen=(430, b'tmpfs', 0), open_tree=(428, -100, b'/', 1), move_mount=(429, 0, b'', 0, b'', 0),
    mount_setattr=(442, -100, b'/', 0, 0, 0), fspick=(433, -100, b'/', 0),
    bpf=(321, 0, 0, 0), keyctl=(250, 0, 0), add_key=(248, b'user', b'x', b'y', 1, -3), request_key=(249, b'user', b'x', 0, 0),
    io_uring_setup=(425, 1, b'\\0' * 120), io_uring_enter=(426, 0, 0, 0, 0, 0), userfaultfd=(323, 1),
    perf_event_open=(298, b'\\0' * 128, 0, -1, -1, 0), ptrace_attach=(101, 16, 1, 0, 0), ptrace_traceme=(101, 0, 0, 0, 0),
    process_vm_readv=(310, 1, 0, 0, 0, 0, 0), process_vm_writev=(311, 1, 0, 0, 0, 0, 0), kcmp=(312, 1, 1, 0, 0, 0),
    pidfd_getfd=(438, 0, 0, 0), init_module=(175, b'', 0, b''), finit_module=(313, 0, b'', 0),
    delete_module=(176, b'x', 0), kexec_load=(246, 0, 0, 0, 0), reboot=(169, 0xfee1dead, 672274793, 0x1234567, 0),
    swapon=(167, b'/tmp/x', 0), swapoff=(168, b'/tmp/x'), acct=(163, b'/tmp/x'), settimeofday=(164, b'\\0' * 16, 0),
    clock_settime=(227, 0, b'\\0' * 16), sethostname=(170, b'x', 1), setdomainname=(171, b'x', 1),
    syslog=(103, 3, b'\\0' * 64, 64), iopl=(172, 3), ioperm=(173, 0, 1, 1), modify_ldt=(154, 1, b'\\0' * 16, 16),
    open_by_handle_at=(304, 3, b'\\0' * 16, 0), quotactl=(179, 0, 0, 0, 0), fanotify=(300, 0, 0),
    af_alg=(41, 38, 5, 0), af_vsock=(41, 40, 1, 0), af_packet=(41, 17, 3, 0), af_bluetooth=(41, 31, 3, 1),
    raw_socket=(41, 2, 3, 1), raw_socket6=(41, 10, 3, 58), setuid=(105, 0), setgid=(106, 0), setgroups=(116, 1, b'\\0' * 4),
    mknod_block=(133, b'/tmp/disk', 0o60666, 0xfe00), mknod_char=(133, b'/tmp/mem', 0o20666, 0x101),
    nice=(141, 0, 0, -20), realtime=(144, 0, 1, b'\\1\\0\\0\\0'),
)
if platform.machine() != 'x86_64':
    calls = {}
won = []
for name, (number, *arguments) in calls.items():
    ctypes.set_errno(0)
    if libc.syscall(ctypes.c_long(number), *arguments) >= 0:
        won.append(name)
    elif ctypes.get_errno() in (errno.EFAULT, errno.EINVAL, errno.EBADF) and name not in ('realtime', 'mknod_block'):
        won.append(f'{name}={errno.errorcode[ctypes.get_errno()]}')  # it got as far as its arguments
if platform.machine() == 'x86_64':
    if (pid := os.fork()) == 0:
        os._exit(0 if libc.syscall(ctypes.c_long(0x40000000 | 39)) >= 0 else 1)
    if os.waitpid(pid, 0)[1] == 0: won.append('x32')
print(won)
"""
SETUID = """
import glob, os, shutil, stat, subprocess
shutil.copy('/bin/sh', '/sandbox/sh'); os.chmod('/sandbox/sh', 0o6755)
programs = ['/sandbox/sh']
for folder in ('/bin', '/sbin', '/usr/bin', '/usr/sbin', '/usr/lib', '/opt'):
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            try: mode = os.lstat(path).st_mode
            except OSError: continue
            if stat.S_ISREG(mode) and mode & 0o6000: programs.append(path)
words = {'su': ['-c', 'sleep 1'], 'sudo': ['-n', 'sleep', '1'], 'sh': ['-p', '-c', 'sleep 1']}
running = []
for path in programs:
    try:
        running.append(subprocess.Popen([path, *words.get(os.path.basename(path), [])], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    except OSError: pass
import time; time.sleep(1.5)
for process in running: process.kill(); process.wait()
print(len(programs))
"""
WRITE_TO_THE_KERNEL = """
import os
won = []
for path in ('/proc/sysrq-trigger', '/proc/sys/kernel/core_pattern', '/proc/sys/kernel/modprobe', '/proc/sys/vm/drop_caches',
    '/proc/sys/kernel/hostname', '/proc/1/oom_score_adj',
    '/proc/acpi', '/proc/bus', '/proc/irq/default_smp_affinity', '/proc/scsi/scsi',
    '/sys/kernel/uevent_helper', '/sys/power/state', '/sys/kernel/mm/transparent_hugepage/enabled',
    '/sys/fs/cgroup/cgroup.procs', '/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/memory/release_agent',
    '/dev/mem', '/dev/kmem', '/dev/port', '/dev/vda', '/dev/sda', '/dev/kvm', '/dev/fuse', '/dev/kmsg', '/dev/loop-control',
    '/dev/net/tun', '/dev/tty', '/dev/console', '/dev/tty0', '/dev/input', '/dev/ptmx'):
    for mode in (os.O_WRONLY, os.O_RDWR):
        try:
            fd = os.open(path, mode)
        except OSError:
            continue
        if path != '/dev/ptmx': won.append(path)
        os.close(fd)
for path in ('/proc/kcore', '/proc/kmsg', '/dev/kmsg', '/dev/mem', '/proc/kallsyms', '/proc/keys', '/proc/1/mem', '/proc/sched_debug'):
    try:
        with open(path, 'rb') as file: start = file.read(4096)
    except OSError: continue
    if start.strip(b'\\0') and not start.startswith(b'0000000000000000'): won.append(path)
for path, text in (('/proc/self/uid_map', b'0 0 1'), ('/proc/self/gid_map', b'0 0 1'), ('/proc/self/setgroups', b'allow'),
    ('/proc/self/attr/current', b'unconfined'), ('/proc/self/coredump_filter', b'ff')):
    try:
        os.write(os.open(path, os.O_WRONLY), text)
        if 'filter' not in path: won.append(path)
    except OSError: pass
print(won)
"""
RAISE = """
import os, resource
won = []
for name in ('RLIMIT_CORE', 'RLIMIT_NOFILE', 'RLIMIT_FSIZE'):
    soft, hard = resource.getrlimit(getattr(resource, name))
    try: resource.setrlimit(getattr(resource, name), (hard + 1, hard + 1)); won.append(name)
    except (ValueError, OSError): pass
fd = os.open('/proc/self/oom_score_adj', os.O_WRONLY)
score = int(open('/proc/self/oom_score_adj').read())
for value in range(-1000, score):
    try: os.write(fd, str(value).encode()); break
    except OSError: pass
try: os.nice(-5); won.append('nice')
except OSError: pass
print(won)
"""
TIOCSTI = """
import fcntl, os, termios
won = []
fds = [0, 1, 2]
for path in ('/dev/tty', '/dev/console', '/proc/1/fd/0', '/proc/1/fd/1'):
    try: fds.append(os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK))
    except OSError: pass
for fd in fds:
    for request in (termios.TIOCSTI, 0x541c):
        try: fcntl.ioctl(fd, request, b'x'); won.append((fd, request))
        except OSError: pass
print(won)
"""


async def test_07_dangerous_system_calls(python_shared: Target) -> None:
    """Each is refused before it looks at its arguments, and no process has left its namespaces."""
    outside = python_shared.outside
    before = {kind: outside.namespaces(kind) for kind in NAMESPACES}
    assert await python_shared.out(SYSTEM_CALLS) == "[]"
    for kind in NAMESPACES:
        assert outside.namespaces(kind) == before[kind]
        assert namespace(os.getpid(), kind) not in before[kind] or kind == "cgroup", kind
    await python_shared.lives()


async def test_07_every_process_is_filtered(shared: Target) -> None:
    """The kernel, the relay and what they start have a filter, in both languages."""
    outside = shared.outside
    assert len(outside.pids()) >= 2
    assert set(outside.fields("Seccomp").values()) == {"2"}
    assert int(max(outside.fields("Seccomp_filters").values())) >= 1


async def test_08_setuid_programs_gain_nothing(python_shared: Target) -> None:
    """Each setuid program of the image runs, and none is ever root or has a capability, seen from outside."""
    outside = python_shared.outside
    with gauge(lambda: gained(outside)) as seen:
        assert int(await python_shared.out(SETUID, 60)) > 1
    assert seen.peak == 0
    await python_shared.lives()


async def test_08_no_process_has_a_privilege(shared: Target) -> None:
    """No capability in any set, no new privileges, an ordinary user: the init of bubblewrap aside."""
    outside = shared.outside
    assert gained(outside) == 0
    assert set(outside.fields("NoNewPrivs").values()) == {"1"}
    assert KERNEL_UID in {int(value.split()[0]) for value in outside.fields("Uid").values()}


async def test_09_nothing_of_the_environment(shared: Target) -> None:
    """No process inside has a variable of the server's, not even before it became what it is."""
    assert os.environ["SECRET_CANARY"] == CANARY
    say = {"python": "import os; print(dict(os.environ))", "r": "print(Sys.getenv())"}[shared.language]
    assert CANARY not in await shared.out(say)
    for pid in shared.outside.pids():
        seen = Path(f"/proc/{pid}/environ").read_bytes() + Path(f"/proc/{pid}/cmdline").read_bytes()
        assert CANARY.encode() not in seen
        assert b"DOCKER_HOST" not in seen
        assert b"JPY_" not in seen


async def test_36_the_kernels_own_files(python_shared: Target) -> None:
    """Neither sysrq, nor core_pattern, nor memory, nor a device, nor a control group can be opened."""
    before = Path("/proc/sys/kernel/core_pattern").read_text(), Path("/proc/sys/kernel/hostname").read_text()
    assert await python_shared.out(WRITE_TO_THE_KERNEL) == "[]"
    after = Path("/proc/sys/kernel/core_pattern").read_text(), Path("/proc/sys/kernel/hostname").read_text()
    assert before == after


async def test_35_no_device_can_be_made(python_shared: Target) -> None:
    """What `mknod` leaves in the writable folders is no device."""
    code = (
        "import os, stat\n"
        "for place in ('/tmp', '/sandbox', '/dev/shm'):\n"
        "    for number, (mode, device) in enumerate([(stat.S_IFBLK, 0xfe00), (stat.S_IFCHR, 0x101)]):\n"
        "        try: os.mknod(f'{place}/device-{number}', mode | 0o666, device)\n"
        "        except OSError: pass\n"
        "print('tried')"
    )
    assert await python_shared.out(code) == "tried"
    for place in ("/tmp", "/sandbox", "/dev/shm"):  # noqa: S108 - of the sandbox
        assert python_shared.outside.special_files(place) == []


async def test_37_no_core_is_dumped(python_shared: Target) -> None:
    """A crash leaves no core, and the limit that forbids it holds for every process."""
    outside = python_shared.outside
    for pid in outside.pids():
        (line,) = re.findall(r"Max core file size +(\S+) +(\S+)", Path(f"/proc/{pid}/limits").read_text())
        assert line == ("0", "0") or is_bwrap(outside, pid)
    code = (
        "import ctypes, os\n"
        "if (pid := os.fork()) == 0: ctypes.string_at(0)\n"
        "state = os.waitpid(pid, 0)[1]\n"
        "print(os.waitstatus_to_exitcode(state), os.WCOREDUMP(state))"
    )
    assert await python_shared.out(code) == "-11 False"
    core = outside.path("/sandbox")
    assert [name for name in os.listdir(core) if name.startswith("core")] == []  # noqa: PTH208


async def test_42_no_terminal(python_shared: Target) -> None:
    """No process has a controlling terminal, and no key press can be faked on any that is found."""
    assert await python_shared.out(TIOCSTI) == "[]"
    own = stat_fields(os.getpid())[3]
    for pid in python_shared.outside.pids():
        fields = stat_fields(pid)
        assert fields[4] == "0", fields
        assert fields[3] != own, "it shares the server's session"


async def test_48_no_sandbox_in_the_sandbox(python_shared: Target) -> None:
    """Neither `bwrap` nor `unshare` nor a user namespace by clone makes a place with more rights."""
    code = (
        "import shutil, subprocess\n"
        "tries = [['bwrap', '--unshare-user', '--ro-bind', '/', '/', 'sleep', '1'], ['unshare', '-Ur', 'sleep', '1'],\n"
        "    ['unshare', '-rmpf', '--mount-proc', 'sleep', '1'], ['nsenter', '-t', '1', '-a', 'sleep', '1']]\n"
        "print(sum(subprocess.run(words, capture_output=True).returncode == 0 for words in tries if shutil.which(words[0])))"
    )
    outside = python_shared.outside
    before = outside.namespaces("user")
    with gauge(lambda: len(outside.namespaces("user") - before)) as more:
        assert await python_shared.out(code) == "0"
    assert more.peak == 0


async def test_49_limits_cannot_be_raised(python_shared: Target) -> None:
    """Neither a hard limit nor the priority; and when memory runs out, the server is not the first victim.

    Where the daemon lacks CAP_SYS_RESOURCE the score may be lowered to what it was before, no further.
    """
    outside = python_shared.outside
    assert await python_shared.out(RAISE) == "[]"
    own = int(Path("/proc/self/oom_score_adj").read_text())
    assert all(score >= own for score in scores(outside).values())
    assert all(int(stat_fields(pid)[16]) >= 0 for pid in outside.pids())


def gained(outside: Outside) -> int:
    """Count the processes that hold a capability or are another user than the sandbox's two.

    The init that bubblewrap keeps for itself has the user that made it, and nothing else.
    """
    count = 0
    for pid, ids in outside.fields("Uid").items():
        if not is_bwrap(outside, pid):
            count += not {int(word) for word in ids.split()} <= {KERNEL_UID, MUX_UID}
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        fields = outside.fields(name)
        count += sum(int(value, 16) != 0 for pid, value in fields.items() if not is_bwrap(outside, pid))
    return count


def is_bwrap(outside: Outside, pid: int) -> bool:
    """Say whether a process is the init that bubblewrap keeps for itself."""
    return pid == outside.init and Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"bwrap\0")


def scores(outside: Outside) -> dict[int, int]:
    """Return how likely each process is to be chosen when memory runs out."""
    found = {}
    for pid in outside.pids():
        found[pid] = int(Path(f"/proc/{pid}/oom_score_adj").read_text())
    return found
