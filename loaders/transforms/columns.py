"""What the transforms of several domains need."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

import ibis
from ibis.expr.types import Column, Table, Value


def beside(left: Table, right: Table) -> Table:
    """Return every subscriber of the left table, with what the right one knows of it."""
    return left.left_join(right, "subscriber_id").drop("subscriber_id_right")


def named_keys(key: str, *tables: Table) -> Table:
    """Return every key that any of the tables names, with its namespace; null names nothing."""
    keys = [table.select(key, "namespace") for table in tables]
    every = ibis.union(*keys, distinct=True) if len(keys) > 1 else keys[0].distinct()
    return every.filter(every[key].notnull())


def described(named: Table, records: Table, key: str, *facts: str) -> Table:
    """Return a row per key with what the records say of it; of several values, the greatest.

    What nobody has described yet is there too, by its key alone.
    """
    wanted = records.semi_join(named, key)
    told = wanted.group_by(key).agg(**{name: wanted[name].max() for name in facts})
    return named.left_join(told, key).drop(f"{key}_right")


def of_loads(records: Table, load_ids: frozenset[str]) -> Table:
    """Return the records that were first stored by one of the loads."""
    return records.filter(records.load_id.isin(sorted(load_ids)))


def latest(value: Column, as_of: Column) -> Value:
    """Return the value of the latest date; an undated one counts as the oldest."""
    dated = as_of.cast("string").fill_null("0000")  # sorts before every year
    # A blank sorts before the point that a fraction of a second begins with.
    return value.argmax(dated + ibis.literal(" ") + value.cast("string"), where=value.notnull())


def total(value: Column, where: Column | None = None) -> Value:
    """Return a sum, 0 where there is nothing to sum."""
    return value.sum(where=where).fill_null(0)


def day(at: Column) -> Value:
    """Return the day of an instant, in UTC."""
    return at.date()
