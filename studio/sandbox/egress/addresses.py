"""Which addresses a sandbox may reach."""

from __future__ import annotations

import ipaddress

from studio.contracts.outside import Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
_OF_A_SITE = ipaddress.ip_network("fc00::/7")
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")
_LEADS_ELSEWHERE = tuple(map(ipaddress.ip_network, ("192.88.99.0/24", "2002::/16", "2001::/32", "3fff::/20")))
"""Ranges whose addresses hold another address, to which a gateway may lead, or are for examples only."""

THIS_MACHINE = "it is this machine"
PRIVATE = "its address is in a private network"
_LOCAL = "its address is one that only equipment of this network answers"
_NO_HOST = "its address is none of a single public host"


def trouble_with(address: Address, *, is_own: bool) -> str:
    """Why a sandbox may not reach an address, as the end of a sentence; empty when it may.

    `is_own` is said of hosts that this machine's own configuration names: those may be in a private network, which the
    person has chosen. Addresses of this machine that the outside knows are the caller's to find out.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if (inner := _inside(address)) is not None:
            return trouble_with(inner, is_own=is_own)
        if not address.is_loopback and address not in _UNICAST and address not in _OF_A_SITE:
            return _LOCAL if address.is_link_local else _NO_HOST
    elif address in _THIS_NETWORK:
        return THIS_MACHINE
    if address.is_loopback:
        return THIS_MACHINE
    if address.is_link_local:
        return _LOCAL
    if address.is_multicast or address.is_reserved or any(address in each for each in _LEADS_ELSEWHERE):
        return _NO_HOST
    return PRIVATE if not address.is_global and not is_own else ""


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The address of the older kind that this one stands for."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
