"""Settings: one frozen object, read once from the environment by whoever starts the program."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from rapidfuzz import fuzz, process
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from addressbook.errors import SettingError

PREFIX = "ADDRESSBOOK_"
DIVISION_LENGTHS = {2, 4, 6, 9, 12}
_ISSUER = re.compile(r"(https://[^\s/?#]+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?)(/[^\s?#]*)?")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")
ROOT_HOME = Path("/var/lib/addressbook")


class Settings(BaseSettings):
    """Everything that can be set. Each field is the environment variable of its name with ADDRESSBOOK_ in front.

    Secrets (the database password) are shown in no repr, str or log.
    """

    # The environment is read by read_settings alone: a Settings made in a test must not depend on who runs the test.
    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    database_url: SecretStr | None = Field(
        default=None, description="SQLAlchemy or libpq URL of a PostGIS to use; without it a private one is run in home"
    )
    home: Path = Field(default_factory=lambda: default_home(os.environ), description="directory in which data lives")
    key_file: Path = Field(
        default_factory=lambda data: data["home"] / "secret.key",
        description="file with the secret that encrypts personal columns; made at first use",
    )
    secret: SecretStr | None = Field(
        default=None, description="the secret itself in place of a file: keys in base64, with commas between them"
    )
    tables: Path = Field(
        default_factory=lambda data: data["home"] / "tables",
        description="folder with cost tables of your own, as addressbook train writes them",
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="address the service listens on")
    port: int = Field(default=8000, ge=1, le=65535, description="port the service listens on")
    workers: int = Field(
        default=1, ge=1, le=64, description="so many processes serve, each with connections of its own"
    )
    division: str | None = Field(default=None, description="division code of texts that name none, e.g. 330109")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field(
        default="INFO", description="least level to log"
    )
    webhook_worker: bool = Field(default=True, description="whether the service delivers what subscribers wait for")
    webhook_http: bool = Field(default=False, description="whether webhooks may go to http, not only to https")
    webhook_networks: str = Field(
        default="", description="networks that are not public and webhooks may go to, e.g. 10.20.0.0/16,192.168.1.7"
    )
    webhook_dead_after_hours: float = Field(
        default=96, gt=0, le=24 * 366, description="age at which what does not arrive becomes a dead letter"
    )
    key_requests_per_second: float = Field(
        default=1000, gt=0, le=1_000_000, description="so many requests of one key are answered in a second"
    )
    oidc_issuer: str | None = Field(
        default=None,
        description="OpenID Connect issuer whose bearer tokens are good here, e.g. https://id.example/realms/city",
    )
    oidc_audience: str = Field(default="addressbook", min_length=1, description="audience its tokens must be for")
    oidc_role_claim: str = Field(default="addressbook_role", min_length=1, description="claim that names the role")
    oidc_areas_claim: str = Field(
        default="addressbook_areas",
        min_length=1,
        description="claim that lists the division codes a reader is bound to",
    )
    cors_origins: str = Field(
        default="",
        description="origins of pages that may ask the service, e.g. https://map.example,https://gis.example",
    )
    telemetry_url: str | None = Field(
        default=None,
        description="where traces go: the URL of an OTLP/HTTP collector, e.g. http://127.0.0.1:4318/v1/traces",
    )
    changes_years: int | None = Field(
        default=None, ge=1, le=100, description="so many years the change feed reaches back; for ever where absent"
    )
    audit_years: int = Field(default=3, ge=3, le=100, description="so many years the access log is kept")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        *_others: PydanticBaseSettingsSource,
        **_named: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what the caller passes counts."""
        return (init_settings,)

    @field_validator("home", "key_file", "tables")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        # The server process runs in another directory, so a relative path would mean two places.
        try:
            return Path.cwd() / path.expanduser()
        except RuntimeError:
            raise ValueError("there is no such user's home directory") from None

    @field_validator("database_url")
    @classmethod
    def _psycopg_url(cls, url: SecretStr | None) -> SecretStr | None:
        return None if url is None else SecretStr(psycopg_url(url.get_secret_value()))

    @field_validator("division")
    @classmethod
    def _division_code(cls, code: str | None) -> str | None:
        if code is not None and not (code.isascii() and code.isdigit() and len(code) in DIVISION_LENGTHS):
            raise ValueError("a division code has 2, 4, 6, 9 or 12 digits")
        return code

    @field_validator("webhook_networks")
    @classmethod
    def _networks(cls, words: str) -> str:
        for word in filter(None, words.replace(" ", "").split(",")):
            try:
                ip_network(word)
            except ValueError:
                raise ValueError("networks are written 10.20.0.0/16, with commas between them") from None
        return words.replace(" ", "")

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, url: str | None) -> str | None:
        # Keys fetched in the clear could be anybody's; only this very machine is trusted so.
        if url is not None and not _ISSUER.fullmatch(url):
            raise ValueError("an issuer's URL is written https://id.example/realms/city")
        return url

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, words: str) -> str:
        found = words.replace(" ", "")
        for word in filter(None, found.split(",")):
            if not _ORIGIN.fullmatch(word):
                raise ValueError("origins are written https://map.example, with commas between them")
        return found

    @field_validator("telemetry_url")
    @classmethod
    def _collector(cls, url: str | None) -> str | None:
        if url is not None and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", url):
            raise ValueError("a collector's URL is written http://127.0.0.1:4318/v1/traces")
        return url

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, level: Any) -> Any:
        return level.upper() if isinstance(level, str) else level


