"""Areas as CAMARA writes them."""

from typing import Literal

from pydantic import Field

from api.camara.operation import Body
from graph.location.circle import Circle


class Point(Body):
    """A point on WGS 84, in degrees."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class CircleArea(Body):
    """A circle; its radius is in metres."""

    area_type: Literal["CIRCLE"]
    center: Point
    radius: float = Field(ge=1)

    @property
    def circle(self) -> Circle:
        """The circle."""
        return Circle(self.center.latitude, self.center.longitude, self.radius)
