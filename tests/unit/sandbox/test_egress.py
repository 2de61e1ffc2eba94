"""The way out of a sandbox: what is let through, what is not, and what stands in the ledger of it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from studio.adapters.clock import SystemClock
from studio.domain.ids import ProjectId, RunId
from studio.domain.network import Attempt, Destination, Passed
from studio.domain.projects import Project
from studio.sandbox.egress.egress import Egress
from studio.sandbox.egress.ledger import ConnectionLedger
from studio.store import connections, projects
from studio.store.database import Database
from tests.fixtures.outside import PUBLIC, PlainJudge, ScriptedOutside, SocketCaller

RUN = RunId("r1a2b3c4d")


class Way:
    """The way out of one sandbox, on a port of this machine in place of one inside."""

    def __init__(self, database: Database, project: ProjectId, judge: PlainJudge, outside: ScriptedOutside) -> None:
        self.database = database
        self.project = project
        self.judge = judge
        self.outside = outside
        self.most_bytes = 0
        self.port = 0

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Egress]:
        clock = SystemClock()
        egress = Egress(self.judge, ConnectionLedger(self.database, clock), self.outside, clock, self.most_bytes)
        serve = egress.serve(self.project, RUN)

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await serve(SocketCaller(reader, writer))
            finally:
                writer.close()

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield egress

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(proxy=f"http://127.0.0.1:{self.port}", trust_env=False)

    async def says(self, words: bytes, until: bytes = b"") -> bytes:
        """What the way out answers to a program that says these bytes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(words)
        heard = b""
        async with asyncio.timeout(20):
            while (not until or until not in heard) and (piece := await reader.read(1 << 16)):
                heard += piece
        writer.close()
        return heard

    async def ledger(self, count: int) -> tuple[Attempt, ...]:
        """So many attempts, the newest first, once all of them have ended."""
        async with asyncio.timeout(20):
            while True:
                async with self.database.reading() as connection:
                    found = await connections.newest(connection, self.project)
                if len(found) >= count and all(attempt.ended for attempt in found):
                    assert len(found) == count
                    return found
                await asyncio.sleep(0.01)


@pytest.fixture
async def way(tmp_path: Path) -> AsyncIterator[Way]:
    database = await Database.open(tmp_path / "studio.db")
    project = Project(ProjectId.new(), "shop", tmp_path, SystemClock().now())
    async with database.transaction() as connection:
        await projects.add(connection, project)
    yield Way(database, project.id, PlainJudge("files.example.org:443", "files.example.org:80"), ScriptedOutside())
    await database.close()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()


async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(head), head))
    await writer.drain()


CONNECT = b"CONNECT files.example.org:443 HTTP/1.1\r\nHost: files.example.org:443\r\n\r\n"


async def test_a_tunnel_to_a_listed_host_carries_bytes_both_ways_and_is_counted(way: Way) -> None:
    async with way.opened(), way.outside.host("files.example.org", 443, echo):
        heard = await way.says(CONNECT + b"hello", until=b"hello")

        assert heard.startswith(b"HTTP/1.1 200 ")
        (attempt,) = await way.ledger(1)
    assert (attempt.passed, attempt.how, attempt.reason) == (Passed.ALLOWED, "connect", "listed")
    assert (attempt.address, attempt.sent, attempt.received) == (str(PUBLIC), 5, 5)
    assert way.outside.connected == [(str(PUBLIC), 443)]


async def test_the_name_of_a_host_that_is_not_listed_is_never_looked_up(way: Way) -> None:
    async with way.opened():
        heard = await way.says(b"CONNECT secret-in-a-name.example.net:443 HTTP/1.1\r\nHost: x\r\n\r\n")

        assert heard.startswith(b"HTTP/1.1 403 Studio refused: not listed")
        (attempt,) = await way.ledger(1)
    assert (attempt.passed, str(attempt.destination)) == (Passed.REFUSED, "secret-in-a-name.example.net:443")
    assert way.outside.asked == []


