"""The trace of a program, as strace 6.1 wrote it, and lines that a traced program would like to be read otherwise."""

from pathlib import Path

import pytest

from hauberk.detonation import Act
from hauberk.formats import trace

RECORDED = Path(__file__).parents[1] / "vectors" / "trace" / "os-system.txt"


def hexadecimal(text):
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def read(*lines):
    begin, end = (f'1 newfstatat(AT_FDCWD, "{hexadecimal(name)}", 0x1, 0) = -1 ENOENT (x)' for name in ("/b", "/e"))
    return trace.read("\n".join([begin, *lines, end]), begin="/b", end="/e")


def test_a_recorded_trace_shows_the_shell_and_what_it_did():
    seen = trace.read(RECORDED.read_text(), begin="/hauberk-begins", end="/hauberk-ends")
    known = ("/usr/", "/lib/", "/etc/ld.so.cache/", "/model/")
    acts = trace.outside(seen.acts, known)
    assert (seen.begun, seen.ended) == (True, True)
    assert Act("process", "/bin/sh sh -c echo hi > /tmp/x; cat /etc/passwd", allowed=True) in acts
    assert Act("write", "/tmp/x", allowed=True) in acts
    assert Act("read", "/etc/passwd", allowed=False) in acts


@pytest.mark.parametrize(
    ("line", "kind", "what"),
    [
        ('7 execve("\\x2f\\x61", ["\\x61", "\\x62"], 0x1) = 0', "process", "/a a b"),
        ("7 vfork() = 8", "process", "a child process"),
        ("7 clone(child_stack=NULL, flags=SIGCHLD) = 8", "process", "a child process"),
        ("7 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>", "process", "a child process"),
        ("7 socket(AF_INET6, SOCK_STREAM, 0) = 3", "network", "a socket of INET6"),
        ('7 openat(AT_FDCWD, "\\x2f\\x61", O_WRONLY|O_CREAT, 0666) = 3', "write", "/a"),
        ('7 openat(AT_FDCWD, "\\x2f\\x61", O_RDONLY) = 3', "read", "/a"),
        (
            '7 connect(3, {sa_family=AF_UNIX, sun_path="\\x2f\\x61"}, 16) = 0',
            "network",
            "connect /a",
        ),
        (
            '7 connect(3, {sa_family=AF_UNIX, sun_path=@"\\x61"}, 16) = 0',
            "network",
            "connect @a",
        ),
        ("7 socket(AF_NETLINK, SOCK_RAW, 0) = 3", "network", "a socket of NETLINK"),
        ('7 unlink("\\x2f\\x61") = 0', "write", "unlink /a"),
        (
            '7 connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
            "network",
            "connect 127.0.0.1 port 80",
        ),
    ],
)
def test_an_act_is_told(line, kind, what):
    assert read(line).acts == (Act(kind, what, allowed=True),)


@pytest.mark.parametrize(
    "line",
    [
        "7 clone(flags=CLONE_VM|CLONE_THREAD) = 8",
        "7 socket(AF_UNIX, SOCK_STREAM, 0) = 3",
        "7 +++ exited with 0 +++",
        "--- SIGCHLD {si_signo=SIGCHLD} ---",
        "not a line of a trace",
    ],
)
def test_what_is_no_act_is_left_out(line):
    assert read(line).acts == ()


def test_a_refused_call_says_so():
    assert read("7 vfork() = -1 EPERM (Operation not permitted)").acts == (
        Act("process", "a child process", allowed=False),
    )


def test_what_happens_before_the_mark_is_not_the_model():
    line = "7 vfork() = 8"
    seen = trace.read(f'{line}\n1 stat("{hexadecimal("/b")}") = -1', begin="/b", end="/e")
    assert (seen.acts, seen.begun, seen.ended) == ((), True, False)


def test_a_mark_of_the_end_that_the_model_makes_itself_hides_nothing():
    end = f'1 stat("{hexadecimal("/e")}") = -1 ENOENT (x)'
    assert read(end, "7 vfork() = 8").acts == (Act("process", "a child process", allowed=True),)


