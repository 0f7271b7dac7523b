"""Simulate card payments, week by week: `python simulate.py WEEK DIRECTORY` writes DIRECTORY/payments.parquet.

Made up, and the same on every machine: all randomness comes from one seed and the number of the week.

Eight hundred customers live on a square of 100 by 100, have one or two cards, and habits: how often they pay, how much,
at which hours, how often online. A thousand terminals stand around. A week holds about 20,000 payments. Habits drift a
little: prices rise by 0.2 % a week, and the share of payments online grows.

Three kinds of fraud, about 1 % of payments together:

    stolen card     for one to three days a thief pays with it: more often, more, far from home, at night
    bad terminal    for three to seven days a terminal copies cards, which are used elsewhere, with ordinary amounts
    account taken   a burst of very small payments online within an hour, then a few very large ones

Of the 16 features a fraudster chooses the first eight with each payment; the rest are history that he cannot change.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SEED, CUSTOMERS, TERMINALS, DAYS, SQUARE = 2026, 800, 1000, 7, 100.0
CATEGORIES, HISTORY_WEEKS, HOUR, DAY = 12, 2, 3600.0, 86_400.0
CHANGEABLE = (
    "amount", "hour", "weekday", "distance", "online", "category", "payments_last_hour", "seconds_since_last",
)  # fmt: skip
FIXED = (
    "payments_last_day", "payments_last_week", "mean_amount_last_week", "amount_to_mean", "card_age_days",
    "customer_age", "terminal_payments_last_day", "terminal_frauds_known",
)  # fmt: skip
BANKS = ("north", "east", "south", "west")


@dataclass(frozen=True)
class World:
    """Who and what there is, the same in every week."""

    home: np.ndarray
    rate: np.ndarray  # payments a day
    spend: np.ndarray  # logarithm of the usual amount
    age: np.ndarray
    online: np.ndarray
    card_of: np.ndarray  # customer of each card
    card_born: np.ndarray  # day, mostly before the first week
    bank: np.ndarray
    terminal: np.ndarray
    category: np.ndarray


@dataclass
class Payments:
    """Payments of one week, in any order: when (seconds from the first week on), by which card, where, how much."""

    at: np.ndarray
    card: np.ndarray
    terminal: np.ndarray
    amount: np.ndarray
    online: np.ndarray
    fraud: np.ndarray  # 0: none; 1, 2, 3: the kinds, in the order of the page


def world() -> World:
    """Return the world."""
    random = np.random.default_rng(SEED)
    card_of = np.repeat(np.arange(CUSTOMERS), random.integers(1, 3, CUSTOMERS))
    return World(
        home=random.uniform(0, SQUARE, (CUSTOMERS, 2)),
        rate=random.gamma(4.0, 0.9, CUSTOMERS),
        spend=random.normal(3.2, 0.5, CUSTOMERS),
        age=random.integers(18, 90, CUSTOMERS),
        online=random.beta(2, 5, CUSTOMERS),
        card_of=card_of,
        card_born=-random.integers(0, 1500, len(card_of)),
        bank=random.integers(0, len(BANKS), len(card_of)),
        terminal=random.uniform(0, SQUARE, (TERMINALS, 2)),
        category=random.integers(0, CATEGORIES, TERMINALS),
    )


def week(there: World, number: int) -> Payments:
    """Return the payments of a week, honest and not."""
    random = np.random.default_rng([SEED, number])
    parts = [_honest(there, number, random), _stolen(there, number, random)]
    parts += [_copied(there, number, random, parts[0]), _taken(there, number, random)]
    return Payments(*(np.concatenate([getattr(part, name) for part in parts]) for name in Payments.__annotations__))


def _honest(there: World, number: int, random: np.random.Generator) -> Payments:
    counts = random.poisson(there.rate * DAYS)
    customer = np.repeat(np.arange(CUSTOMERS), counts)
    cards = [np.flatnonzero(there.card_of == one) for one in range(CUSTOMERS)]
    card = np.array([random.choice(cards[one]) for one in customer])
    hour = np.clip(random.normal(14, 4, len(customer)), 0, 23.99)
    at = (number * DAYS + random.integers(0, DAYS, len(customer))) * DAY + hour * HOUR
    online = random.random(len(customer)) < there.online[customer] * (1 + 0.005 * number)
    return Payments(
        at, card, _near(there, there.home[customer], random),
        np.exp(random.normal(there.spend[customer] + 0.002 * number, 0.6)), online, np.zeros(len(customer), int),
    )  # fmt: skip


def _near(there: World, places: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return a terminal near each place: the nearest of eight that are drawn."""
    drawn = random.integers(0, TERMINALS, (len(places), 8))
    far = np.linalg.norm(there.terminal[drawn] - places[:, None, :], axis=2)
    return drawn[np.arange(len(places)), far.argmin(axis=1)]


