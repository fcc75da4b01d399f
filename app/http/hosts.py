"""Under which names Homeward answers: the one in BASE_URL, and those in TRUSTED_HOSTS."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from config import Config

ANY = "*"
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]"})


def known_hosts(config: Config) -> frozenset[str]:
    """The names, without ports. An installation whose own address is this machine answers to all names of it."""
    own = host_name(urlsplit(config.base_url).netloc)
    named = {host_name(name.strip()) for name in config.trusted_hosts.split(",") if name.strip()}
    loopback = THIS_MACHINE if is_loopback(own.strip("[]")) else frozenset()
    return frozenset({own}) | named | loopback


def is_ours(host: str, known: frozenset[str]) -> bool:
    """Whether a request was meant for us."""
    return ANY in known or host_name(host) in known


def host_name(host: str) -> str:
    """The name without the port, in small letters."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def is_loopback(address: str | None) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return address == "localhost"
