"""Events by HTTPS, signed by the convention of Standard Webhooks, to no address inside of the operator's own
network unless the operator names it."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from perks_engine import __version__
from perks_engine.delivery.posting import UnreachableError, any_address, authorities, host_and_port, post
from perks_engine.delivery.signed_webhooks import standard_signature
from perks_engine.services.event_records import AddressRefusedError, NotTakenError, Parcel

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST_URL = 500
_SAYS_LATER = (408, 425, 429)
_GONE = 410
_IN_IPV6 = ipaddress.ip_network("64:ff9b::/96")
"""Addresses of IPv4 as a translator shows them (RFC 6052)."""
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(one)
    for one in ("192.0.0.0/24", "168.63.129.16/32", "64:ff9b:1::/48", "3fff::/20", "5f00::/16")
)
"""What older Pythons take for public (RFC 6890; IANA's special-purpose registries), and where clouds answer
their own machines: 192.0.0.192 of Oracle's, 168.63.129.16 of Microsoft's."""


@dataclass(frozen=True, slots=True)
class EventCourier:
    """`networks` are those that may be reached although they are private, and without TLS; certificates may
    be of the `authorities` in that PEM file, beside those that the machine trusts."""

    networks: tuple[Network, ...] = ()
    authorities: Path | None = None

    def check(self, url: str) -> None:
        """What can be seen from the address alone; where its name leads is looked at each time."""
        try:
            parts = urlsplit(url)
            host, _ = host_and_port(parts)
        except ValueError as error:
            raise AddressRefusedError(f"it is no address: {error}") from error
        if parts.scheme not in ("https", "http"):
            raise AddressRefusedError("it has to begin with https://")
        if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
            raise AddressRefusedError(f"it has to be up to {LONGEST_URL} signs of ASCII without a space")
        if parts.username is not None or parts.password is not None or parts.fragment:
            raise AddressRefusedError("it may hold no user, no password and no fragment")
        literal = _literal(host)
        if literal is not None:
            self._permit(literal, parts.scheme == "https")
        elif parts.scheme == "http" and not self.networks:
            raise AddressRefusedError("it has to begin with https://")

    def hand_over(self, parcel: Parcel) -> int:
        timestamp = str(int(parcel.sent_at.timestamp()))
        signatures = (
            standard_signature(one, parcel.event_id, timestamp, parcel.body) for one in parcel.secrets
        )
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"perks-engine/{__version__}",
            "webhook-id": parcel.event_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": " ".join(signatures),
        }
        is_tls = urlsplit(parcel.url).scheme == "https"

        def permitted(host: str, port: int) -> Sequence[str]:
            """All that the name stands for, if all of it may be reached."""
            found = any_address(host, port)
            for one in found:
                self._permit(ipaddress.ip_address(one.partition("%")[0]), is_tls)
            return found

        try:
            self.check(parcel.url)
            answer = post(parcel.url, parcel.body, headers, permitted, authorities(self.authorities))
        except AddressRefusedError as error:
            raise NotTakenError(f"nothing is sent there: {error}") from error
        except UnreachableError as error:
            raise NotTakenError(f"it cannot be reached: {error}") from error
        if 200 <= answer.status < 300:
            return answer.status
        is_later = answer.status in _SAYS_LATER or answer.status >= 500
        why = f"it answered {answer.status} {answer.reason}".strip()
        if 300 <= answer.status < 400:
            why += "; redirects are not followed"
        raise NotTakenError(
            why,
            answer.status,
            is_away=is_later,
            is_gone=answer.status == _GONE,
            retry_after_s=int(answer.retry_after) if is_later and answer.retry_after.isdecimal() else 0,
        )

    def _permit(self, address: Address, is_tls: bool) -> None:
        """Raises `AddressRefusedError`."""
        meant = _meant(address)
        if any(meant in network for network in self.networks if network.version == meant.version):
            return
        is_public = meant.is_global and not meant.is_multicast and not meant.is_reserved
        if not is_public or any(meant in network for network in _NOT_PUBLIC):
            raise AddressRefusedError(
                f"{address} is no public address; the operator can permit its network in "
                "PERKS_WEBHOOK_NETWORKS"
            )
        if not is_tls:
            raise AddressRefusedError("it has to begin with https://")


def _literal(host: str) -> Address | None:
    """The address that a host is, however it is written: for what looks names up `127.1` and `0x7f000001` are
    127.0.0.1, too. None for a name. Raises `AddressRefusedError` for what can be neither."""
    try:
        host.encode("idna")
    except UnicodeError as error:
        raise AddressRefusedError("it is no address: a part of its name is empty or too long") from error
    host = host.rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return ipaddress.ip_address("127.0.0.1")
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.ip_address(socket.inet_aton(host))
    except OSError:
        return None


def _meant(address: Address) -> Address:
    """The address of IPv4 that one of IPv6 may stand for."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _IN_IPV6:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