def psycopg_url(url: str) -> str:
    """The URL in the form SQLAlchemy needs, `postgresql+psycopg://…`, from any usual spelling.

    >>> psycopg_url("postgres://reader@db.example/addressbook")
    'postgresql+psycopg://reader@db.example/addressbook'

    Raises ValueError, without repeating the URL, when it is none of PostgreSQL's.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError("not a database URL; write postgresql://user:password@host:5432/database") from None
    if parsed.drivername not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise ValueError(
            "only PostgreSQL with PostGIS is supported; write postgresql://user:password@host:5432/database"
        )
    return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def default_home(environ: Mapping[str, str]) -> Path:
    """Where data lives when nobody says: /var/lib/addressbook for root, else the user's XDG data directory."""
    if os.geteuid() == 0:
        return ROOT_HOME
    user_data = environ.get("XDG_DATA_HOME") or Path(environ.get("HOME") or Path.home(), ".local", "share")
    return Path(user_data) / "addressbook"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in `environ`; empty variables count as absent.

    Raises SettingError that lists every fault at once; a variable nobody knows is a fault and names the nearest known.
    """
    given = {name.removeprefix(PREFIX): text.strip() for name, text in environ.items() if name.startswith(PREFIX)}
    known = {name for name in given if name.isupper() and name.lower() in Settings.model_fields}
    faults = [_unknown(name) for name in sorted(given.keys() - known)]
    values: dict[str, Any] = {"home": default_home(environ)}
    values |= {name.lower(): given[name] for name in known if given[name]}
    try:
        settings = Settings(**values)
    except ValidationError as error:
        # A default that depends on a faulty value is not a fault of its own.
        faults += [_fault(e) for e in error.errors() if e["type"] != "default_factory_not_called"]
        raise _all_faults(faults) from None
    if faults:
        raise _all_faults(faults)
    return settings


def _fault(error: ErrorDetails) -> tuple[str, str]:
    variable = _variable(error["loc"][0])
    return f"{variable}: {error['msg'].removeprefix('Value error, ')}.", f"{variable} 的值无效。"


def _variable(field: object) -> str:
    return f"{PREFIX}{field}".upper()


def _unknown(name: str) -> tuple[str, str]:
    known = _variable(process.extractOne(name.lower(), list(Settings.model_fields), scorer=fuzz.ratio)[0])
    given = f"{PREFIX}{name}"
    return f"{given} is not a setting; did you mean {known}?", f"没有 {given} 这个设置，是否应为 {known}？"


def _all_faults(faults: list[tuple[str, str]]) -> SettingError:
    known = ", ".join(_variable(field) for field in Settings.model_fields)
    return SettingError(
        "\n".join(en for en, _ in faults), zh="\n".join(zh for _, zh in faults), remedy=f"Known settings: {known}."
    )
