"""The filter's numbers and jumps, run by an interpreter of the same small machine as the kernel's."""

from __future__ import annotations

import errno
import platform
import re
import struct
from pathlib import Path

import pytest

from gptoss_lab.sandbox.bubblewrap_seccomp import denied_calls, filter_program

ALLOW = 0x7FFF0000
KILL = 0x80000000
ARCHES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CALLS = {
    "x86_64": {"read": 0, "clone": 56, "socket": 41, "execve": 59, "clone3": 435, "futex": 202, "mmap": 9},
    "aarch64": {
        "read": 63,
        "clone": 220,
        "socket": 198,
        "execve": 221,
        "clone3": 435,
        "futex": 98,
        "mmap": 222,
    },
}
CLONE_NEWUSER = 0x10000000
CLONE_THREAD_FLAGS = 0x3D0F00


def decide(program: bytes, arch: int, number: int, first: int = 0) -> int:
    """Run a filter on one system call and return its verdict."""
    data = struct.pack("=iIQ6Q", number, arch, 0, first, 0, 0, 0, 0, 0)
    steps = list(struct.iter_unpack("=HBBI", program))
    accumulator = index = 0
    while True:
        code, skip_true, skip_false, value = steps[index]
        index += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif code == 0x06:
            return int(value)
        else:
            holds = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}
            index += skip_true if holds[code] else skip_false


@pytest.mark.parametrize("machine", ARCHES)
def test_refuses_what_is_listed_and_allows_the_rest(machine: str) -> None:
    """Every listed call answers EPERM, ordinary ones pass."""
    program, arch = filter_program(machine), ARCHES[machine]
    for number in denied_calls(machine).values():
        assert decide(program, arch, number) & 0xFFFF == errno.EPERM
    for name in ("read", "execve", "futex", "mmap"):
        assert decide(program, arch, CALLS[machine][name]) == ALLOW


@pytest.mark.parametrize("machine", ARCHES)
def test_lets_threads_start_but_no_namespace(machine: str) -> None:
    """Clone passes for threads and processes, not for namespaces; clone3 makes libc fall back to it."""
    program, arch = filter_program(machine), ARCHES[machine]
    clone = CALLS[machine]["clone"]
    assert decide(program, arch, clone, CLONE_THREAD_FLAGS) == ALLOW
    assert decide(program, arch, clone, 17) == ALLOW
    assert decide(program, arch, clone, 17 | CLONE_NEWUSER) & 0xFFFF == errno.EPERM
    assert decide(program, arch, CALLS[machine]["clone3"]) & 0xFFFF == errno.ENOSYS


@pytest.mark.parametrize("machine", ARCHES)
def test_knows_the_internet_and_unix_sockets_only(machine: str) -> None:
    """The virtual machine's own socket family, which no namespace bounds, is refused."""
    program, arch, call = filter_program(machine), ARCHES[machine], CALLS[machine]["socket"]
    assert [decide(program, arch, call, family) for family in (1, 2, 10, 16)] == [ALLOW] * 4
    for family in (0, 3, 17, 38, 40, 44):
        assert decide(program, arch, call, family) & 0xFFFF == errno.EAFNOSUPPORT


@pytest.mark.parametrize(("machine", "call"), [("x86_64", 135), ("aarch64", 92)])
def test_keeps_addresses_random_and_data_data(machine: str, call: int) -> None:
    """Plain personalities pass; those that make data executable or addresses known do not."""
    program, arch = filter_program(machine), ARCHES[machine]
    assert [decide(program, arch, call, persona) for persona in (0, 8, 0xFFFFFFFF)] == [ALLOW] * 3
    for persona in (0x0040000, 0x0400000, 0x0440000):
        assert decide(program, arch, call, persona) & 0xFFFF == errno.EPERM


@pytest.mark.parametrize("machine", ARCHES)
def test_refuses_what_was_invented_later(machine: str) -> None:
    """A call that is newer than the list answers as a Linux does that does not have it."""
    program, arch = filter_program(machine), ARCHES[machine]
    assert decide(program, arch, 450) == ALLOW
    for number in (451, 462, 500, 0x3FFFFFFF):
        assert decide(program, arch, number) & 0xFFFF == errno.ENOSYS


def test_ends_a_process_of_another_architecture() -> None:
    """The 32-bit entry has other numbers; the x32 one is refused by its bit."""
    program = filter_program("x86_64")
    assert decide(program, 0x40000003, 0) == KILL
    assert decide(program, ARCHES["x86_64"], 0x40000000 | 321) & 0xFFFF == errno.ENOSYS


def test_knows_nothing_of_other_machines() -> None:
    """Without numbers there is no filter, rather than a wrong one."""
    assert filter_program("riscv64") == b""


@pytest.mark.parametrize("machine", ARCHES)
def test_numbers_agree_with_the_headers(machine: str) -> None:
    """The numbers are those of the C headers, where they are installed."""
    name = {"x86_64": f"{platform.machine()}-linux-gnu/asm/unistd_64.h", "aarch64": "asm-generic/unistd.h"}
    header = Path("/usr/include") / name[machine]
    if not header.exists():
        pytest.skip(f"{header} is not installed")
    pattern = r"#define\s+__NR(?:3264)?_(\w+)\s+(\d+)"
    known = {match[1]: int(match[2]) for match in re.finditer(pattern, header.read_text())}
    assert {call: known[call] for call in denied_calls(machine)} == denied_calls(machine)
