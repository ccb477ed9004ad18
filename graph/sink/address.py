"""Which addresses messages may go to: to the world, and not to what is inside.

A partner names the address, so that without this it could have us ask services that only we reach
(server-side request forgery). The name is looked up once, for the check and the connection alike:
who answers something else the second time gains nothing.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from socket import SOCK_STREAM, gaierror

import httpx
from anyio import getaddrinfo

from graph.errors import BadInput

Networks = Sequence[IPv4Network | IPv6Network]
_PORT = 443


def check_address(address: str, inside: Networks) -> None:
    """Refuse what can be no sink, as far as the text alone says it.

    Parameters
    ----------
    inside : sequence of networks
        Those that messages may go to although they are no public ones.

    Raises
    ------
    BadInput
        It is no ``https`` address, has a user's name in it, or names a host inside.
    """
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError) as error:
        raise BadInput("it is no address") from error
    if url.scheme != "https" or not url.host or url.userinfo:
        raise BadInput("it must be an https address without a user in it")
    try:
        is_open = is_reachable(url.host, inside)
    except ValueError:
        is_open = bool(inside) or (url.host != "localhost" and not url.host.endswith(".localhost"))
    if not is_open:
        raise BadInput("its host is not public")


def is_reachable(address: str, inside: Networks) -> bool:
    """Tell whether messages may go to an IP address.

    Examples
    --------
    >>> [is_reachable(text, ()) for text in ("192.0.2.1", "8.8.8.8", "::ffff:10.0.0.1", "::1")]
    [False, True, False, False]

    Raises
    ------
    ValueError
        It is none.
    """
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        # These carry an address of the other kind, which is where the connection ends.
        found = found.ipv4_mapped or found.sixtofour or found
    if any(found in network for network in inside if network.version == found.version):
        return True
    return found.is_global and not found.is_multicast


async def look_up(url: httpx.URL, inside: Networks) -> str | None:
    """Return an IP address of a host; none where any of its addresses may not be reached."""
    try:
        found = await getaddrinfo(url.host, url.port or _PORT, type=SOCK_STREAM)
    except (gaierror, UnicodeError):
        return None
    addresses = [str(place[0]) for *_, place in found]
    return addresses[0] if all(is_reachable(one, inside) for one in addresses) else None
