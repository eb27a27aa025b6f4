"""The ways WapCRM's answers differ from one paper, channel and release to another."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Quirks:
    """How answers are written. The defaults are the document's own."""

    names: Literal["camel", "pascal"] = "camel"
    numbers: Literal["number", "text"] = "number"
    status: Literal["bool", "text"] = "bool"
    success_code: Literal["", "0", "200"] = ""
    dates: Literal["iso", "turkish"] = "iso"
    durations: Literal["seconds", "clock"] = "seconds"
    throttled_by: Literal["envelope", "http"] = "envelope"
    message_ids: Literal["given", "missing"] = "given"
    last_day: Literal["included", "left out"] = "included"

    def bent(self, value: Any) -> Any:
        """The value with its names and numbers as these quirks have them."""
        match value:
            case dict():
                return {self._name(name): self.bent(part) for name, part in value.items()}
            case list():
                return [self.bent(part) for part in value]
            case int() if self.numbers == "text" and not isinstance(value, bool):
                return str(value)
        return value

    def _name(self, name: str) -> str:
        return name[:1].upper() + name[1:] if self.names == "pascal" else name