def _stolen(there: World, number: int, random: np.random.Generator) -> Payments:
    cards = random.choice(len(there.card_of), 9, replace=False)
    counts = random.integers(4, 14, len(cards))
    card = np.repeat(cards, counts)
    begins = np.repeat(random.uniform(0, 5, len(cards)), counts)
    day = begins + random.uniform(0, 2, len(card))
    hour = random.choice([0, 1, 2, 3, 4, 22, 23], len(card)) + random.random(len(card))
    at = (number * DAYS + np.floor(day)) * DAY + hour * HOUR
    spend = there.spend[there.card_of[card]] + 1.2
    return Payments(
        at, card, random.integers(0, TERMINALS, len(card)), np.exp(random.normal(spend, 0.5)),
        random.random(len(card)) < 0.2, np.full(len(card), 1),
    )  # fmt: skip


def _copied(there: World, number: int, random: np.random.Generator, honest: Payments) -> Payments:
    bad = random.choice(TERMINALS, 3, replace=False)
    card = np.unique(honest.card[np.isin(honest.terminal, bad)])
    card = np.repeat(card, random.integers(0, 3, len(card)))
    at = number * DAYS * DAY + random.uniform(2, DAYS, len(card)) * DAY
    return Payments(
        at, card, random.integers(0, TERMINALS, len(card)),
        np.exp(random.normal(there.spend[there.card_of[card]] + 0.4, 0.6)),
        random.random(len(card)) < 0.5, np.full(len(card), 2),
    )  # fmt: skip


def _taken(there: World, number: int, random: np.random.Generator) -> Payments:
    cards = random.choice(len(there.card_of), 4, replace=False)
    small, large = random.integers(6, 12, len(cards)), random.integers(1, 4, len(cards))
    card = np.concatenate([np.repeat(cards, small), np.repeat(cards, large)])
    begin = number * DAYS * DAY + random.uniform(0, DAYS - 1, len(cards)) * DAY
    at = np.concatenate([np.repeat(begin, small), np.repeat(begin, large)])
    at = at + np.concatenate([random.uniform(0, HOUR, small.sum()), random.uniform(HOUR, 3 * HOUR, large.sum())])
    amount = np.concatenate([random.uniform(0.2, 1.5, small.sum()), random.uniform(300, 1500, large.sum())])
    terminal = random.integers(0, TERMINALS, len(card))
    return Payments(at, card, terminal, amount, np.ones(len(card), bool), np.full(len(card), 3))


