"""`python -m benchmarks`: every benchmark one after the other, each a process of its own, and what came of them.

    python -m benchmarks [--quick] [--only NAME ...]

What is measured, and against which floor, is said by each script; here are only the order and the sizes. Ends with 1
when something is worse than accepted (or a benchmark broke), else with 0, goals reached or not.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = "FOLDER"  # stands for a folder that is empty before and gone after


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A script with its arguments, and with those of a quick run. `accept` is said where the script does not."""

    name: str
    arguments: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    accept: str = ""


BENCHMARKS = (
    Benchmark("whole_import", quick=("--runs", "1")),
    Benchmark("rate", quick=("--seconds", "6")),
    Benchmark("bulk_write", quick=("--batches", "15", "--runs", "3"), accept="1.5"),
    Benchmark("startup", quick=("--runs", "3")),
    Benchmark("heartbeat", quick=("--rounds", "1", "--seconds", "3")),
    Benchmark("api_load", quick=("--seconds", "4")),
    Benchmark(
        "gap_analysis",
        quick=("--export", "120000", "--held", "70000", "--runs", "3", "--accept", "3"),
        accept="1.5 and 64 MB",
    ),
    Benchmark("million", (FOLDER, "--titles", "200000"), (FOLDER, "--titles", "5000"), accept="100%"),
)


def run(benchmark: Benchmark, *, quick: bool) -> tuple[int, list[str]]:
    """Run one, showing what it prints as it comes; its exit code and the lines that say how it went."""
    print(f"\n{benchmark.name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        arguments = [folder if one is FOLDER else one for one in (benchmark.quick if quick else benchmark.arguments)]
        command = [sys.executable, str(HERE / f"{benchmark.name}.py"), *arguments]
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            assert process.stdout is not None
            lines = []
            for line in process.stdout:
                print(f"  {line}", end="", flush=True)
                lines.append(line.strip())
    said = [line for line in lines if "goal" in line] or [line for line in lines if line][-1:]
    if benchmark.accept:
        said = [f"{line} (accept {benchmark.accept})" for line in said]
    return process.returncode, said


def main() -> int:
    """Run them and print one line for each ratio."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [benchmark.name for benchmark in BENCHMARKS]
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that everything runs")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    chosen = parser.parse_args()
    results = [(one, *run(one, quick=chosen.quick)) for one in BENCHMARKS if one.name in chosen.only]
    print("\nTogether")
    for benchmark, code, said in results:
        verdict = "accepted" if code == 0 else "MISSED" if said else "BROKEN"
        for line in said or ["no result"]:
            print(f"{verdict:9} {benchmark.name}: {line}")
    return 1 if any(code for _, code, _ in results) else 0


if __name__ == "__main__":
    sys.exit(main())
