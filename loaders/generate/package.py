"""What people subscribe to and pay."""

import numpy as np

from loaders.generate.catalogue import ADD_ONS, CURRENCY, PLAN_PACKAGES
from loaders.generate.draws import stream
from loaders.generate.files import Columns, Folder, dates, instants, words
from loaders.generate.population import Population
from loaders.generate.rhythm import DAY_S, TALK, seconds_of_day
from loaders.generate.subscriber import PREPAID

_PACKAGES = (*PLAN_PACKAGES, *ADD_ONS)
_PACKAGE_IDS = tuple(package.package_id for package in _PACKAGES)
_PRICES_MINOR = np.array([package.price_minor for package in _PACKAGES])
_TOP_UPS_MINOR = np.array([500, 1_000, 1_500, 2_000])
_TOP_UP_CHANCE = 0.1  # a day
_ADD_ON_SHARE = 0.25
_BILLING_DAYS = 28
_CHANNELS = ("card", "direct_debit", "voucher", "shop", "app")
_KINDS = ("top_up", "charges")


def write_packages(folder: Folder, population: Population) -> None:
    """Write the packages, and who subscribes to which."""
    rng = stream(population.options.seed, "packages")
    people = population.people
    folder.write(
        "packages",
        {
            "package_id": list(_PACKAGE_IDS),
            "name": [package.name for package in _PACKAGES],
            "kind": [package.kind for package in _PACKAGES],
            "price_minor": [package.price_minor for package in _PACKAGES],
            "currency": [CURRENCY] * len(_PACKAGES),
            "allowance_bytes": [package.allowance_bytes or None for package in _PACKAGES],
        },
    )
    takers = np.flatnonzero(rng.random(len(people)) < _ADD_ON_SHARE)
    add_on = len(PLAN_PACKAGES) + rng.integers(0, len(ADD_ONS), len(takers))
    who = np.concatenate([np.arange(len(people)), takers])
    package = np.concatenate([people.plan, add_on])
    joined = population.options.start_s // DAY_S - people.joined_days_ago[who]
    later = (rng.random(len(who)) * people.joined_days_ago[who]).astype(np.int64)
    folder.write(
        "subscriptions",
        {
            "subscriber_id": people.msisdn[who],
            "package_id": words(_PACKAGE_IDS, package),
            "since": dates(joined + np.where(package < len(PLAN_PACKAGES), 0, later)),
            "monthly_charge_minor": _PRICES_MINOR[package],
            "currency": words([CURRENCY], np.zeros(len(who))),
        },
    )


def payments_of_day(population: Population, day: int, block: slice) -> Columns:
    """Return the top-ups of prepaid people, and the bills that others paid."""
    rng = stream(population.options.seed, "payments", day, block.start)
    people = population.people
    everyone = np.arange(block.start, block.stop)
    is_prepaid = people.plan[block] == PREPAID
    tops_up = is_prepaid & (rng.random(len(everyone)) < _TOP_UP_CHANCE)
    is_billed = ~is_prepaid & (people.msisdn[block] % _BILLING_DAYS == day % _BILLING_DAYS)
    who = everyone[tops_up | is_billed]
    second = seconds_of_day(TALK, people.shift_s[who], rng)
    at = population.at(day, second)
    kept = np.flatnonzero(population.is_there(who, at))
    who, at = who[kept], at[kept]
    is_top_up = people.plan[who] == PREPAID
    top_up_minor = _TOP_UPS_MINOR[rng.integers(0, len(_TOP_UPS_MINOR), len(who))]
    channel = np.where(is_top_up, rng.integers(2, 5, len(who)), rng.integers(0, 2, len(who)))
    return {
        "payment_id": (day + 1) * 10**10 + people.msisdn[who] % 10**10,
        "subscriber_id": people.msisdn[who],
        "amount_minor": np.where(is_top_up, top_up_minor, _PRICES_MINOR[people.plan[who]]),
        "currency": words([CURRENCY], np.zeros(len(who))),
        "paid_at": instants(at),
        "channel": words(_CHANNELS, channel),
        "kind": words(_KINDS, np.where(is_top_up, 0, 1)),
    }
