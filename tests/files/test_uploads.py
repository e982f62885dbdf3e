"""`POST /files` and `GET /files/{ticket}`: what gets in, what gets out, and for how long."""

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from domain.files import downloads, uploads
from domain.files.content import LARGEST
from domain.files.downloads import GOOD_FOR, PURPOSE
from domain.identity.items import Item
from kit import clock, ids, store, tickets
from models.audit import Event
from models.files import StoredFile
from tests.conftest import Clock
from tests.factories import (
    a_partner,
    a_person,
    a_staff_viewer,
    an_administrator,
    as_person,
)
from tests.files.conftest import Desk, stored
from tests.files.samples import JPEG, PDF, XLSX


@pytest.fixture
async def headers(desk: Desk, time: Clock) -> dict[str, str]:
    """Those of an administrator of Acme."""
    return desk.as_(await an_administrator(await a_partner("Acme")))


def the_id(text: str) -> UUID:
    return ids.decode("fil", text)


async def test_a_body_becomes_a_file_and_comes_back_as_it_was(
    desk: Desk, headers: dict[str, str], folder: Path, time: Clock
) -> None:
    answer = await desk.post("/files", params={"name": "合同.pdf"}, content=PDF, headers=headers)

    assert answer.status_code == 201
    told = answer.json()["file"]
    assert told | {"id": ...} == {
        "id": ...,
        "name": "合同.pdf",
        "contentType": "application/pdf",
        "size": len(PDF),
        "sha256": hashlib.sha256(PDF).hexdigest(),
        "attachBefore": "2030-02-01T23:30:00+00:00",
    }
    file = await StoredFile.get(id=the_id(told["id"]))
    assert (file.stored_at, file.attached_to) == (time.now, None)
    assert stored(folder) == [PDF]
    event = await Event.get(name="stored_file.uploaded")
    assert (event.subject_id, event.tenant_id) == (file.id, file.partner_id)

    downloaded = await desk.get(downloads.link(file.id))
    assert (downloaded.status_code, downloaded.content) == (200, PDF)
    assert downloaded.headers["content-type"] == "application/pdf"
    assert downloaded.headers["content-disposition"].startswith("attachment;")
    assert downloaded.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in downloaded.headers["content-security-policy"]


async def test_a_form_becomes_a_file(desk: Desk, headers: dict[str, str], folder: Path) -> None:
    answer = await desk.post(
        "/files",
        files={"file": ("list.xlsx", XLSX, "text/html")},
        data={"note": "x"},
        headers=headers,
    )

    told = answer.json()["file"]
    assert (answer.status_code, told["name"]) == (201, "list.xlsx")
    assert told["contentType"].endswith("spreadsheetml.sheet")  # not what the form said
    assert stored(folder) == [XLSX]


async def test_a_file_larger_than_memory_is_spooled(
    desk: Desk, headers: dict[str, str], folder: Path
) -> None:
    large = JPEG + bytes(range(256)) * 12_000  # three megabytes

    for answer in (
        await desk.post("/files", params={"name": "a.jpg"}, content=large, headers=headers),
        await desk.post("/files", files={"file": ("b.jpg", large)}, headers=headers),
    ):
        assert answer.status_code == 201

    assert stored(folder) == [large, large]


@pytest.mark.parametrize("form", [False, True])
async def test_a_file_of_another_kind_is_refused_whatever_it_is_called(
    desk: Desk, headers: dict[str, str], folder: Path, form: bool
) -> None:
    program = b"MZ\x90\0"
    answer = await (
        desk.post("/files", files={"file": ("a.pdf", program, "application/pdf")}, headers=headers)
        if form
        else desk.post("/files", params={"name": "a.pdf"}, content=program, headers=headers)
    )

    assert answer.status_code == 415
    assert answer.json() == {
        "file": None,
        "errors": [
            {
                "code": "FILE_OF_UNKNOWN_TYPE",
                "message": "The file is no PDF, PNG, JPEG, XLSX, DOCX or JSONL,"
                " or it holds macros.",
                "path": ["file"],
                "retryable": False,
            }
        ],
    }
    assert not await StoredFile.exists()
    assert stored(folder) == []


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("form", [True, False])
async def test_more_than_ten_megabytes_are_refused(
    desk: Desk, headers: dict[str, str], folder: Path, form: bool, declared: bool
) -> None:
    content = PDF + b"x" * (LARGEST + 70_000)
    request = desk.build_request(
        "POST",
        "/files",
        params={"name": "a.pdf"},
        headers=headers,
        **({"files": {"file": ("a.pdf", content)}} if form else {"content": content}),
    )
    if not declared:
        body = await request.aread()

        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, len(body), 65_536):
                yield body[start : start + 65_536]

        kind = request.headers.get("content-type")
        request = desk.build_request(
            "POST",
            "/files",
            params={"name": "a.pdf"},
            headers=headers | ({"content-type": kind} if kind else {}),
            content=pieces(),
        )

    answer = await desk.send(request)

    assert answer.status_code == 413
    assert [error["code"] for error in answer.json()["errors"]] == ["FILE_TOO_LARGE"]
    assert not await StoredFile.exists()
    assert stored(folder) == []