def test_many_reads_of_known_folders_hide_nothing():
    reads = [f'7 openat(AT_FDCWD, "{hexadecimal(f"/usr/{index}")}", O_RDONLY) = 3' for index in range(10_001)]
    begin = f'1 stat("{hexadecimal("/b")}") = -1 ENOENT (x)'
    seen = trace.read("\n".join([begin, *reads, "7 vfork() = 8"]), begin="/b", end="/e", known=("/usr/",))
    assert seen.acts == (Act("process", "a child process", allowed=True),)


@pytest.mark.parametrize("path", ["/usr/../etc/shadow", "/usr/lib/../../root/x", "//usr/x"])
def test_a_path_that_leads_out_of_a_known_folder_is_not_in_it(path):
    acts = (Act("read", path, allowed=False),)
    assert trace.outside(acts, ("/usr/",)) == acts


def test_a_call_of_the_kernel_is_an_act_by_itself():
    begin = f'1 stat("{hexadecimal("/b")}") = -1 ENOENT (x)'
    line = "7 bpf(BPF_MAP_CREATE, NULL, 0) = -1 EPERM (Operation not permitted)"
    seen = trace.read(f"{begin}\n{line}", begin="/b", end="/e", kernel=frozenset({"bpf"}))
    assert seen.acts == (Act("kernel", "bpf", allowed=False),)


def test_a_call_that_the_kernel_does_not_have_is_no_act():
    assert read("7 clone3({flags=SIGCHLD}, 88) = -1 ENOSYS (Function not implemented)").acts == ()


def test_a_name_that_looks_like_the_end_of_a_call_ends_nothing():
    line = f'7 openat(AT_FDCWD, "{hexadecimal("x) = 0")}", O_WRONLY) = 3'
    assert read(line).acts == (Act("write", "x) = 0", allowed=True),)


def test_reads_of_known_folders_are_left_out_and_nothing_else():
    acts = (
        Act("read", "/usr/lib/x", allowed=True),
        Act("read", "/usrx", allowed=True),
        Act("write", "/usr/x", allowed=True),
    )
    assert trace.outside(acts, ("/usr/",)) == acts[1:]


def refused(line, **more):
    return [(one.kind, one.what) for one in trace.refusals(line, folder="/home/me/p", **more)]


def opened(path, base="/home/me/p", how="O_RDONLY", error="ENOENT"):
    return f'7 openat(AT_FDCWD<{hexadecimal(base)}>, "{hexadecimal(path)}", {how}) = -1 {error} (x)'


@pytest.mark.parametrize(
    ("path", "base", "leads"),
    [
        ("x.csv", "/home/me/p", "/home/me/p/x.csv"),
        ("data/../x.csv", "/home/me/p", "/home/me/p/x.csv"),
        ("//usr/../home/me/x.csv", "/home/me/p", "/home/me/x.csv"),
        ("../../../x.csv", "/tmp/a", "/x.csv"),
        ("/proc/self/root/home/me/x.csv", "/tmp", "/home/me/x.csv"),
        ("/proc/7/task/8/root/proc/self/root/x.csv", "/tmp", "/x.csv"),
        ("/proc/self/cwd/x.csv", "/home/me/q", "/home/me/q/x.csv"),
        ('a") = 0 <unfinished ...>', "/home/me/p", '/home/me/p/a") = 0 <unfinished ...>'),
    ],
)
def test_a_refused_name_is_told_by_where_it_leads(path, base, leads):
    assert refused(opened(path, base)) == [("read", leads)]


def test_a_name_whose_folder_is_not_told_may_lie_in_each_folder_above():
    line = f'7 open("{hexadecimal("x.csv")}", O_RDONLY) = -1 ENOENT (x)'
    assert refused(line) == [("read", f"{above}/x.csv") for above in ("/home/me/p", "/home/me", "/home", "")]
    assert refused(opened("/proc/self/fd/5/x.csv"), matters=lambda one: one.what == "/home/x.csv") != []


