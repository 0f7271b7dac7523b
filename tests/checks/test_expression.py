"""What a finding shows is short and printable, whatever the stream holds."""

import pytest

from hauberk.checks.model.expression import LONGEST, expression
from hauberk.symbol import Blob, Effect, Global, Items, Made, Nothing, Number, Registered, Text, Unknown, Use

SYSTEM = Global("os", "system")


def call(*arguments, target=SYSTEM, use=Use.CALL):
    return expression(Effect(use, target, arguments, 0))


def test_a_call_is_written_as_python_would():
    assert call(Text("echo hi"), Number(3), Nothing(), Blob(12, 0)) == "os.system('echo hi', 3, None, <12 bytes>)"


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (Use.IMPORT, "imports os.system"),
        (Use.NEW, "os.system.__new__('x')"),
        (Use.BUILD, "os.system.__setstate__('x')"),
        (Use.EXTEND, "os.system.extend('x')"),
        (Use.PERSISTENT, "persistent_load('x')"),
    ],
)
def test_each_use_has_its_own_form(use, text):
    assert call(*([] if use is Use.IMPORT else [Text("x")]), use=use) == text


def test_containers_and_results_are_shown_inside():
    inner = Made(Global("a", "f"), (Number(1),), Use.CALL, 0)
    assert call(Items("list", [inner, Text("b")])) == "os.system([a.f(1), 'b'])"


def test_what_is_deep_is_left_out():
    deep = Items("tuple", [Items("tuple", [Items("tuple", [Items("tuple", [Text("x")])])])])
    assert call(deep) == "os.system((((…))))"


def test_a_container_that_holds_itself_is_shown():
    loop = Items("list", [])
    loop.items.append(loop)
    assert call(loop) == "os.system([[[…]]])"


def test_a_long_argument_is_cut():
    assert len(call(Text("x" * 10_000), Text("y" * 10_000), Text("z" * 10_000))) == LONGEST


def test_many_arguments_are_cut():
    assert call(*[Number(1)] * 100) == "os.system(1, 1, 1, 1, 1, 1, …)"


def test_letters_that_change_the_direction_of_text_are_escaped():
    shown = call(Text("a\u202eb"), target=Global("o\u202es", "x\ny"))
    assert shown.isprintable()
    assert "\u202e" not in shown


def test_a_very_long_number_is_described():
    assert call(Number(1 << 100_000)) == "os.system(<a number of 100001 bits>)"
    assert call(Number(None)) == "os.system(<a long number>)"


def test_what_cannot_be_told_says_why():
    assert call(Unknown("a buffer"), target=Registered(7)) == "<extension 7>(<a buffer>)"