async def test_a_port_that_is_not_listed_is_another_host(way: Way) -> None:
    async with way.opened():
        assert b" 403 " in await way.says(b"CONNECT files.example.org:22 HTTP/1.1\r\nHost: x\r\n\r\n")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.7", "169.254.169.254", "100.64.0.1", "::1", "fd00::1", "::ffff:192.168.1.1", "224.0.0.1"],
)
async def test_a_listed_name_that_leads_into_a_private_place_is_not_followed(way: Way, address: str) -> None:
    way.outside.names["files.example.org"] = (str(PUBLIC), address)
    async with way.opened():
        assert b" 403 Studio refused: it may not be reached" in await way.says(CONNECT)
    assert way.outside.connected == []


async def test_an_address_of_this_machine_itself_is_not_reached(way: Way) -> None:
    way.outside.names["files.example.org"] = (str(PUBLIC),)
    way.outside.here.add(str(PUBLIC))
    async with way.opened():
        assert b"it is this machine" in await way.says(CONNECT)
    assert way.outside.connected == []


async def test_a_host_of_this_machines_own_configuration_may_be_in_a_private_network(way: Way) -> None:
    way.judge.own_hosts = way.judge.allowed
    async with way.opened(), way.outside.host("files.example.org", 443, echo, "10.0.0.7"):
        assert b" 200 " in await way.says(CONNECT, until=b"\r\n\r\n")


@pytest.mark.parametrize(("port", "passed"), [(443, True), (8443, False)])
async def test_another_name_that_a_person_gave_of_a_private_mirror_is_reached_at_the_same_port_only(
    way: Way, port: int, passed: bool
) -> None:
    way.judge.named = way.judge.allowed
    way.judge.own_hosts = {Destination("packages.example.org", port)}
    way.outside.names["packages.example.org"] = ("10.0.0.7",)
    async with way.opened(), way.outside.host("files.example.org", 443, echo, "10.0.0.7"):
        assert (b" 200 " in await way.says(CONNECT, until=b"\r\n\r\n")) is passed


async def test_a_host_that_nobody_named_is_not_reached_behind_the_address_of_a_private_mirror(way: Way) -> None:
    way.judge.own_hosts = {Destination("packages.example.org", 443)}
    way.outside.names["packages.example.org"] = ("10.0.0.7",)
    async with way.opened(), way.outside.host("files.example.org", 443, echo, "10.0.0.7"):
        heard = await way.says(CONNECT)
    assert heard.startswith(b"HTTP/1.1 403 ")
    assert b"put it on the project's list" in heard
    assert way.outside.connected == []


