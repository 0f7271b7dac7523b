"""The simulator of the example of card payments: the same everywhere, and what its page says."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "fraud"


@pytest.fixture(scope="module")
def simulate():
    spec = importlib.util.spec_from_file_location("fraud_simulate", FOLDER / "simulate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def week(simulate):
    return simulate.table(10)


def test_a_week_is_the_same_each_time(simulate, week):
    assert simulate.table(10).equals(week)
    assert not simulate.table(11).equals(week)


def test_it_holds_sixteen_features_of_which_a_fraudster_chooses_eight(simulate, week):
    assert (len(simulate.CHANGEABLE), len(simulate.FIXED)) == (8, 8)
    assert set(week.column_names) == {"id", "at", "bank", "fraud", *simulate.CHANGEABLE, *simulate.FIXED}
    assert sum(column.null_count for column in week.columns) == 0


def test_frauds_are_rare_and_of_three_kinds(simulate, week):
    frauds = week.column("fraud").to_numpy()
    assert 15_000 < len(frauds) < 30_000
    assert 0.003 < frauds.mean() < 0.03
    assert set(simulate.week(simulate.world(), 10).fraud) == {0, 1, 2, 3}


def test_payments_stand_in_the_order_of_their_time_within_one_week(week):
    at = week.column("at").to_numpy()
    assert (np.diff(at) >= np.timedelta64(0)).all()
    assert at[-1] - at[0] < np.timedelta64(8, "D")


def test_weeks_drift_a_little(simulate, week):
    later = simulate.table(40)
    ratio = np.mean(later.column("amount").to_numpy()) / np.mean(week.column("amount").to_numpy())
    assert 1.0 < ratio < 1.2
