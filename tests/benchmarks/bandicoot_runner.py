"""Time bandicoot on a folder of people; runs in bandicoot's environment, not in ours."""

import csv
import importlib
import inspect
import json
import platform
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


def _signature(function: Callable[..., Any]) -> tuple[Any, ...]:
    return tuple(inspect.getfullargspec(function)[:4])


def _formatted(
    args: list[str],
    varargs: str | None = None,
    varkw: str | None = None,
    defaults: Sequence[Any] | None = None,
    formatvalue: Callable[[Any], str] = lambda value: f"={value!r}",
) -> str:
    first = len(args) - len(defaults or ())
    parts = list(args[:first])
    parts += [name + formatvalue(v) for name, v in zip(args[first:], defaults or (), strict=True)]
    parts += [f"*{varargs}"] if varargs else []
    parts += [f"**{varkw}"] if varkw else []
    return f"({', '.join(parts)})"


if not hasattr(inspect, "getargspec"):  # Python 3.11 and later
    for _name, _function in (("getargspec", _signature), ("formatargspec", _formatted)):
        setattr(inspect, _name, _function)

# It looks for the two as it is imported, and lives in the other environment.
bandicoot: Any = importlib.import_module("bandicoot")


def main(folder: str, antennas: str) -> None:
    """Print how long reading everybody's file took, and computing all indicators."""
    names = sorted(path.stem for path in Path(folder).glob("*.csv"))
    with Path(antennas).open() as file:  # once, and not for everybody as read_csv would
        places = {
            row["antenna_id"]: (float(row["latitude"]), float(row["longitude"]))
            for row in csv.DictReader(file)
        }
    read_s = computed_s = 0.0
    for name in names:
        began_s = time.perf_counter()
        user = bandicoot.read_csv(name, folder, describe=False, warnings=False)
        user.antennas = places
        read_at_s = time.perf_counter()
        bandicoot.utils.all(user)
        computed_s += time.perf_counter() - read_at_s
        read_s += read_at_s - began_s
    found = {"read_s": read_s, "computed_s": computed_s, "python": platform.python_version()}
    print(json.dumps(found))  # noqa: T201 (its answer)


main(*sys.argv[1:])