@pytest.mark.parametrize("host", ["93.184.215.14", "127.1", "2130706433", "0x7f000001", "[::1]", "127.0.0.1.", "a b"])
async def test_an_address_in_place_of_a_name_is_refused_however_it_is_written(way: Way, host: str) -> None:
    async with way.opened():
        heard = await way.says(f"CONNECT {host}:443 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert heard.startswith((b"HTTP/1.1 403 ", b"HTTP/1.1 400 "))
    assert way.outside.asked == []
    assert way.outside.connected == []


async def test_a_plain_request_is_sent_on_without_what_is_meant_for_the_proxy(way: Way) -> None:
    async with way.opened(), way.outside.host("files.example.org", 80, page), way.client() as client:
        answer = await client.get(
            "http://files.example.org/a?b=c", headers={"Proxy-Authorization": "secret", "Accept": "text/x"}
        )
    head = answer.text.lower()
    assert head.startswith("get /a?b=c http/1.1\r\nhost: files.example.org\r\n")
    assert "accept: text/x" in head
    assert "secret" not in head


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("http://files.example.org", "GET / HTTP/1.1"),
        ("http://files.example.org?b=c", "GET /?b=c HTTP/1.1"),
        ("http://files.example.org//other.example.net/a?b#c", "GET //other.example.net/a?b HTTP/1.1"),
        ("HTTP://ada:secret@FILES.example.org:80/%2e%2e/", "GET /%2e%2e/ HTTP/1.1"),
    ],
)
async def test_what_is_asked_for_is_sent_on_letter_by_letter(way: Way, address: str, line: str) -> None:
    async with way.opened(), way.outside.host("files.example.org", 80, page):
        heard = await way.says(f"GET {address} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), until=b"close\r\n\r\n")
    assert f"\r\n\r\n{line}\r\n".encode() in heard
    assert b"secret" not in heard


async def test_a_name_before_the_host_is_not_taken_for_it(way: Way) -> None:
    async with way.opened():
        heard = await way.says(b"GET http://files.example.org@other.example.net/ HTTP/1.1\r\nHost: x\r\n\r\n")

        assert b" 403 " in heard
        assert str((await way.ledger(1))[0].destination) == "other.example.net:80"


async def test_every_request_of_one_connection_is_judged_anew(way: Way) -> None:
    both = b"".join(
        b"GET http://%s/ HTTP/1.1\r\nHost: files.example.org\r\n\r\n" % host
        for host in (b"files.example.org", b"other.example.net")
    )
    async with way.opened(), way.outside.host("files.example.org", 80, page):
        heard = await way.says(both)

        assert heard.startswith(b"HTTP/1.1 200 ")
        assert b"HTTP/1.1 403 " in heard
        assert [attempt.passed for attempt in await way.ledger(2)] == [Passed.REFUSED, Passed.ALLOWED]


async def test_a_body_is_sent_on_whole(way: Way) -> None:
    got = bytearray()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        got.extend(await reader.readexactly(300_000))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()

    async with way.opened(), way.outside.host("files.example.org", 80, take), way.client() as client:
        answer = await client.post("http://files.example.org/up", content=b"x" * 300_000)
    assert (answer.status_code, len(got)) == (204, 300_000)


def first_words(host: str | None) -> bytes:
    """What a program says first on an encrypted connection to this host."""
    context = ssl.create_default_context()
    context.check_hostname = False
    said = ssl.MemoryBIO()
    with suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), said, server_hostname=host).do_handshake()
    return said.read()


@pytest.mark.parametrize("host", ["files.example.org", "FILES.example.org", None])
async def test_an_encrypted_connection_for_the_host_itself_or_nobody_by_name_goes_through(
    way: Way, host: str | None
) -> None:
    words = first_words(host)
    async with way.opened(), way.outside.host("files.example.org", 443, echo):
        assert (await way.says(CONNECT + words, until=words)).endswith(words)


@pytest.mark.parametrize("words", [first_words("other.example.net"), b"\x16\x03\x01\x00\x05hello"])
async def test_an_encrypted_connection_for_another_host_at_the_same_address_is_broken_off(
    way: Way, words: bytes
) -> None:
    async with way.opened(), way.outside.host("files.example.org", 443, echo):
        heard = await way.says(CONNECT + words)

        assert heard.endswith(b"\r\n\r\n")
        (attempt,) = await way.ledger(1)
    assert (attempt.reason, attempt.sent) == ("listed; broken off: it asked for another host there", 0)


async def test_first_words_that_come_in_pieces_are_heard_whole(way: Way) -> None:
    words = first_words("files.example.org")
    async with way.opened(), way.outside.host("files.example.org", 443, echo):
        reader, writer = await asyncio.open_connection("127.0.0.1", way.port)
        writer.write(CONNECT)
        await reader.readuntil(b"\r\n\r\n")
        for at in range(0, len(words), 100):
            writer.write(words[at : at + 100])
            await writer.drain()
        async with asyncio.timeout(20):
            assert await reader.readexactly(len(words)) == words
        writer.close()


SOCKS_HELLO = b"\x05\x01\x00"


def socks(host: bytes, port: int) -> bytes:
    return SOCKS_HELLO + b"\x05\x01\x00\x03" + bytes((len(host),)) + host + port.to_bytes(2, "big")


