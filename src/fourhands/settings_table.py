"""Every setting as a row for people: `fourhands settings` and the table in `docs/operations.md` come from here."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from fourhands.cluster_settings import ClusterSettings
from fourhands.settings import Settings
from fourhands.store.sql.postgres_url import without_password

PREFIX = "FOURHANDS_"
SECRETS = {"secret_key", "encryption_keys", "piston_token", "api_tokens", "oidc_client_secret", "metrics_token", "sentry_dsn"}


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting: the names it has in the environment (first choice first), its value as text, and what it does."""

    names: tuple[str, ...]
    value: str
    default: str
    description: str

    @property
    def name(self) -> str:
        """The name in the environment that goes first."""
        return self.names[0]

    @property
    def is_default(self) -> bool:
        return self.value == self.default


def _names(field: str, info: FieldInfo) -> tuple[str, ...]:
    alias = info.validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(str(choice) for choice in alias.choices)
    return (PREFIX + field.upper(),)


def _as_text(value: object) -> str:
    """A value as it would be written into the environment; a home directory as `~`."""
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case tuple():
            return ",".join(str(part) for part in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case Path() if value.is_relative_to(Path.home()):
            return f"~/{value.relative_to(Path.home()).as_posix()}"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def setting_rows(settings: Settings | None = None) -> list[SettingRow]:
    """All settings in the order they are written down; without `settings`, `value` is the default. Secrets are hidden."""
    rows: list[SettingRow] = []
    own = [field for field in Settings.model_fields if field not in ClusterSettings.model_fields]
    for field in (*own, *ClusterSettings.model_fields):
        info = Settings.model_fields[field]
        default: object = info.get_default(call_default_factory=True, validated_data={})
        value: object = default if settings is None else getattr(settings, field)
        shown = "(set)" if field in SECRETS and value else without_password(_as_text(value))
        rows.append(SettingRow(_names(field, info), shown, _as_text(default), info.description or ""))
    return rows


def as_markdown() -> str:
    """The table of `docs/operations.md`."""
    lines = ["| setting | default | what it does |", "|---|---|---|"]
    for row in setting_rows():
        names = " or ".join(f"`{name}`" for name in row.names)
        lines.append(f"| {names} | {f'`{row.default}`' if row.default else '–'} | {row.description} |")
    return "\n".join(lines)
