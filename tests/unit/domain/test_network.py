"""What counts as the name of a host."""

from __future__ import annotations

import pytest

from studio.domain.errors import UserError
from studio.domain.network import Destination, host_name


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("files.example.org", "files.example.org", 443),
        (" Files.Example.ORG.:8443 ", "files.example.org", 8443),
        ("xn--bcher-kva.example:80", "xn--bcher-kva.example", 80),
        ("mirror", "mirror", 443),
    ],
)
def test_a_host_is_written_by_its_name_with_or_without_a_port(text: str, host: str, port: int) -> None:
    assert Destination.parse(text) == Destination(host, port)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            ":443",
            "a b.org",
            "https://files.example.org",
            "files.example.org/x",
            "a..b",
            "-a.org",
        ),
        *("files.example.org:", "files.example.org:0", "files.example.org:70000", "files.example.org:4²", "x" * 254),
        *(
            "10.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.0.0.1",
            "0x7f000001",
            "1.2.3.0x4",
            "::1",
            "[::1]:443",
            "fe80::1%eth0",
        ),
    ],
)
def test_an_address_a_url_or_nonsense_is_no_host(text: str) -> None:
    with pytest.raises(UserError, match="is no host that can be allowed"):
        Destination.parse(text)


def test_a_pattern_is_no_host_and_the_person_is_told_why() -> None:
    with pytest.raises(UserError, match="stands for many hosts"):
        Destination.parse("*.example.org")


def test_a_name_is_compared_without_case_and_without_its_last_dot() -> None:
    assert host_name("FILES.example.org.") == "files.example.org"


@pytest.mark.parametrize(
    ("written", "plain"),
    [("bücher.example", "xn--bcher-kva.example"), ("bücher.example:8443", "xn--bcher-kva.example:8443")],
)
def test_a_name_with_other_letters_is_told_in_those_that_programs_use(written: str, plain: str) -> None:
    with pytest.raises(UserError) as told:
        Destination.parse(written)

    assert told.value.action == f"Write it in plain letters: {plain}"
    assert str(Destination.parse(plain)).startswith("xn--bcher-kva.example:")