async def test_exactly_ten_megabytes_are_kept(
    desk: Desk, headers: dict[str, str], folder: Path
) -> None:
    content = PDF + b"x" * (LARGEST - len(PDF))

    answer = await desk.post("/files", params={"name": "a.pdf"}, content=content, headers=headers)

    assert answer.status_code == 201
    assert len(stored(folder)[0]) == LARGEST


async def test_a_form_without_the_file_or_with_two_is_refused(
    desk: Desk, headers: dict[str, str], folder: Path
) -> None:
    for answer in (
        await desk.post("/files", files={"other": ("a.pdf", PDF)}, headers=headers),
        await desk.post("/files", files={"a": ("", b"")}, data={"file": "text"}, headers=headers),
        await desk.post(
            "/files",
            files=[("file", ("a.pdf", PDF)), ("file", ("b.pdf", PDF))],
            headers=headers,
        ),
        await desk.post(
            "/files",
            content=b"--x\r\nbroken",
            headers=headers | {"content-type": "multipart/form-data; boundary=x"},
        ),
        await desk.post(
            "/files", content=b"x", headers=headers | {"content-type": "multipart/form-data"}
        ),
        await desk.post("/files", content=PDF, headers=headers),  # no name
        await desk.post("/files", params={"name": "a.pdf"}, content=b"", headers=headers),
    ):
        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert error["code"] == "INVALID_INPUT"
        assert error["path"] in (["file"], ["name"])

    assert not await StoredFile.exists()


async def test_a_path_in_the_name_goes_nowhere(
    desk: Desk, headers: dict[str, str], folder: Path
) -> None:
    answer = await desk.post(
        "/files", params={"name": "../../../etc/cron.d/x.pdf"}, content=PDF, headers=headers
    )

    assert answer.json()["file"]["name"] == "x.pdf"
    assert stored(folder) == stored(folder.parent) == [PDF]
    assert stored(folder / "files") == [PDF]


async def test_only_operators_of_a_partner_upload(desk: Desk, folder: Path, time: Clock) -> None:
    for viewer in (
        await as_person(await a_person()),
        await a_staff_viewer(Item.PROGRAMME_REVIEW),
    ):
        answer = await desk.post(
            "/files", params={"name": "a.pdf"}, content=PDF, headers=desk.as_(viewer)
        )
        assert answer.status_code == 403
    for headers in ({}, {"authorization": "Bearer wrong"}):
        answer = await desk.post(
            "/files",
            params={"name": "a.pdf"},
            content=PDF,
            headers=headers | {"accept-language": "zh-CN"},
        )
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["errors"][0]["message"].startswith("请先登录")

    assert not await StoredFile.exists()


async def test_a_hundred_unused_files_are_enough(
    desk: Desk, headers: dict[str, str], folder: Path, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "UNATTACHED_MOST", 2)
    for _ in range(2):
        await desk.post("/files", params={"name": "a.pdf"}, content=PDF, headers=headers)

    third = await desk.post("/files", params={"name": "a.pdf"}, content=PDF, headers=headers)
    assert third.status_code == 429
    assert third.json()["errors"][0]["code"] == "TOO_MANY_FILES"
    time.forward(days=1)
    fourth = await desk.post("/files", params={"name": "a.pdf"}, content=PDF, headers=headers)

    assert fourth.status_code == 201
    assert len(stored(folder)) == 3


async def test_a_link_ends_and_opens_nothing_else(
    desk: Desk, headers: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = (
        await desk.post("/files", params={"name": "a.pdf"}, content=PDF, headers=headers)
    ).json()["file"]
    link = downloads.link(the_id(told["id"]))
    other = tickets.issue("print-agreement", id=the_id(told["id"]), until=clock.wall() + GOOD_FOR)
    gone = tickets.issue(PURPOSE, id=ids.new_id(), until=clock.wall() + GOOD_FOR)
    assert (await desk.get(link)).status_code == 200

    for path in (link[:-1], f"{link}x", f"/files/{other}", f"/files/{gone}", "/files/x"):
        assert (await desk.get(path)).status_code == 404
    wall = clock.wall()
    monkeypatch.setattr(clock, "wall", lambda: wall + GOOD_FOR + timedelta(seconds=2))
    assert (await desk.get(link)).status_code == 404


async def test_a_file_whose_bytes_are_gone_is_not_there(
    desk: Desk, headers: dict[str, str], folder: Path
) -> None:
    told = (
        await desk.post("/files", params={"name": "a.pdf"}, content=PDF, headers=headers)
    ).json()["file"]
    file = await StoredFile.get(id=the_id(told["id"]))
    await store.delete(file.key)

    assert (await desk.get(downloads.link(file.id))).status_code == 404


async def test_a_crash_between_row_and_bytes_leaves_nothing_that_can_be_seen(
    desk: Desk, headers: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(store, "put", crash)
    with pytest.raises(OSError, match="full"):
        await desk.post("/files", params={"name": "a.pdf"}, content=PDF, headers=headers)

    row = await StoredFile.get()
    assert row.stored_at is None
    assert (await desk.get(downloads.link(row.id))).status_code == 404
    assert not await Event.exists()
