"""Where webhooks go and where they don't, whatever a name says the second time."""

import asyncio
import socket
import ssl
import threading
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from domain.webhooks import targets
from domain.webhooks.sending import Wire
from kit import clock
from tests.receiver import Receiver


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1"),
        *("192.0.0.8", "192.168.1.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fc00::1", "fe80::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1"),
        *("64:ff9b::a00:1", "2002:a00:1::", "2001::1", "2001:db8::1", "3fff::1", "fec0::1"),
        *("::10.0.0.1", "::ffff:0:10.0.0.1", "fe80::1%eth0", "4000::1"),
    ],
)
def test_no_address_inside_is_allowed(address: str) -> None:
    targets.configure(to_loopback=False)

    assert not targets.is_allowed(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "114.114.114.114", "2606:4700::1111"])
def test_the_open_internet_is_allowed(address: str) -> None:
    assert targets.is_allowed(ip_address(address))


def test_a_sandbox_allows_this_machine_and_no_other() -> None:
    targets.configure(to_loopback=True)

    assert targets.is_allowed(ip_address("127.0.0.1"))
    assert targets.is_allowed(ip_address("::1"))
    assert not targets.is_allowed(ip_address("10.0.0.1"))
    assert not targets.is_allowed(ip_address("169.254.169.254"))


def _answering(*turns: list[str]) -> tuple[Any, list[str]]:
    """A resolver that answers each question differently, and the questions that it was put."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        found = turns[min(len(asked), len(turns) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    return getaddrinfo, asked


async def test_a_name_that_leads_inside_is_not_called(
    monkeypatch: pytest.MonkeyPatch, wire: Wire, receiver: Receiver
) -> None:
    """One public address does not excuse a private one."""
    targets.configure(to_loopback=False)
    resolve, _ = _answering(["1.1.1.1", "127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    answer = await wire.post(f"https://hooks.example:{receiver.port}/", b"{}", {})

    assert answer.status_code is None
    assert answer.error is not None
    assert answer.error.startswith("FORBIDDEN_ADDRESS")
    assert receiver.received == []


async def test_a_name_is_asked_for_once_and_what_was_checked_is_called(
    monkeypatch: pytest.MonkeyPatch, wire: Wire
) -> None:
    """A second answer (DNS rebinding) is never asked for."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    resolve, asked = _answering(["127.0.0.1"], ["10.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    answer = await wire.post(f"http://hooks.example:{port}/in", b"{}", {})
    server.close()

    assert answer.status_code == 200, answer
    assert asked == ["hooks.example"]
    assert f"host: hooks.example:{port}".encode() in heard[0].lower()


async def test_an_unknown_name_is_a_failure(monkeypatch: pytest.MonkeyPatch, wire: Wire) -> None:
    def nobody(*_: Any, **__: Any) -> Any:
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)

    answer = await wire.post("https://hooks.example/", b"{}", {})

    assert answer.error is not None
    assert answer.error.startswith("UNRESOLVABLE")


async def test_names_that_nobody_answers_for_keep_no_other_from_going_out(
    monkeypatch: pytest.MonkeyPatch, wire: Wire, receiver: Receiver
) -> None:
    over = threading.Event()

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        if host == "silent.example":
            over.wait()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    silent = [
        asyncio.create_task(wire.post(f"http://silent.example:{receiver.port}/", b"{}", {}))
        for _ in range(40)
    ]
    await asyncio.sleep(0)  # they ask first
    try:
        answer = await wire.post(f"http://hooks.example:{receiver.port}/", b"{}", {})
    finally:
        over.set()
        await asyncio.gather(*silent)

    assert answer.status_code == 401, answer


async def test_no_proxy_of_the_environment_is_asked(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with Wire() as wire:
        answer = await wire.post(receiver.url(), b"{}", {})

    assert answer.status_code == 401


@pytest.mark.parametrize(("answered", "read"), [(15, 0.05), (3, 3.2)])
async def test_the_answer_may_drip_once_the_status_is_said(
    monkeypatch: pytest.MonkeyPatch, wire: Wire, answered: float, read: float
) -> None:
    """Also where the time for the answer is over meanwhile."""
    monkeypatch.setattr("domain.webhooks.sending.TIMEOUT", timedelta(seconds=answered))
    monkeypatch.setattr("domain.webhooks.sending.READ_WITHIN", read)
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nslow")
        await writer.drain()
        await over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    answer = await wire.post(f"http://127.0.0.1:{port}/", b"{}", {})
    over.set()
    server.close()

    assert (answer.status_code, answer.text, answer.error) == (200, "slow", None)


@pytest.mark.parametrize(("named", "is_good"), [("hooks.example", True), ("other.example", False)])
async def test_the_certificate_is_looked_at_by_the_name_and_not_the_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str, is_good: bool
) -> None:
    certificate = _certificate(tmp_path, named)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=serving)
    port = server.sockets[0].getsockname()[1]
    resolve, _ = _answering(["127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    async with Wire(trusting=ssl.create_default_context(cafile=certificate)) as wire:
        answer = await wire.post(f"https://hooks.example:{port}/in", b"{}", {})
    server.close()

    assert (answer.status_code == 200) == is_good, answer
    assert is_good or "CERTIFICATE" in (answer.error or "").upper()


def _certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    whose = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(whose)
        .issuer_name(whose)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.wall() - timedelta(days=1))
        .not_valid_after(clock.wall() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    place = folder / "certificate.pem"
    place.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return place
