"""One outbound HTTP client: a total deadline, a cap on bytes after decompression, no private addresses.

Host names are resolved once and the connection goes to that very address, with the name kept for TLS and the Host
header, so that an answer that changes between two look-ups changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx

from apps.lib.errors import ProductError

# Not reachable from a fetch: RFC 6890 and what came after, written out (Python's own table changed between versions).
NON_PUBLIC = tuple(
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        # IPv6: unspecified, loopback, mapped, NAT64 whole, discard, Teredo whole, ORCHID, documentation, 6to4 whole,
        # SRv6, unique local, link local, site local, multicast.
        "::/128", "::1/128", "::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
        "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
REDIRECTS = frozenset({301, 302, 303, 307, 308})
AGENT = "Footnote/1 (+research; reads pages for cited reports)"


class HttpError(ProductError):
    """A request did not bring an answer."""

    code = "http"


class Forbidden(HttpError):
    """This address may not be reached: scheme, range or form."""

    code = "forbidden_address"


class TooLarge(HttpError):
    """The answer is larger than allowed."""

    code = "too_large"


class TooSlow(HttpError):
    """The answer did not arrive within the deadline."""

    code = "too_slow"


class Failed(HttpError):
    """The connection failed or the answer was not HTTP."""

    code = "failed"


def is_public(address: str) -> bool:
    """Tell whether an IP address is on the public internet.

    >>> is_public("8.8.8.8"), is_public("10.0.0.1"), is_public("::ffff:127.0.0.1")
    (True, False, False)
    """
    try:
        ip = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    return not any(ip.version == net.version and ip in net for net in NON_PUBLIC)


class Limited(httpx.BaseTransport):
    """A transport whose answers are cut at a number of raw bytes and at a moment in time."""

    def __init__(self, inner: httpx.BaseTransport, *, max_bytes: int) -> None:
        self.inner = inner
        self.max_bytes = max_bytes

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on; its body will keep within the limits. Raises TooLarge, TooSlow while it is read."""
        until = request.extensions.get("until", time.monotonic() + 600)
        response = self.inner.handle_request(request)
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _Cut(response.stream, self.max_bytes, until)
        return response

    def close(self) -> None:
        """Close the connections."""
        self.inner.close()


class _Cut(httpx.SyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream, max_bytes: int, until: float) -> None:
        self.inner, self.left, self.until = inner, max_bytes, until

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.inner:
            self.left -= len(chunk)
            if self.left < 0:
                raise TooLarge("The answer is larger than allowed.")
            if time.monotonic() > self.until:
                raise TooSlow("The answer did not arrive in time.")
            yield chunk

    def close(self) -> None:
        self.inner.close()


def vendor_client(*, seconds: float, max_bytes: int) -> httpx.Client:
    """Return a client for a vendor whose address we chose: capped in bytes and time, no proxy, no redirect."""
    timeout = httpx.Timeout(seconds, connect=10)
    return httpx.Client(
        transport=Limited(httpx.HTTPTransport(retries=0), max_bytes=max_bytes), timeout=timeout, trust_env=False,
        follow_redirects=False, headers={"User-Agent": AGENT},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """What a fetch brought; `url` is where the redirects ended."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes


def fetch(
    url: str, *, max_bytes: int, seconds: float, loopback_hosts: tuple[str, ...] = (), max_redirects: int = 3
) -> Page:  # fmt: skip
    """Get one page by the rules above; each redirect is checked again.

    loopback_hosts: `host:port` on this machine that may be reached all the same. Raises: Forbidden, TooLarge,
    TooSlow, Failed.
    """
    until = time.monotonic() + seconds
    for _ in range(max_redirects + 1):
        page, location = _once(url, max_bytes=max_bytes, until=until, loopback_hosts=loopback_hosts)
        if page.status not in REDIRECTS or not location:
            return page
        url = urljoin(url, location)
    raise Forbidden(f"More than {max_redirects} redirects.")


def place(url: str, *, loopback_hosts: tuple[str, ...] = ()) -> tuple[str, str]:
    """Return the host that a URL names and the one address to connect to, by the rules above.

    Raises: Forbidden (scheme, password, an address that is not public), Failed (an unknown host).
    """
    target = _parse(url)
    return target.host, _resolve(target, loopback_hosts)


def _once(url: str, *, max_bytes: int, until: float, loopback_hosts: tuple[str, ...]) -> tuple[Page, str]:
    target = _parse(url)
    address = _resolve(target, loopback_hosts)
    left = until - time.monotonic()
    if left <= 0:
        raise TooSlow("The page did not arrive in time.")
    pinned = target.copy_with(host=address)
    extensions = {"sni_hostname": target.host, "until": until}
    headers = {"Host": target.netloc.decode("ascii"), "Accept": "text/html,application/pdf,*/*;q=0.5"}
    try:
        with (
            vendor_client(seconds=min(left, 20), max_bytes=max_bytes) as client,
            client.stream("GET", pinned, headers=headers, extensions=extensions) as response,
        ):
            if response.status_code in REDIRECTS:
                return Page(url, response.status_code, {}, b""), response.headers.get("location", "")
            body = _read(response, max_bytes, until)
            return Page(str(target), response.status_code, dict(response.headers), body), ""
    except httpx.TimeoutException as error:
        raise TooSlow("The page did not arrive in time.") from error
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, ValueError) as error:
        raise Failed(f"The page could not be read: {type(error).__name__}.") from error


def _parse(url: str) -> httpx.URL:
    try:
        target = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise Forbidden("This is not a URL that can be fetched.") from error
    if target.scheme not in {"http", "https"} or not target.host or target.userinfo:
        raise Forbidden("Only http and https addresses without a password are fetched.")
    return target.copy_with(fragment=None)


def _resolve(target: httpx.URL, loopback_hosts: tuple[str, ...]) -> str:
    port = target.port or (443 if target.scheme == "https" else 80)
    if f"{target.host}:{port}" in loopback_hosts:
        return "127.0.0.1"
    try:
        found = socket.getaddrinfo(target.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Failed(f"The host {target.host} is not known.") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise Forbidden(f"The host {target.host} leads to an address that is not public.")
    return addresses[0]


def _read(response: httpx.Response, max_bytes: int, until: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes(65536):
        size += len(part)
        if size > max_bytes:
            raise TooLarge(f"The page is larger than {max_bytes} bytes.")
        if time.monotonic() > until:
            raise TooSlow("The page did not arrive in time.")
        parts.append(part)
    return b"".join(parts)
