"""The system calls that a program in the sandbox may not make, as a filter that the kernel runs.

Namespaces hide the host's files, processes and network; the filter takes away what could be used to get at the kernel
or out of the namespaces. A denied call answers EPERM, so that what was tried is seen in the trace and the program goes
on to show what else it would do. Two calls are looked at more closely: `socket` makes local and internet sockets only
(a VM's own door to its host, AF_VSOCK, knows no namespaces), and `clone` makes no namespaces, and no child that escapes
whoever watches its parent. `clone3`, whose flags lie in memory where no filter can read them, and calls that are newer
than these tables answer ENOSYS, as an older kernel would.
Source: `linux/seccomp.h`, `linux/bpf_common.h`, `linux/sched.h`; the kernel's system call tables.
"""

from __future__ import annotations

import platform
import struct
from typing import Final

from hauberk.errors import Unavailable

# name: (x86_64, aarch64); None where an architecture has no such call
DENIED: Final[dict[str, tuple[int | None, int | None]]] = {
    "ptrace": (101, 117),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "io_uring_setup": (425, 425),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "personality": (135, 92),
    "iopl": (172, None),
    "ioperm": (173, None),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "fspick": (433, 433),
    "quotactl_fd": (443, 443),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "fanotify_init": (300, 262),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "lookup_dcookie": (212, 18),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "vhangup": (153, 58),
    "nfsservctl": (180, 42),
    "memfd_secret": (447, 447),
}
# Memory that no limit of files or folders counts.
UNCOUNTED: Final[dict[str, tuple[int | None, int | None]]] = {"memfd_create": (319, 279), "shmget": (29, 194)}
_ARCHITECTURES: Final = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_SOCKET: Final = {"x86_64": 41, "aarch64": 198}
_CLONE: Final = {"x86_64": 56, "aarch64": 220}
_CLONE3: Final = 435
_NEWEST: Final = 462  # mseal, Linux 6.10
_FAMILIES: Final = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6
_NAMESPACES: Final = 0x7E020000  # CLONE_NEW: NS, CGROUP, UTS, IPC, USER, PID, NET
_UNTRACED: Final = 0x00800000  # CLONE_UNTRACED
_LOAD_WORD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO_EPERM, _ERRNO_ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
_X32: Final = 0x40000000
_ARCHITECTURE_AT, _NUMBER_AT, _FIRST_ARGUMENT_AT = 4, 0, 16  # the low half, on a little-endian machine


def program(machine: str = "", *, counted: bool = True) -> bytes:
    """Return the filter for a machine (this one if none is named) as the kernel's `sock_filter` array, native order.

    Args:
        machine: as `platform.machine` names it.
        counted: whether memory that no limit counts is refused as well.

    Raises:
        Unavailable: no numbers of this machine's system calls are known here.
    """
    machine = machine or platform.machine()
    if machine not in _ARCHITECTURES:
        raise Unavailable(f"no system call filter for {machine}", "detonate on x86_64 or aarch64")
    token, column = _ARCHITECTURES[machine]
    rows = (*DENIED.values(), *(UNCOUNTED.values() if counted else ()))
    numbers = sorted(found for row in rows if (found := row[column]) is not None)
    steps = [
        (_LOAD_WORD, 0, 0, _ARCHITECTURE_AT),
        (_JUMP_EQUAL, 1, 0, token),
        (_RETURN, 0, 0, _KILL),
        (_LOAD_WORD, 0, 0, _NUMBER_AT),
        (_JUMP_AT_LEAST, 0, 1, _X32),  # the x32 calls of x86_64 would get past a list of numbers
        (_RETURN, 0, 0, _KILL),
        (_JUMP_AT_LEAST, 1, 0, _NEWEST + 1),
        (_JUMP_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _ERRNO_ENOSYS),
        (_JUMP_EQUAL, 0, 4, _CLONE[machine]),
        (_LOAD_WORD, 0, 0, _FIRST_ARGUMENT_AT),
        (_JUMP_ANY_BIT, 0, 1, _NAMESPACES | _UNTRACED),
        (_RETURN, 0, 0, _ERRNO_EPERM),
        (_RETURN, 0, 0, _ALLOW),
        (_JUMP_EQUAL, 0, len(_FAMILIES) + 3, _SOCKET[machine]),
        (_LOAD_WORD, 0, 0, _FIRST_ARGUMENT_AT),
    ]
    steps += [(_JUMP_EQUAL, len(_FAMILIES) - index, 0, family) for index, family in enumerate(_FAMILIES)]
    steps += [(_RETURN, 0, 0, _ERRNO_EPERM), (_RETURN, 0, 0, _ALLOW)]
    for index, number in enumerate(numbers):
        steps.append((_JUMP_EQUAL, len(numbers) - index, 0, number))
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERRNO_EPERM)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