def test_a_refused_name_that_is_no_utf_8_is_the_one_that_python_gives_to_the_system():
    line = opened("x").replace(hexadecimal("x"), "\\xff")
    assert refused(line) == [("read", "/home/me/p/\udcff")]


def test_what_matters_is_not_pushed_out_by_what_does_not():
    lines = [*(opened(f"/usr/{index}") for index in range(10_001)), opened("x.csv")]
    found = refused("\n".join(lines), matters=lambda one: not one.what.startswith("/usr/"))
    assert found == [("read", "/home/me/p/x.csv")]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (opened("x", how="O_WRONLY|O_CREAT", error="EROFS"), [("write", "/home/me/p/x")]),
        (f'7 unlink("{hexadecimal("/a")}") = -1 ENOENT (x)', [("change", "/a")]),
        (f'7 rename("{hexadecimal("/a")}", "{hexadecimal("b")}") = -1 EXDEV (x)', [("write", "/a"), ("write", "/home/me/p/b")]),
        (f'7 symlink("{hexadecimal("/a")}", "{hexadecimal("/b")}") = -1 EROFS (x)', [("write", "/b")]),
        (f'7 execve("{hexadecimal("/a")}", ["{hexadecimal("b")}"], 0x7f /* 3 vars */) = -1 ENOENT (x)', [("read", "/a")]),
        (f'7 connect(3<{hexadecimal("s")}>, {{sa_family=AF_UNIX, sun_path=@"{hexadecimal("a")}"}}, 4) = -1 ECONNREFUSED (x)', [("network", "connect @a")]),
        (f'7 connect(3, {{sa_family=AF_INET, sin_port=htons(1), sin_addr=inet_addr("{hexadecimal("127.0.0.1")}")}}, 16) = -1 ECONNREFUSED (x)', []),
        (opened("x", error="EMFILE"), []),
        (f'7 openat(AT_FDCWD, "{hexadecimal("x")}", O_RDONLY) = 3', []),
    ],
)  # fmt: skip
def test_what_a_failed_call_wanted(line, told):
    assert refused(line) == told


def connected(address, port, error):
    family = "AF_INET6" if ":" in address else "AF_INET"
    where = (
        f'sin6_port=htons({port}), inet_pton(AF_INET6, "{hexadecimal(address)}")'
        if ":" in address
        else f'sin_port=htons({port}), sin_addr=inet_addr("{hexadecimal(address)}")'
    )
    return f"7 connect(3, {{sa_family={family}, {where}}}, 16) = -1 {error} (told)"


def refused_beside(line):
    led = {"names": {"127.0.0.2": "db.example"}, "led": {("127.0.0.2", 5432)}}
    return [(one.kind, one.what) for one in trace.refusals(line, folder="/w", **led)]


@pytest.mark.parametrize("error", ["ECONNREFUSED", "EINPROGRESS"])
@pytest.mark.parametrize("address", ["127.0.0.2", "::ffff:127.0.0.2"])
def test_another_port_of_a_host_that_may_be_reached_is_refused_by_the_hosts_name(error, address):
    assert refused_beside(connected(address, 5433, error)) == [("network", "connect db.example port 5433")]


@pytest.mark.parametrize(
    "line",
    [
        connected("127.0.0.2", 5432, "EINPROGRESS"),
        connected("127.0.0.2", 5432, "ECONNREFUSED"),
        connected("127.0.0.1", 5433, "ECONNREFUSED"),
        connected("127.0.0.3", 1, "EINPROGRESS"),
        connected("127.0.0.2", 5433, "EISCONN"),
    ],
)
def test_what_leads_where_it_may_and_what_stays_inside_is_no_refusal(line):
    assert refused_beside(line) == []


def test_every_other_address_is_refused_as_before():
    assert refused_beside(connected("203.0.113.7", 5432, "ENETUNREACH")) == [
        ("network", "connect 203.0.113.7 port 5432")
    ]
    assert trace.refusals(connected("127.0.0.2", 5433, "ECONNREFUSED"), folder="/w") == ()
