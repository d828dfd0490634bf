"""The settings: read once, all faults at once, no secret shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from addressbook.config import Settings, default_home, read_settings
from addressbook.errors import SettingError

PASSWORD = "open-sesame"


def test_an_empty_environment_is_enough() -> None:
    settings = read_settings({"HOME": "/home/clerk"})
    assert (settings.host, settings.port, settings.division, settings.database_url) == ("127.0.0.1", 8000, None, None)
    assert settings.key_file == settings.home / "secret.key"


def test_data_lives_where_the_user_may_write() -> None:
    if os.geteuid() == 0:
        assert default_home({}) == Path("/var/lib/addressbook")
    else:
        assert default_home({"HOME": "/home/clerk"}) == Path("/home/clerk/.local/share/addressbook")
        assert default_home({"XDG_DATA_HOME": "/data"}) == Path("/data/addressbook")


def test_every_setting_is_read() -> None:
    environ = {
        "ADDRESSBOOK_DATABASE_URL": "postgres://reader@db.example/addressbook",
        "ADDRESSBOOK_HOME": "/srv/addressbook",
        "ADDRESSBOOK_KEY_FILE": "/etc/addressbook.key",
        "ADDRESSBOOK_SECRET": "c2VjcmV0",
        "ADDRESSBOOK_TABLES": "/etc/addressbook-tables",
        "ADDRESSBOOK_HOST": "0.0.0.0",  # noqa: S104
        "ADDRESSBOOK_PORT": " 8080 ",
        "ADDRESSBOOK_DIVISION": "330109",
        "ADDRESSBOOK_LOG_LEVEL": "debug",
        "ADDRESSBOOK_WEBHOOK_WORKER": "false",
        "ADDRESSBOOK_WEBHOOK_HTTP": "true",
        "ADDRESSBOOK_WEBHOOK_NETWORKS": "10.20.0.0/16, 192.168.1.7",
        "ADDRESSBOOK_WEBHOOK_DEAD_AFTER_HOURS": "72",
        "ADDRESSBOOK_KEY_REQUESTS_PER_SECOND": "2.5",
        "ADDRESSBOOK_OIDC_ISSUER": "https://id.example/realms/city",
        "ADDRESSBOOK_OIDC_AUDIENCE": "registry",
        "ADDRESSBOOK_OIDC_ROLE_CLAIM": "role",
        "ADDRESSBOOK_OIDC_AREAS_CLAIM": "areas",
        "ADDRESSBOOK_CORS_ORIGINS": "https://map.example, http://127.0.0.1:3000",
        "ADDRESSBOOK_TELEMETRY_URL": "http://127.0.0.1:4318/v1/traces",
        "ADDRESSBOOK_WORKERS": "3",
        "ADDRESSBOOK_AUDIT_YEARS": "5",
        "ADDRESSBOOK_CHANGES_YEARS": "2",
    }
    assert {name.removeprefix("ADDRESSBOOK_").lower() for name in environ} == set(Settings.model_fields)
    settings = read_settings(environ)
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql+psycopg://reader@db.example/addressbook"
    assert (settings.home, settings.key_file) == (Path("/srv/addressbook"), Path("/etc/addressbook.key"))
    assert (settings.port, settings.division, settings.log_level) == (8080, "330109", "DEBUG")
    assert (settings.webhook_worker, settings.webhook_http) == (False, True)
    assert (settings.webhook_networks, settings.webhook_dead_after_hours) == ("10.20.0.0/16,192.168.1.7", 72.0)
    assert (settings.key_requests_per_second, settings.audit_years, settings.workers) == (2.5, 5, 3)
    assert settings.changes_years == 2
    assert settings.oidc_issuer == "https://id.example/realms/city"
    assert (settings.oidc_audience, settings.oidc_role_claim, settings.oidc_areas_claim) == (
        "registry",
        "role",
        "areas",
    )
    assert settings.cors_origins == "https://map.example,http://127.0.0.1:3000"
    assert settings.telemetry_url == "http://127.0.0.1:4318/v1/traces"


def test_networks_that_are_none_are_refused() -> None:
    with pytest.raises(SettingError, match="WEBHOOK_NETWORKS"):
        read_settings({"ADDRESSBOOK_WEBHOOK_NETWORKS": "10.20.0.1/16"})


def test_an_empty_variable_counts_as_absent() -> None:
    assert read_settings({"ADDRESSBOOK_PORT": "", "ADDRESSBOOK_DATABASE_URL": " "}) == read_settings({})


@pytest.mark.parametrize(
    ("unknown", "nearest"),
    [
        ("ADDRESSBOOK_HOEM", "ADDRESSBOOK_HOME"),
        ("ADDRESSBOOK_DATABASE", "ADDRESSBOOK_DATABASE_URL"),
        ("ADDRESSBOOK_LOGLEVEL", "ADDRESSBOOK_LOG_LEVEL"),
        ("ADDRESSBOOK_port", "ADDRESSBOOK_PORT"),
        ("ADDRESSBOOK_", "ADDRESSBOOK_"),
    ],
)
def test_an_unknown_variable_is_an_error_that_names_the_nearest(unknown: str, nearest: str) -> None:
    with pytest.raises(SettingError, match=f"{unknown} is not a setting; did you mean {nearest}"):
        read_settings({unknown: "x"})


def test_other_programs_variables_are_none_of_our_business() -> None:
    assert read_settings({"ADDRESSBOOKS": "x", "PORT": "1"}) == read_settings({})


def test_all_faults_are_told_at_once_and_each_once() -> None:
    with pytest.raises(SettingError) as caught:
        read_settings(
            {
                "ADDRESSBOOK_HOEM": "x",
                "ADDRESSBOOK_HOME": "~nobody-of-that-name/x",
                "ADDRESSBOOK_PORT": "70000",
                "ADDRESSBOOK_DIVISION": "33010",
                "ADDRESSBOOK_LOG_LEVEL": "loud",
            }
        )
    faulty = [line.split(":")[0].split(" ")[0] for line in caught.value.en.splitlines()]
    assert sorted(faulty) == sorted(f"ADDRESSBOOK_{name}" for name in ("HOEM", "HOME", "PORT", "DIVISION", "LOG_LEVEL"))
    assert len(caught.value.zh.splitlines()) == 5


@pytest.mark.parametrize(
    "url", [f"mysql://clerk:{PASSWORD}@db/x", f"postgresql://clerk:{PASSWORD}@db:port/x", f"://{PASSWORD}", PASSWORD]
)
def test_a_wrong_database_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(SettingError) as caught:
        read_settings({"ADDRESSBOOK_DATABASE_URL": url})
    assert PASSWORD not in f"{caught.value!r} {caught.value} {caught.value.zh} {caught.value.__context__}"


def test_a_password_is_in_no_repr() -> None:
    settings = read_settings({"ADDRESSBOOK_DATABASE_URL": f"postgresql://clerk:{PASSWORD}@db/x"})
    assert PASSWORD not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read_settings({}).port = 1


def test_settings_made_in_code_do_not_read_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ADDRESSBOOK_PORT", "9999")
    settings = Settings(home=tmp_path)
    assert settings.port == 8000
    assert settings.key_file == tmp_path / "secret.key"
