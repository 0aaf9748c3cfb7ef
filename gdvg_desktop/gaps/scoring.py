"""How urgent a gap is: 0 to 100, popularity times recency. Pure, and for whole arrays at once.

Both factors are kept with every row, so that a score can be explained: "98 x 0.98".
"""

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.floating]
    Ids = NDArray[numpy.uint32]
    Months = NDArray[numpy.int32]

FLOOR = 0.1  # what the oldest title keeps: a classic everybody asks for stays before a new title nobody knows
HALF_LIFE_YEARS = 20.0


def popularity_factor(popularity: "Floats", highest: float) -> "Floats":
    """0 to 100 on a logarithmic scale against the catalogue's most popular title. Unknown (nan) and negative count 0.

    TMDb's popularity is steep: half of all titles lie under a hundredth of the first.
    """
    import numpy  # late: a command that lists jobs needs none of it

    if not highest > 0:
        return numpy.zeros(len(popularity), numpy.float32)
    known = numpy.clip(numpy.nan_to_num(popularity, nan=0.0), 0.0, highest)
    factor: Floats = numpy.clip(100.0 * numpy.log1p(known) / numpy.log1p(highest), 0.0, 100.0)
    return factor


def recency_of_ids(ids: "Ids", last_id: int) -> "Floats":
    """FLOOR to 1.0 by the place of an id: TMDb hands ids out in the order of entry."""
    import numpy  # late, see popularity_factor

    place = numpy.clip(ids.astype(numpy.float64) / max(1, last_id), 0.0, 1.0)
    return FLOOR + (1.0 - FLOOR) * place


def recency_of_months(months: "Months", today: date) -> "Floats":
    """FLOOR to 1.0 by the age of release months written yyyymm; what is to come is as recent as today."""
    import numpy  # late, see popularity_factor

    age = (today.year - months // 100) + (today.month - months % 100) / 12.0
    return FLOOR + (1.0 - FLOOR) * numpy.exp2(-numpy.maximum(age, 0.0) / HALF_LIFE_YEARS)


def recency(ids: "Ids", months: "Months", last_id: int, today: date) -> "Floats":
    """By release month where it is known (not 0), else by the place of the id."""
    import numpy  # late, see popularity_factor

    found: Floats = numpy.where(months > 0, recency_of_months(months, today), recency_of_ids(ids, last_id))
    return found


def score(popularity: "Floats", recent: "Floats") -> "Floats":
    """0 to 100: the two factors multiplied."""
    return popularity * recent
