"""Messages go to the world alone, whatever a partner writes as its address."""

from ipaddress import ip_network

import anyio
import httpx
import pytest

from graph.errors import BadInput
from graph.sink.address import check_address, look_up


@pytest.mark.parametrize(
    "address",
    [
        "http://sink.example/",
        "ftp://sink.example/",
        "https://",
        "sink.example",
        "https://user:secret@sink.example/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://192.168.0.1:8443/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://224.0.0.1/",
        "https://0.0.0.0/",
        "https://[2002:7f00:1::]/",
    ],
)
def test_what_is_no_sink(address: str) -> None:
    with pytest.raises(BadInput):
        check_address(address, ())


@pytest.mark.parametrize(
    "address", ["https://sink.example:8443/a?b=c", "https://8.8.8.8/", "https://[2600::1]/"]
)
def test_what_is_a_sink(address: str) -> None:
    check_address(address, ())


def test_networks_inside_may_be_opened() -> None:
    check_address("https://10.1.2.3/", [ip_network("10.1.0.0/16")])
    with pytest.raises(BadInput):
        check_address("https://10.2.2.3/", [ip_network("10.1.0.0/16")])


def test_a_name_that_leads_inside_is_not_followed() -> None:
    """`localhost.example` would do the same; `localhost` is a name that every machine knows."""
    url = httpx.URL("https://localhost:8443/")
    assert anyio.run(look_up, url, ()) is None
    assert anyio.run(look_up, url, [ip_network("127.0.0.0/8"), ip_network("::1/128")]) in (
        "127.0.0.1",
        "::1",
    )
    assert anyio.run(look_up, httpx.URL("https://nobody.invalid/"), ()) is None
