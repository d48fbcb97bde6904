"""How far is far, anywhere on earth."""

from math import acos, cos, pi, radians, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.places import metres_between

HALF_ROUND = pi * 6_371_008.8
latitudes, longitudes = st.floats(-90, 90), st.floats(-180, 180)


@pytest.mark.parametrize(
    ("one", "other", "metres", "by"),
    [
        ((28.6139, 77.2090), (28.6139, 77.2090), 0, 0.001),
        ((28.6139, 77.2090), (19.0760, 72.8777), 1_148_000, 5_000),  # Delhi, Mumbai
        ((52.5200, 13.4050), (52.5200, 13.4065), 101.5, 1),  # across a street in Berlin
        ((0.0, 179.9995), (0.0, -179.9995), 111.2, 0.5),  # across the antimeridian
        ((90.0, 0.0), (90.0, 135.0), 0, 0.001),  # a pole has every longitude
        ((89.9995, 0.0), (89.9995, 180.0), 111.2, 0.5),  # across the pole
        ((0.0, 0.0), (0.0, 180.0), HALF_ROUND, 0.001),
        ((90.0, 0.0), (-90.0, 0.0), HALF_ROUND, 0.001),
    ],
)
def test_known_ways(one: tuple[float, float], other: tuple[float, float], metres: float, by: float) -> None:
    assert metres_between(*one, *other) == pytest.approx(metres, abs=by)


@given(latitudes, longitudes, latitudes, longitudes)
def test_the_way_back_is_as_long_and_none_is_longer_than_half_round(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> None:
    there = metres_between(latitude, longitude, other_latitude, other_longitude)

    assert 0 <= there <= HALF_ROUND * 1.000001
    assert metres_between(other_latitude, other_longitude, latitude, longitude) == pytest.approx(there, abs=0.001)


@given(latitudes, longitudes, latitudes, longitudes)
def test_far_away_it_is_what_the_law_of_cosines_says(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> None:
    north, other = radians(latitude), radians(other_latitude)
    angle = sin(north) * sin(other) + cos(north) * cos(other) * cos(radians(other_longitude - longitude))
    expected = acos(max(-1, min(1, angle))) * 6_371_008.8

    assert metres_between(latitude, longitude, other_latitude, other_longitude) == pytest.approx(expected, abs=200)
