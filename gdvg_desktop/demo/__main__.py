"""`python -m gdvg_desktop.demo`: the demo server as a process of its own. The first line on stdout is the API's
address."""

from __future__ import annotations

import argparse
from dataclasses import fields

import msgspec

from gdvg_desktop.demo.faults import Faults
from gdvg_desktop.demo.server import DemoOptions, serve


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("gdvg_desktop.demo", description="A TMDb-compatible demo server.")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--movies", type=int, default=DemoOptions().movies)
    parser.add_argument("--series", type=int, default=DemoOptions().series)
    parser.add_argument("--seed", type=int, default=DemoOptions().seed)
    parser.add_argument("--deleted", type=int, default=0, help="titles listed whose details are gone")
    parser.add_argument("--rate-limit", type=int, default=None, help="requests a second, 0 for no limit (default 40)")
    parser.add_argument("--latency-ms", type=float, default=None)
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a switch, repeatable: " + ", ".join(entry.name for entry in fields(Faults)),
    )
    return parser


def _faults(arguments: argparse.Namespace) -> Faults:
    """Raises ValueError for an unknown switch or a value of the wrong kind."""
    switches: dict[str, object] = {}
    for pair in arguments.fault:
        name, _, value = pair.partition("=")
        try:
            switches[name] = msgspec.json.decode(value)
        except msgspec.DecodeError:
            switches[name] = value.split(",")
    for name in ("rate_limit", "latency_ms"):
        if getattr(arguments, name) is not None:
            switches[name] = getattr(arguments, name)
    faults = Faults()
    faults.update(switches)
    return faults


def main() -> None:
    parser = _arguments()
    arguments = parser.parse_args()
    try:
        faults = _faults(arguments)
    except ValueError as problem:
        parser.error(str(problem))
    options = DemoOptions(
        movies=arguments.movies, series=arguments.series, seed=arguments.seed, deleted=arguments.deleted, faults=faults
    )
    serve(arguments.port, options)


if __name__ == "__main__":
    main()
