"""The environment, read once: what is assumed, what is made up, what is refused."""

from datetime import date
from pathlib import Path

import pytest

from partner_center.catalogue import with_settings
from partner_center.settings import Settings


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


def test_a_key_is_made_up_once_and_kept_from_others(tmp_path: Path) -> None:
    first, second = Settings(), Settings()

    key = first.secret_key.get_secret_value()
    assert len(key) == 64
    assert second.secret_key == first.secret_key
    assert [(file.name, file.stat().st_mode & 0o777) for file in (tmp_path / "data").iterdir()] == [
        ("secret_key", 0o600)
    ]
    assert key not in repr(first)


def test_no_key_is_made_up_for_a_database_that_others_may_use_too(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="SECRET_KEY must be set"):
        Settings(database_url="postgresql://host/partner")

    assert not (tmp_path / "data").exists()


def test_a_sandbox_may_have_a_key_made_up() -> None:
    settings = Settings(database_url="postgresql://host/partner", sandbox=True)

    assert len(settings.secret_key.get_secret_value()) == 64


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "https://a.example, https://b.example,")
    monkeypatch.setenv("PORT", "8001")
    monkeypatch.setenv("DAYS_OFF", "2027-01-01, 2027-02-05,")
    monkeypatch.setenv("DAYS_WORKED", "2027-01-02")
    monkeypatch.setenv("SANDBOX", "1")
    monkeypatch.setenv("REDIS_URL", "")

    settings = Settings()

    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.days_off == (date(2027, 1, 1), date(2027, 2, 5))
    assert settings.days_worked == (date(2027, 1, 2),)
    assert settings.public_url == "http://127.0.0.1:8001"
    assert settings.sandbox is True
    assert settings.redis_url is None


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"SMTP_URL": "smtp://mail.example"}, "MAIL_FROM must be set"),
        ({"DAYS_OFF": "soon"}, "days_off"),
        ({"DAYS_OFF": "2027-01-01", "DAYS_WORKED": "2027-01-01"}, "2027-01-01 is in DAYS_OFF"),
        (
            {"SMTP_URL": "smtp://mail.example", "MAIL_FROM": "a@b.example"},
            "OPERATIONS_MAILBOX must be set",
        ),
        ({"DATABASE_URL": "localhost"}, "must look like postgresql://user"),
        ({"DATABASE_URL": "postgresql://db.example"}, "must look like postgresql://user"),
        ({"DATABASE_URL": "postgresql://db.example:port/x"}, "database_url\n.*'port'"),
        ({"DATABASE_URL": "postgresql://x/y?sslmode=yes"}, "sslmode must be one of disable"),
        ({"EXPORT_DATABASE_URL": "postgresql://x/y?sslrootcert=a.pem"}, "PGSSLROOTCERT"),
        ({"OIDC_ISSUER": "https://id.example"}, "OIDC_AUDIENCE together"),
        ({"DB_POOL_MIN": "9", "DB_POOL_MAX": "3"}, "DB_POOL_MIN is greater"),
        ({"TIMER_LEASE_SECONDS": "0"}, "greater than 0"),
    ],
)
def test_settings_that_do_not_agree_are_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], complaint: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ValueError, match=complaint):
        Settings()


def test_every_setting_says_what_it_is_and_what_holds_if_it_is_unset() -> None:
    table = with_settings("")

    assert not [name for name in Settings.model_fields if f"| `{name.upper()}` |" not in table]
    assert "Undefined" not in table
    assert not [name for name, field in Settings.model_fields.items() if not field.description]
