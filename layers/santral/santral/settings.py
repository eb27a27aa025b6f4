"""What the stack tells its functions: the template's parameters and resource names, read from the environment."""

import os
from datetime import datetime, time
from functools import cache
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from santral.sentences import Language

Country = Literal["TR", "AZ"]
UnknownCaller = Literal["lead", "unlinked", "skip"]


class Settings(BaseModel):
    """One tenant's settings. Each field is the environment variable of the same name in capitals."""

    model_config = ConfigDict(frozen=True)

    tenant: str
    table_name: str
    bucket_name: str
    events_queue_url: str
    recordings_queue_url: str
    events_dlq_url: str = ""
    recordings_dlq_url: str = ""
    providers: tuple[str, ...] = ()
    telephony_provider: str
    country: Country
    time_zone: ZoneInfo
    language: Language
    unknown_caller: UnknownCaller
    missed_call_task: bool = False
    missed_call_task_due_hours: int = Field(default=6, ge=0)
    missed_call_task_owner: str = ""
    wap_crm_calls: bool = False
    campaign_calls_logged: bool = False
    log_calls_from: datetime | None = None
    retention_days: int = Field(gt=0)
    permalink_days: int = Field(gt=0)
    public_url: str = ""
    dials_per_user_hour: int = Field(gt=0)
    dials_per_day: int = Field(gt=0)
    messages_per_user_hour: int = Field(gt=0)
    messages_per_day: int = Field(gt=0)
    allowed_destinations: tuple[str, ...] = ()
    denied_destinations: tuple[str, ...] = ()
    commercial_hours: tuple[time, time]

    @field_validator("providers", "allowed_destinations", "denied_destinations", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(name for name in value.split(",") if name) if isinstance(value, str) else value

    @field_validator("commercial_hours", mode="before")
    @classmethod
    def _begin_and_end(cls, value: object) -> object:
        return tuple(value.split("-")) if isinstance(value, str) else value

    @field_validator("time_zone", mode="before")
    @classmethod
    def _zone(cls, value: object) -> object:
        return ZoneInfo(value) if isinstance(value, str) else value

    @field_validator("log_calls_from", mode="before")
    @classmethod
    def _optional(cls, value: object) -> object:
        return value or None

    @classmethod
    def from_environment(cls) -> Self:
        """Read the settings; raises pydantic's ValidationError naming every variable that is missing or wrong."""
        return cls.model_validate(
            {name: os.environ[name.upper()] for name in cls.model_fields if name.upper() in os.environ}
        )


@cache
def settings() -> Settings:
    """Return this function's settings, read once per container."""
    return Settings.from_environment()