def table(number: int) -> pa.Table:
    """Return the payments of a week in the order of their time, with their features."""
    there = world()
    weeks = [week(there, one) for one in range(number - HISTORY_WEEKS, number + 1)]
    all_of = Payments(*(np.concatenate([getattr(one, name) for one in weeks]) for name in Payments.__annotations__))
    order = np.argsort(all_of.at, kind="stable")
    paid = Payments(*(getattr(all_of, name)[order] for name in Payments.__annotations__))
    columns = _features(there, paid)
    now = paid.at >= number * DAYS * DAY
    serial = np.flatnonzero(now) - np.flatnonzero(now)[0]
    start = np.datetime64("2026-01-05T00:00:00", "us")  # a Monday
    at = start + (paid.at[now] * 1e6).astype("timedelta64[us]")
    head = {
        "id": pa.array([f"{number:03d}-{one:06d}" for one in serial]),
        "at": pa.array(at, pa.timestamp("us", "UTC")),
        "bank": pa.array([BANKS[one] for one in there.bank[paid.card[now]]]),
    }
    body = {name: pa.array(columns[name][now].astype("float64")) for name in (*CHANGEABLE, *FIXED)}
    return pa.table(head | body | {"fraud": pa.array((paid.fraud[now] > 0).astype("int64"))})


def _features(there: World, paid: Payments) -> dict[str, np.ndarray]:
    customer = there.card_of[paid.card]
    apart = np.linalg.norm(there.terminal[paid.terminal] - there.home[customer], axis=1)
    by_card = _history(paid.card, paid.at, paid.amount)
    by_terminal = _history(paid.terminal, paid.at, paid.amount)
    mean = np.where(by_card["mean_week"] > 0, by_card["mean_week"], paid.amount)
    return {
        "amount": paid.amount.round(2),
        "hour": (paid.at % DAY / HOUR).round(3),
        "weekday": paid.at // DAY % 7,
        "distance": np.where(paid.online, 0, apart).round(3),
        "online": paid.online,
        "category": there.category[paid.terminal],
        "payments_last_hour": by_card["hour"],
        "seconds_since_last": by_card["since"].round(0),
        "payments_last_day": by_card["day"],
        "payments_last_week": by_card["week"],
        "mean_amount_last_week": mean.round(2),
        "amount_to_mean": (paid.amount / mean).round(4),
        "card_age_days": (paid.at / DAY - there.card_born[paid.card]).round(0),
        "customer_age": there.age[customer],
        "terminal_payments_last_day": by_terminal["day"],
        "terminal_frauds_known": _known(paid),
    }


def _history(who: np.ndarray, at: np.ndarray, amount: np.ndarray) -> dict[str, np.ndarray]:
    """Return for each payment what the same card or terminal did before it; `at` is sorted."""
    found = {name: np.zeros(len(at)) for name in ("hour", "day", "week", "mean_week", "since")}
    for one in np.unique(who):
        rows = np.flatnonzero(who == one)
        times, total = at[rows], np.concatenate([[0], np.cumsum(amount[rows])])
        here = np.arange(len(rows))
        for name, seconds in (("hour", HOUR), ("day", DAY), ("week", DAYS * DAY)):
            first = np.searchsorted(times, times - seconds)
            found[name][rows] = here - first
        found["mean_week"][rows] = (total[here] - total[first]) / np.maximum(here - first, 1)
        found["since"][rows] = np.diff(times, prepend=times[0] - DAYS * DAY)
    return found


def _known(paid: Payments) -> np.ndarray:
    """Return how many frauds at the terminal in the last two weeks were reported, which takes three days."""
    known = np.zeros(len(paid.at))
    for one in np.unique(paid.terminal[paid.fraud > 0]):
        rows = np.flatnonzero(paid.terminal == one)
        reported = np.sort(paid.at[rows][paid.fraud[rows] > 0] + 3 * DAY)
        known[rows] = np.searchsorted(reported, paid.at[rows]) - np.searchsorted(reported, paid.at[rows] - 14 * DAY)
    return known


def main() -> None:
    number, folder = int(sys.argv[1]), Path(sys.argv[2])
    if number < HISTORY_WEEKS:
        sys.exit(f"weeks begin with {HISTORY_WEEKS}: the ones before are history")
    payments = table(number)
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(payments, folder / "payments.parquet")
    frauds = sum(payments.column("fraud").to_pylist())
    print(f"week {number}: {len(payments)} payments, {frauds} of them frauds")


if __name__ == "__main__":
    main()
