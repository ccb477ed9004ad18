"""The raster: places are hexagons of H3, each of seven smaller ones."""

import re

import h3

from graph.errors import BadInput

FINEST_RESOLUTION = 9
COARSEST_RESOLUTION = 5
_BITS_A_DIGIT = 3
_DIGITS = 15  # that an H3 index has room for
_SPELLING = re.compile("[0-9A-Fa-f]{15}")  # H3 itself fails where a number is negative or endless


def check_place(place: str) -> None:
    """Refuse what is no place of the raster.

    Raises
    ------
    BadInput
        It is no H3 index of 15 hexadecimal digits, or one of another resolution.

    Examples
    --------
    >>> check_place("891f0590183ffff")
    >>> for odd in ("-1", "f" * 17, "8a1f05901837fff"):
    ...     try:
    ...         check_place(odd)
    ...     except BadInput as error:
    ...         print(error)
    h3 must be an H3 index of a resolution from 5 to 9
    h3 must be an H3 index of a resolution from 5 to 9
    h3 must be an H3 index of a resolution from 5 to 9
    """
    sizes = range(COARSEST_RESOLUTION, FINEST_RESOLUTION + 1)
    is_cell = _SPELLING.fullmatch(place) is not None and h3.is_valid_cell(place)
    if not is_cell or h3.get_resolution(place) not in sizes:
        raise BadInput("h3 must be an H3 index of a resolution from 5 to 9")


def finest_within(place: str) -> tuple[int, int]:
    """Return the least and the greatest number of places of the finest size within one.

    Digits of an index say which of seven children; those of coarser places come first.
    """
    least = int(h3.str_to_int(h3.cell_to_center_child(place, FINEST_RESOLUTION)))
    free = FINEST_RESOLUTION - h3.get_resolution(place)
    behind = _BITS_A_DIGIT * (_DIGITS - FINEST_RESOLUTION)
    return least, least | ((1 << _BITS_A_DIGIT * free) - 1) << behind