async def test_socks_with_a_name_reaches_a_listed_host(way: Way) -> None:
    async with way.opened(), way.outside.host("files.example.org", 443, echo):
        heard = await way.says(socks(b"files.example.org", 443) + b"hello", until=b"hello")

        assert heard == b"\x05\x00" + b"\x05\x00\x00\x01" + bytes(6) + b"hello"
        assert (await way.ledger(1))[0].how == "socks"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (socks(b"other.example.net", 443), 2),
        (SOCKS_HELLO + b"\x05\x01\x00\x01\x7f\x00\x00\x01\x01\xbb", 2),
        (SOCKS_HELLO + b"\x05\x02\x00\x03\x01a\x01\xbb", 7),
    ],
    ids=["not listed", "an address", "no connection"],
)
async def test_socks_refuses_with_its_own_words(way: Way, words: bytes, code: int) -> None:
    async with way.opened():
        assert await way.says(words) == b"\x05\x00" + bytes((5, code, 0, 1)) + bytes(6)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (b"GET http://192.168.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n", ("192.168.0.1:80", "http")),
        (b"CONNECT 127.1:443 HTTP/1.1\r\nHost: x\r\n\r\n", ("127.1:443", "connect")),
        (SOCKS_HELLO + b"\x05\x01\x00\x01\x7f\x00\x00\x01\x01\xbb", ("127.0.0.1:443", "socks")),
        (SOCKS_HELLO + b"\x05\x01\x00\x04" + bytes(15) + b"\x01\x01\xbb", ("::1:443", "socks")),
    ],
)
async def test_an_address_in_place_of_a_name_is_refused_and_stands_in_the_ledger(
    way: Way, words: bytes, told: tuple[str, str]
) -> None:
    async with way.opened():
        await way.says(words)
        (attempt,) = await way.ledger(1)
    assert (str(attempt.destination), attempt.how) == told
    assert (attempt.passed, attempt.reason) == (Passed.REFUSED, "a host is reached by its name, not by an address")
    assert way.outside.asked == []


@pytest.mark.parametrize("port", ["0", "65536", "000443999", "x", "9" * 5000])
async def test_what_is_no_port_is_told_as_such(way: Way, port: str) -> None:
    async with way.opened():
        assert b"that is no port" in await way.says(
            f"CONNECT files.example.org:{port} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        )


async def test_a_program_that_hangs_up_while_a_person_is_asked_waits_no_longer(way: Way) -> None:
    way.judge.decides.clear()
    async with way.opened():
        _, writer = await asyncio.open_connection("127.0.0.1", way.port)
        writer.write(CONNECT)
        await writer.drain()
        writer.close()
        (attempt,) = await way.ledger(1)
    assert attempt.reason == "the program hung up before it was decided"
    assert way.outside.asked == []


async def test_what_a_program_says_early_is_not_lost_while_a_person_is_asked(way: Way) -> None:
    way.judge.decides.clear()
    async with way.opened(), way.outside.host("files.example.org", 443, echo):
        heard = asyncio.create_task(way.says(CONNECT + b"hel", until=b"hel"))
        await asyncio.sleep(0)
        way.judge.decides.set()
        assert (await heard).endswith(b"hel")


async def test_a_sandbox_that_has_moved_all_it_may_is_broken_off_and_refused(way: Way) -> None:
    way.most_bytes = 1000
    async with way.opened(), way.outside.host("files.example.org", 443, echo):
        await way.says(CONNECT + b"x" * 2000)
        assert b" 403 " in await way.says(CONNECT)

        refused, broken = await way.ledger(2)
    assert (broken.passed, refused.passed) == (Passed.ALLOWED, Passed.REFUSED)
    assert "is used up" in broken.reason
    assert "is used up" in refused.reason


async def test_connections_are_broken_off_when_what_may_be_reached_changes(way: Way) -> None:
    async with way.opened() as egress, way.outside.host("files.example.org", 443, echo):
        reader, writer = await asyncio.open_connection("127.0.0.1", way.port)
        writer.write(CONNECT)
        await reader.readuntil(b"\r\n\r\n")
        egress.cut(way.project)

        assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize(
    "words", [b"\x00\x01\x02\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x05", b"\x16\x03\x01"]
)
async def test_what_is_no_request_gets_no_further(way: Way, words: bytes) -> None:
    async with way.opened():
        reader, writer = await asyncio.open_connection("127.0.0.1", way.port)
        writer.write(words)
        writer.write_eof()
        async with asyncio.timeout(20):
            heard = await reader.read()
        writer.close()
    assert heard == b"" or heard.startswith(b"HTTP/1.1 400 ")
    assert way.outside.connected == []
