"""Who asks in `api_load`: a process of its own that starts at once, as it needs nothing of the program.

python benchmarks/api_asker.py PORT TOKEN REQUESTS_A_SECOND SECONDS
"""

import json
import sys
import threading
import time
from collections import Counter
from http.client import HTTPConnection

CONNECTIONS = 10
PATHS = (
    "/api/sync/status",
    "/api/import/jobs?limit=20",
    "/v1/sync/stats",
    "/api/sync/history?limit=20",
    "/api/gaps/analyze",
    "/api/coverage",
    "/api/gaps/registry?limit=20",
    "/v1/sync/1",
)


def ask(port: int, token: str, requests: int, seconds: float) -> None:
    """Ask so many times a second, evenly; prints the answers by status and how long they took, as JSON."""
    statuses: Counter[str] = Counter()
    took: list[float] = []
    began = time.perf_counter()
    turn = CONNECTIONS / requests

    def work(place: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        number = place
        due = began + place / requests
        while due < began + seconds:
            time.sleep(max(0.0, due - time.perf_counter()))
            sent = time.perf_counter()
            try:
                connection.request("GET", PATHS[number % len(PATHS)], headers={"Authorization": f"Bearer {token}"})
                answer = connection.getresponse()
                answer.read()
                statuses[str(answer.status)] += 1
            except OSError as error:
                statuses[type(error).__name__] += 1
                connection.close()
            took.append(1000 * (time.perf_counter() - sent))
            number += CONNECTIONS + 1
            due += turn
        connection.close()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lasted = time.perf_counter() - began
    took.sort()
    figures = {
        "rate": len(took) / lasted,
        "p50": took[len(took) // 2],
        "p99": took[int(0.99 * len(took))],
        "worst": max(took),
    }
    print(json.dumps({"statuses": statuses, **figures}))


if __name__ == "__main__":
    ask(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
