"""How long to wait before a failed request is tried again; the same for the API and the export files."""

import random

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0


def back_off(failures: int) -> float:
    """Seconds before the next try: 1 s doubling to 30 s, each shortened by up to a quarter so that callers spread."""
    longest = min(FIRST_WAIT_S * 2.0 ** min(failures - 1, 10), LONGEST_WAIT_S)
    return max(FIRST_WAIT_S, longest * random.uniform(0.75, 1.0))
