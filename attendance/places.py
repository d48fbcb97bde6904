"""How far two places on earth are from each other. Pure."""

from math import asin, cos, radians, sin, sqrt

#: The mean radius (IUGG), in metres. The earth's flattening makes at most half a percent.
_EARTH_M = 6_371_008.8


def metres_between(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Return the metres between two places given in degrees, along the surface: the haversine formula.

    It is exact for short ways, at the poles and across the antimeridian, where the difference of longitudes is not.
    """
    north, other_north = radians(latitude), radians(other_latitude)
    to_north, to_east = other_north - north, radians(other_longitude - longitude)
    half = sin(to_north / 2) ** 2 + cos(north) * cos(other_north) * sin(to_east / 2) ** 2
    return 2 * _EARTH_M * asin(sqrt(min(1.0, half)))  # rounding may come out a hair above 1, on the other side
