"""Where and when people were out: days at places that are not their usual ones, and nights."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from ibis.expr.types import Column, Table

from graph.preference.taxonomy import Hours
from loaders.transforms.place import Clock

_EARTH_KM = 6371.0088  # mean radius R1 of GRS 80
_HOUR_S, _DAY_S = 3_600, 86_400
_THURSDAY = 3  # the day of the week of 1 January 1970, counted from Monday


def elsewhere(presences: Table, usual: Table, centres: Table, apart_km: float) -> Table:
    """Return when people were farther away than that from where they live and work.

    Parameters
    ----------
    presences : Table
        What ``loaders.transforms.place.presences`` returns, whose columns are returned.
    usual : Table
        Where people live and work: subscriber_id, h3.
    centres : Table
        Where each place is: h3, lat_rad, lon_rad.
    """
    lived = usual.join(centres, "h3")
    theirs = lived.select("subscriber_id", home_lat=lived.lat_rad, home_lon=lived.lon_rad)
    visited = presences.select("subscriber_id", "h3").distinct().join(centres, "h3")
    pairs = visited.join(theirs, "subscriber_id")
    near = pairs.filter(_distance_km(pairs) <= apart_km)
    return presences.anti_join(near, ["subscriber_id", "h3"])


def _distance_km(pairs: Table) -> Column:
    """Return the great circle between place and home, by the haversine formula."""
    north = ((pairs.lat_rad - pairs.home_lat) / 2).sin()
    east = ((pairs.lon_rad - pairs.home_lon) / 2).sin()
    squared = north * north + pairs.lat_rad.cos() * pairs.home_lat.cos() * east * east
    return squared.sqrt().asin() * 2 * _EARTH_KM


def days_there(away: Table, mix: Table, clock: Clock) -> Table:
    """Return how many local days people spent where venues tell of an interest.

    Parameters
    ----------
    mix : Table
        Which area a place is in, and which share of its venues tells of which interest: h3, area,
        interest_id, share.

    Returns
    -------
    Table
        subscriber_id, interest_id, times (days), told (their shares, summed), first_at, last_at.
    """
    there = away.mutate(day=_day(clock(away["at"]))).join(mix, "h3")
    days = there.group_by("subscriber_id", "interest_id", "area", "share", "day").agg(
        first_at=there["at"].min(), last_at=there["at"].max()
    )
    return days.group_by("subscriber_id", "interest_id").agg(
        times=days.day.nunique(),
        told=days.share.sum(),
        first_at=days.first_at.min(),
        last_at=days.last_at.max(),
    )


def nights_out(away: Table, homes: Table, hours: Hours, clock: Clock) -> Table:
    """Return how many times people were seen out at some hours, of those whose home is known.

    Returns
    -------
    Table
        subscriber_id, times (days on which the hours began), first_at, last_at.
    """
    since_s = clock(away["at"]) - hours.begins * _HOUR_S
    weekday = (_day(since_s) + _THURSDAY) % 7 + 1
    is_then = (since_s % _DAY_S < hours.hours * _HOUR_S) & weekday.isin(hours.weekdays)
    out = away.mutate(day=_day(since_s)).filter(is_then).semi_join(homes, "subscriber_id")
    nights = out.group_by("subscriber_id", "day").agg(
        first_at=out["at"].min(), last_at=out["at"].max()
    )
    return nights.group_by("subscriber_id").agg(
        times=nights.count(),
        first_at=nights.first_at.min(),
        last_at=nights.last_at.max(),
    )


def _day(local_s: Column) -> Column:
    """Return the day of local time, counted from 1 January 1970."""
    return (local_s // _DAY_S).cast("int32")
