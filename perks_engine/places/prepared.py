"""Questions to prepared geometries, one at a time.

A prepared geometry builds its index when it is first asked (GEOS 3.14: at the second question), without a
lock and with Python's own lock released. Threads that ask it at the same moment build it on top of each
other, and corrupt the memory of the whole process. A question takes about a microsecond, so they queue.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Shapes = NDArray[Any]
_lock = Lock()


def has_point(shape: BaseGeometry, lon: float, lat: float) -> bool:
    """Whether the point lies in the shape or on its edge."""
    with _lock:
        return bool(shapely.intersects_xy(shape, lon, lat))


def have_point(shapes: Shapes, lon: float, lat: float) -> NDArray[np.bool_]:
    """For each of the shapes whether the point lies in it or on its edge."""
    with _lock:
        return np.asarray(shapely.intersects_xy(shapes, lon, lat))


def any_contains(shapes: Shapes, inner: BaseGeometry) -> bool:
    """Whether one of the shapes contains all of `inner`."""
    with _lock:
        return bool(shapely.contains(shapes, inner).any())
