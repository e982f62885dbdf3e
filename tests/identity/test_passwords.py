"""What is stored of a password, and what a wrong one costs."""

import pytest
from argon2 import PasswordHasher, extract_parameters

from domain.identity import passwords


async def test_the_right_password_is_known_again_and_a_wrong_one_is_not() -> None:
    stored = await passwords.hash_of("hunter2 hunter2")

    assert await passwords.is_right("hunter2 hunter2", stored)
    assert not await passwords.is_right("hunter2 hunter3", stored)
    assert "hunter2" not in stored


async def test_one_password_typed_on_two_keyboards_is_one_password() -> None:
    stored = await passwords.hash_of("pässword１")  # composed, full-width

    assert await passwords.is_right("pa\u0308ssword1", stored)


@pytest.mark.parametrize("password", ["", "\0", "\ud800", "x" * 100_000])
async def test_what_nobody_can_type_is_a_wrong_password_and_no_error(password: str) -> None:
    assert not await passwords.is_right(password, await passwords.hash_of("hunter2"))


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$", "$2b$"])
async def test_a_hash_that_is_none_fits_no_password(stored: str) -> None:
    assert not await passwords.is_right("hunter2", stored)


async def test_nobodys_hash_costs_what_everybodys_costs_and_fits_no_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []
    verify = passwords._verify

    def watched(hasher: PasswordHasher, stored: str, password: bytes) -> bool:
        seen.append(stored)
        return verify(hasher, stored, password)

    monkeypatch.setattr(passwords, "_verify", watched)
    somebodys = await passwords.hash_of("hunter2")

    assert not await passwords.is_right("hunter2", None)
    assert not await passwords.is_right("hunter3", somebodys)

    nobodys, somebodys = seen
    assert extract_parameters(nobodys) == extract_parameters(somebodys)
    assert nobodys != passwords._nobodys()


async def test_a_hash_of_another_cost_is_outdated_and_still_fits() -> None:
    stored = await passwords.hash_of("hunter2")
    passwords.use_cost(time_cost=2, memory_cost=8, parallelism=1)
    try:
        assert passwords.is_outdated(stored)
        assert await passwords.is_right("hunter2", stored)
        assert not passwords.is_outdated(await passwords.hash_of("hunter2"))
    finally:
        passwords.use_cost(time_cost=1, memory_cost=8, parallelism=1)
