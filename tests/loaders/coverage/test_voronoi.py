"""Regions of what is nearest, against asking every antenna how far it is."""

import math

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.coverage.sphere import Maps, degrees, vectors
from loaders.coverage.voronoi import regions

EARTH_RADIUS_M = 6_371_007.180918475
CENTRES = {
    "Tartu": (58.38, 26.72),
    "Fiji, across the antimeridian": (-16.8, 179.99),
    "the north pole": (90.0, 0.0),
    "beside the south pole": (-89.98, 45.0),
}
Points = npt.NDArray[np.float64]


def scattered(name: str, count: int, width_m: float, rng: np.random.Generator) -> Points:
    """Return points in a square around a centre."""
    return Maps.around(*CENTRES[name]).lifted(width_m * (rng.random((count, 2)) - 0.5))


def owners(antennas: Points, reach_m: float, points: Points) -> list[list[int]]:
    """Return whose regions each point lies in."""
    around = Maps.around(*degrees(antennas))
    outlines = regions(antennas, [reach_m] * len(antennas))
    inside = []
    for index, outline in enumerate(outlines):
        drawn = around.of(index).drawn(points)
        inside.append(shapely.contains_xy(shapely.Polygon(outline), drawn[:, 0], drawn[:, 1]))
    return [np.flatnonzero(column).tolist() for column in np.array(inside).T]


@pytest.mark.parametrize("name", CENTRES)
def test_every_point_lies_in_the_region_of_its_nearest_antenna(name: str) -> None:
    rng = np.random.default_rng(4)
    antennas, points = scattered(name, 60, 20_000, rng), scattered(name, 3_000, 24_000, rng)
    nearest = (points @ antennas.T).argmax(axis=1)
    assert owners(antennas, 35_000, points) == [[index] for index in nearest.tolist()]


@pytest.mark.parametrize("name", CENTRES)
def test_regions_end_at_the_reach(name: str) -> None:
    """Points within 1 % of the reach are left out: the circle is drawn in steps of 5 degrees."""
    rng = np.random.default_rng(5)
    antennas, points = scattered(name, 5, 20_000, rng), scattered(name, 2_000, 30_000, rng)
    near = points @ antennas.T
    away_m = EARTH_RADIUS_M * np.arccos(np.clip(near.max(axis=1), -1, 1))
    is_clear = np.abs(away_m - 4_000) > 40
    expected = [
        [int(index)] if away < 4_000 else []
        for index, away in zip(near.argmax(axis=1), away_m, strict=True)
    ]
    found = owners(antennas, 4_000, points)
    assert [f for f, clear in zip(found, is_clear, strict=True) if clear] == [
        e for e, clear in zip(expected, is_clear, strict=True) if clear
    ]


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(-6, 6), st.integers(-6, 6)), min_size=1, max_size=12, unique=True
    ),
    st.sampled_from(sorted(CENTRES)),
)
def test_antennas_on_a_grid_part_the_ground(grid: list[tuple[int, int]], name: str) -> None:
    """In lines, in squares and alone: a circle through four antennas decides nothing wrong."""
    antennas = Maps.around(*CENTRES[name]).lifted(1_000.0 * np.array(grid, np.float64))
    points = scattered(name, 300, 16_000, np.random.default_rng(6))
    near = np.sort(points @ antennas.T, axis=1)
    # Half a millimetre from a border nobody can say.
    is_clear = (near.shape[1] == 1) or (near[:, -1] - near[:, -2]) > 1e-13
    nearest = (points @ antennas.T).argmax(axis=1)
    found = owners(antennas, 35_000, points)
    for index in np.flatnonzero(np.broadcast_to(is_clear, len(points))).tolist():
        assert found[index] == [nearest[index]]


def test_two_antennas_at_the_two_ends_of_the_antimeridian_share_half_each() -> None:
    antennas = vectors([0.0, 0.0], [179.99, -179.99])
    areas = [shapely.Polygon(outline).area for outline in regions(antennas, [35_000.0] * 2)]
    assert areas[0] == pytest.approx(areas[1])
    # A disk less the segment beyond the border, 0.01 degrees (1,112 m) away.
    half = math.acos(1_111.95 / 35_000)
    segment_m2 = 35_000**2 * (half - math.sin(half) * math.cos(half))
    assert areas[0] == pytest.approx(math.pi * 35_000**2 - segment_m2, rel=2e-4)
