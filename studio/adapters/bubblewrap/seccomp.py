"""The system calls that a sandbox of bubblewrap is refused, as a program for the kernel's filter.

What stays forbidden here is what Docker's own profile forbids a container without powers: new namespaces, mounts, the
kernel's keys, its log, its modules, and the families of sockets that no namespace holds.
"""

from __future__ import annotations

import platform
import struct
from dataclasses import dataclass

from studio.domain.errors import NoSandbox

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_EPERM, _ENOMEM, _ENOSYS, _EAFNOSUPPORT = 1, 12, 38, 97
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND, _SECOND_HIGH = 0, 4, 16, 24, 28
_X32 = 0x40000000

_NEW_NAMESPACES = 0x7E020000
"""Every flag of clone that makes a namespace; that of time is known to clone3 and unshare alone."""
_FAMILIES = (1, 2, 10, 16)
"""Sockets of the same machine, IPv4, IPv6 and netlink: each is held by the network namespace."""
_TERMINAL_INPUT = (0x5412, 0x541C)
"""Requests that put characters into a terminal as if they were typed."""
_SINCE_MOUNT_API = (428, 429, 430, 431, 432, 433, 442, 443)
"""open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr, quotactl_fd: the same everywhere."""
_IO_URING = (425, 426, 427)
_MEMFD_SECRET = 447
_SEGMENT_BYTES = 64 << 10
"""The largest piece of System V shared memory where nobody counts: a namespace holds 4,096 of them, 256 MiB in all."""


@dataclass(frozen=True, slots=True)
class _Machine:
    """The numbers of one kind of processor."""

    audit: int
    clone: int
    socket: int
    ioctl: int
    memfd_create: int
    shmget: int
    sched_setaffinity: int
    refused: tuple[int, ...]


# acct syslog add_key request_key keyctl mount umount2 pivot_root chroot swapon swapoff reboot sethostname setdomainname
# init_module finit_module delete_module kexec_load kexec_file_load settimeofday clock_settime clock_adjtime bpf
# perf_event_open userfaultfd unshare setns name_to_handle_at open_by_handle_at lookup_dcookie move_pages migrate_pages
# mbind get_mempolicy set_mempolicy personality quotactl vhangup nfsservctl, and old ones that only x86 has.
_X86_64 = _Machine(
    audit=0xC000003E,
    clone=56,
    socket=41,
    ioctl=16,
    memfd_create=319,
    shmget=29,
    sched_setaffinity=203,
    refused=(
        *(163, 103, 248, 249, 250, 165, 166, 155, 161, 167, 168, 169, 170, 171),
        *(175, 313, 176, 246, 320, 164, 227, 305, 321),
        *(298, 323, 272, 308, 303, 304, 212, 279, 256),
        *(237, 239, 238, 135, 179, 153, 180),
        *(174, 178, 177, 134, 136, 139, 156, 154, 172, 173),
    ),
)
_AARCH64 = _Machine(
    audit=0xC00000B7,
    clone=220,
    socket=198,
    ioctl=29,
    memfd_create=279,
    shmget=194,
    sched_setaffinity=122,
    refused=(
        *(89, 116, 217, 218, 219, 40, 39, 41, 51, 224, 225, 142, 161, 162),
        *(105, 273, 106, 104, 294, 170, 112, 266, 280),
        *(241, 282, 97, 268, 264, 265, 18, 239, 238),
        *(235, 236, 237, 92, 60, 58, 42),
    ),
)
_CLONE3 = 435
_MACHINES = {"x86_64": _X86_64, "amd64": _X86_64, "aarch64": _AARCH64, "arm64": _AARCH64}


def filter_program(machine: str = "", *, counted: bool = False) -> bytes:
    """The filter for this machine's processor, or the named one. Raises NoSandbox where none is known.

    Unless the memory and the processor time of the whole sandbox are `counted` by the kernel, no memory can be had that
    belongs to no process, and a process stays on the processors that it was given.
    """
    name = machine or platform.machine()
    numbers = _MACHINES.get(name.lower())
    if numbers is None:
        raise NoSandbox(
            f"Studio knows no filter of system calls for a processor of kind {name}, so it runs nothing here.",
            "Use a container engine: sudo apt install docker.io",
        )
    refused = [
        instruction
        for number in (*numbers.refused, *_SINCE_MOUNT_API, *(() if counted else (numbers.sched_setaffinity,)))
        for instruction in (_jump(_EQUAL, number, 0, 1), _refuse(_EPERM))
    ]
    # A program that is told that a call does not exist falls back to the older one, which can be looked into.
    absent = [
        instruction
        for number in (_CLONE3, *_IO_URING, *(() if counted else (numbers.memfd_create, _MEMFD_SECRET)))
        for instruction in (_jump(_EQUAL, number, 0, 1), _refuse(_ENOSYS))
    ]
    program = [
        _load(_ARCHITECTURE),
        _jump(_EQUAL, numbers.audit, 1, 0),
        _refuse(_ENOSYS),
        _load(_NUMBER),
        _jump(_AT_LEAST, _X32, 0, 1),
        _refuse(_ENOSYS),
        *refused,
        *absent,
        *(() if counted else _when(numbers.shmget, _at_most(_SEGMENT_BYTES))),
        *_when(numbers.clone, [_load(_FIRST), _jump(_ANY_BIT, _NEW_NAMESPACES, 0, 1), _refuse(_EPERM)]),
        *_when(numbers.socket, [_load(_FIRST), *_none_of(_FAMILIES, _EAFNOSUPPORT)]),
        *_when(numbers.ioctl, [_load(_SECOND), *_any_of(_TERMINAL_INPUT, _EPERM)]),
        _step(_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(program)


def _when(number: int, then: list[bytes]) -> list[bytes]:
    """`then` for one call, with its number loaded again behind it."""
    return [_jump(_EQUAL, number, 0, len(then) + 1), *then, _load(_NUMBER)]


def _at_most(most: int) -> list[bytes]:
    """Of the second argument, which has 64 bits."""
    high = [_load(_SECOND_HIGH), _jump(_EQUAL, 0, 1, 0), _refuse(_ENOMEM)]
    return [*high, _load(_SECOND), _jump(_AT_LEAST, most + 1, 0, 1), _refuse(_ENOMEM)]


def _none_of(values: tuple[int, ...], error: int) -> list[bytes]:
    found = [_jump(_EQUAL, value, len(values) - at, 0) for at, value in enumerate(values)]
    return [*found, _refuse(error)]


def _any_of(values: tuple[int, ...], error: int) -> list[bytes]:
    return [step for value in values for step in (_jump(_EQUAL, value, 0, 1), _refuse(error))]


def _load(offset: int) -> bytes:
    return _step(_LOAD, 0, 0, offset)


def _jump(kind: int, value: int, if_so: int, else_: int) -> bytes:
    return _step(kind, if_so, else_, value)


def _refuse(error: int) -> bytes:
    return _step(_RETURN, 0, 0, _ERRNO | error)


def _step(code: int, if_so: int, else_: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, if_so, else_, value)
