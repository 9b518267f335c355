"""What a deployer sets: config.yml under `rahnuma:`, and above it the environment (RAHNUMA_TELEGRAM__TOKEN …).

Frozen and typed; an unknown key or a wrong value ends the start with one clear line. Knows nothing of the rest.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

CONFIG = Path("config.yml")
SECTION = "rahnuma"
PREFIX = "RAHNUMA_"
SHORTEST_SECRET = 32
STATES = ["BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"]
"""The states of Germany, as in ISO 3166-2:DE."""


class SettingsInvalid(Exception):
    """The settings cannot be used; the text is one line for whoever starts the bot."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Webhook(_Part):
    """Where Telegram sends updates (`url`, https), where we listen (`listen`, host:port), and the shared secret."""

    url: str = ""
    listen: str = "127.0.0.1:8443"
    secret: str = ""


class Telegram(_Part):
    """The bot's token and the address before `/bot<token>` of a Bot API server."""

    token: str = ""
    api_url: str = "https://api.telegram.org"
    webhook: Webhook = Webhook()

    @model_validator(mode="after")
    def _webhook_has_secret(self) -> Telegram:
        if self.webhook.url and len(self.webhook.secret) < 16:
            raise ValueError(
                "telegram.webhook.secret must have at least 16 characters when webhook.url is set"
            )
        return self


class Database(_Part):
    """SQLAlchemy address of the offers; personal records live beside it (second file, second schema)."""

    url: str = "sqlite:///var/rahnuma.db"

    def beside(self, name: Literal["records", "news"]) -> str:
        """The address of personal data: a SQLite file of its own; on PostgreSQL a schema of the same database."""
        if self.url.startswith("sqlite:///"):
            path = Path(self.url.removeprefix("sqlite:///"))
            return f"sqlite:///{path.with_name(f'{path.stem}-{name}{path.suffix}')}"
        separator = "&" if "?" in self.url else "?"
        return f"{self.url}{separator}options=-csearch_path%3D{name}"


class Redis(_Part):
    """Address of a Redis server; empty: everything in this process."""

    url: str = ""


class Operator(_Part):
    """Who runs the bot: required as soon as a token is set."""

    name: str = ""
    contact: str = ""
    privacy_url: str = ""


class Retention(_Part):
    """How long things are kept."""

    conversation_hours: int = Field(default=24, ge=1, le=24)  # SAFETY §3: at most 24


class Announcements(_Part):
    """How fast announcements go, all senders together, and how many of one sender may be on their way at once."""

    per_second: float = Field(default=25, gt=0, le=1000)  # Telegram: about 30 in all
    in_flight: int = Field(default=8, ge=1, le=1000)
    four_eyes: bool = False


class Settings(BaseSettings):
    """All settings of one bot."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    telegram: Telegram = Telegram()
    database: Database = Database()
    redis: Redis = Redis()
    secret_key: str = ""
    old_secret_keys: tuple[str, ...] = ()
    secret_key_file: Path = Path("secret.key")
    operator: Operator = Operator()
    city: str = "Wiesbaden"
    time_zone: str = "Europe/Berlin"
    holidays: str = "HE"
    languages: tuple[str, ...] = (
        *("ar", "prs", "kmr", "fa", "ckb", "ps", "ur", "tr"),
        *("uk", "ru", "ti", "am", "so", "fr", "de", "en"),
    )
    main_languages: tuple[str, ...] = ("ar", "prs", "kmr", "de", "en")
    retention: Retention = Retention()
    announcements: Announcements = Announcements()
    port: int = Field(default=8080, ge=0, le=65535)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (env_settings, init_settings)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError) as error:
            raise ValueError(f"{value!r} is no time zone of the tz database") from error
        return value

    @field_validator("holidays")
    @classmethod
    def _known_state(cls, value: str) -> str:
        if value not in STATES:
            raise ValueError(f"must be one of {' '.join(STATES)}")
        return value

    @field_validator("secret_key", "old_secret_keys")
    @classmethod
    def _long_secret(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        given = (value,) if isinstance(value, str) else value
        if any(secret and len(secret) < SHORTEST_SECRET for secret in given):
            raise ValueError(f"must have at least {SHORTEST_SECRET} characters")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Settings:
        if self.telegram.token:
            missing = [
                name for name in ("name", "contact", "privacy_url") if not getattr(self.operator, name)
            ]
            if missing:
                names = ", ".join(f"operator.{name}" for name in missing)
                raise ValueError(
                    f"{names} must be set when telegram.token is set: people must know who runs the bot"
                )
        if strangers := set(self.main_languages) - set(self.languages):
            raise ValueError(f"main_languages has {', '.join(sorted(strangers))}, which is not in languages")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def master_secrets(self) -> tuple[bytes, ...]:
        """The secrets that all keys are derived from, the newest first: from the settings, else from a file.

        The file is made at the first start, readable by its owner only, one secret a line; it lies outside the data
        folder that is backed up.
        """
        if self.secret_key:
            return tuple(secret.encode() for secret in (self.secret_key, *self.old_secret_keys))
        try:
            return tuple(self.secret_key_file.read_bytes().split())
        except FileNotFoundError:
            self.secret_key_file.parent.mkdir(parents=True, exist_ok=True)
            return (_new_secret(self.secret_key_file),)

    def rotate_secret_file(self) -> None:
        """Puts a new secret before those of the file, at once or not at all."""
        known = self.master_secrets()
        fresh = self.secret_key_file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        _new_secret(fresh, known)
        fresh.replace(self.secret_key_file)


def _new_secret(path: Path, older: tuple[bytes, ...] = ()) -> bytes:
    secret = secrets.token_hex(32).encode()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(b"\n".join((secret, *older)))
    return secret


def load(path: Path = CONFIG) -> Settings:
    """The settings from this file and the environment. Raises SettingsInvalid with one clear line."""
    try:
        section = (
            (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get(SECTION) or {}
            if path.exists()
            else {}
        )
    except (yaml.YAMLError, AttributeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"{path} cannot be read: {' '.join(str(error).split())}") from error
    if unknown := _unknown_variables():
        raise SettingsInvalid(f"environment: {unknown} is not a setting of Rahnuma")
    try:
        return Settings(**section)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        what = "is not a setting of Rahnuma" if first["type"] == "extra_forbidden" else first["msg"]
        raise SettingsInvalid(
            f"{where + ': ' if where else ''}{what.removeprefix('Value error, ')}"
        ) from error
    except ValueError as error:
        raise SettingsInvalid(" ".join(str(error).split())) from error


def _unknown_variables() -> str:
    """The first RAHNUMA_… variable that names no setting (pydantic-settings passes over those in silence)."""
    for name in sorted(os.environ):
        if not name.startswith(PREFIX):
            continue
        model: Any = Settings
        for part in name.removeprefix(PREFIX).lower().split("__"):
            field = model.model_fields.get(part) if hasattr(model, "model_fields") else None
            if field is None:
                return name
            model = field.annotation
    return ""
