"""Loops that NumPy cannot do, compiled to machine code."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(function: _Function) -> _Function:
    """Compile a function of numbers and arrays when it is first called, and keep it on disk.

    It lets other threads run meanwhile, so that several can share the work.
    """
    return cast(_Function, njit(cache=True, nogil=True)(function))
