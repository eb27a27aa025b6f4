"""The base of every action's input."""

from pydantic import BaseModel, ConfigDict


class Input(BaseModel):
    """What an action is asked: filled from path, query and body. What it does not know it refuses."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, str_max_length=4096)


class Nothing(Input):
    """The input of an action that takes none."""
