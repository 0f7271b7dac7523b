"""A pool of workers: every task gets its answer in its place, whatever happens to who works on it."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

import hauberk
from hauberk.edge.pool import Lost, Pool, Task
from hauberk.errors import Misconfigured

SOURCE = str(Path(hauberk.__file__).parents[1])
ECHO = "lambda asked: heard + asked"
KILLED = "(lambda asked: os.kill(os.getpid(), 9) if asked.startswith(b'die') else heard + asked)"
SLOW = "(lambda asked: time.sleep(60) if asked.startswith(b'slow') else heard + asked)"
RUBBISH = "(lambda asked: sys.stdout.buffer.write(b'\\xff' * 100) if asked.startswith(b'bad') else heard + asked)"


def pool(answer=ECHO, *, jobs=2, timeout_seconds=20.0, **settings):
    code = f"import os, sys, time; from hauberk.edge.pool import serve; serve(lambda heard: {answer})"
    return Pool((sys.executable, "-c", code), {"PYTHONPATH": SOURCE}, b"hi ", jobs, timeout_seconds, **settings)


def tasks(*requests, weight=1):
    return [Task(request, weight) for request in requests]


def children():
    return Path(f"/proc/{os.getpid()}/task/{threading.get_native_id()}/children").read_text().split()


@pytest.mark.parametrize("jobs", [1, 2, 3])
@pytest.mark.parametrize("weight", [1, 1 << 30])
def test_answers_come_in_the_order_of_the_tasks(jobs, weight):
    asked = [b"%d" % number for number in range(40)]
    assert pool(jobs=jobs).answers(tasks(*asked, weight=weight)) == [b"hi " + one for one in asked]


def test_no_task_is_no_answer_and_no_process():
    assert pool().answers([]) == []


def test_a_worker_that_is_killed_loses_its_own_task_only():
    asked = [b"%d" % number for number in range(20)]
    asked[7] = b"die"
    said = pool(KILLED).answers(tasks(*asked))
    assert said[7] == Lost("the process that looked at it was killed by signal 9, twice")
    assert said[:7] + said[8:] == [b"hi " + one for one in asked if one != b"die"]


def test_a_task_is_tried_once_more_alone(tmp_path):
    once = f"(lambda asked: (open({str(tmp_path)!r} + '/' + asked.decode(), 'x'), os._exit(3)) if asked == b'a' and not os.path.exists({str(tmp_path)!r} + '/a') else heard + asked)"
    assert pool(once).answers(tasks(b"a", b"b")) == [b"hi a", b"hi b"]


def test_every_worker_may_die():
    said = pool(KILLED).answers(tasks(*[b"die"] * 5, b"a"))
    assert said[5] == b"hi a"
    assert all(isinstance(one, Lost) for one in said[:5])


def test_a_task_that_takes_too_long_is_lost_and_not_tried_again():
    begun = time.monotonic()
    said = pool(SLOW, timeout_seconds=1.0).answers(tasks(b"slow", b"a", b"b"))
    assert said[0] == Lost("not looked at to its end in 1 s")
    assert said[1:] == [b"hi a", b"hi b"]
    assert time.monotonic() - begun < 15


def test_a_worker_that_answers_what_is_no_frame_is_ended():
    said = pool(RUBBISH, limit=1 << 10).answers(tasks(b"bad", b"a"))
    assert isinstance(said[0], Lost)
    assert said[1] == b"hi a"


def test_a_program_that_cannot_be_started_is_a_wrong_configuration():
    with pytest.raises(Misconfigured):
        Pool(("/no/such/program",), {}, b"", 2, 1.0).answers(tasks(b"a"))


def test_a_program_that_ends_at_once_loses_every_task_and_ends():
    said = Pool((sys.executable, "-c", ""), {}, b"", 2, 5.0).answers(tasks(b"a", b"b"))
    assert [one.why for one in said] == ["the process that looked at it ended with 0, twice"] * 2


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the platform lists no children")
def test_no_process_is_left_behind_when_we_are_interrupted():
    before = children()
    alarm = threading.Timer(1.0, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))
    alarm.start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        pool(SLOW).answers(tasks(b"slow", b"slow"))
    assert time.monotonic() - begun < 10
    assert children() == before


def test_a_large_greeting_is_heard_before_the_first_task():
    code = "from hauberk.edge.pool import serve; serve(lambda heard: lambda asked: b'%d' % len(heard))"
    large = Pool((sys.executable, "-c", code), {"PYTHONPATH": SOURCE}, bytes(1 << 20), 2, 20.0)
    assert large.answers(tasks(b"a")) == [b"1048576"]
