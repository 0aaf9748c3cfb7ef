"""Keeps tests on loopback: a socket to anywhere else fails where it is opened, and once more when the test ends.

The second failure is there because careful code under test may catch the first.
"""

import ipaddress
import socket
from typing import Any

import pytest

LOOPBACK_NAMES = {"", "localhost", "localhost.localdomain"}


class OutsideLoopback(RuntimeError):
    """A test reached for a host that is not this machine."""


class LoopbackOnly:
    """Replaces the connecting calls of `socket` while installed; `violations` lists the hosts asked for."""

    def __init__(self) -> None:
        self.violations: list[str] = []

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Put the guards in place until `patch` is undone."""
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, self._guarded(getattr(socket.socket, name)))
        resolve = socket.getaddrinfo

        def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
            name = host.decode() if isinstance(host, bytes) else host
            if name is not None and name.endswith(".invalid"):  # reserved (RFC 6761): never resolves anywhere
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            self._check(name)
            return resolve(host, *args, **kwargs)

        patch.setattr(socket, "getaddrinfo", getaddrinfo)

    def _guarded(self, real: Any) -> Any:
        def call(sock: socket.socket, *args: Any) -> Any:
            address = args[-1]  # sendto() takes flags before it
            if sock.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
                self._check(address[0])
            return real(sock, *args)

        return call

    def _check(self, host: str | None) -> None:
        if host is None or host.lower() in LOOPBACK_NAMES:
            return
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            pass
        else:
            if address.is_loopback or address.is_unspecified:
                return
        self.violations.append(host)
        raise OutsideLoopback(f"This test tried to reach {host}. Tests talk to loopback only.")
