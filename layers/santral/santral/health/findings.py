"""What looking at one part tells: how well it is, in a sentence, and what to do about it."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from santral.errors import CredentialsRefused, NotConfigured, OutsideFailure, SantralError, Unanswered, Unreachable
from santral.sentences import Language, Sentence, say, told
from santral.telemetry import logger


class Level(StrEnum):
    """How well a part is. A warning works today; what nobody can tell is a warning too, and never ok."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class Check(BaseModel):
    """One part: how well it is, in a sentence, and what to do when it is not. `ok` is false for what failed alone."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    name: str
    ok: bool
    level: Level
    sentence: str
    fix: str | None = None


@dataclass(frozen=True)
class Finding:
    """What one look has found, before it is told in somebody's language."""

    sentence: Sentence
    level: Level = Level.OK
    fix: Sentence | None = None


def warning(sentence: Sentence, *, fix: Sentence | None = None) -> Finding:
    """Return a finding that should be looked into."""
    return Finding(sentence, Level.WARNING, fix)


def failed(sentence: Sentence, *, fix: Sentence | None = None) -> Finding:
    """Return a finding that has to be mended."""
    return Finding(sentence, Level.FAILED, fix)


@dataclass(frozen=True)
class Look:
    """One part to look at. Where the part it `needs` has failed there is nothing to see, and nothing is said.

    `system` is who is asked, and `needs` names a part of the same one.
    """

    name: str
    find: Callable[[], Finding]
    needs: str = ""
    system: str = "aws"


def checks(looks: Iterable[Look], language: Language) -> Iterator[Check]:
    """Look at every part and tell about each, in their order, in a language. No look takes another down.

    Systems are looked at side by side, so that one which hangs holds no other up; the parts of one in turn.
    """
    looks = list(looks)
    systems = dict.fromkeys(look.system for look in looks)
    with ThreadPoolExecutor(max(1, len(systems))) as side_by_side:
        found = {
            system: side_by_side.submit(_in_turn, [look for look in looks if look.system == system])
            for system in systems
        }
        for look in looks:
            finding = found[look.system].result().get(look.name)
            if finding is not None:
                yield _told(look.name, finding, language)


def _in_turn(looks: Iterable[Look]) -> dict[str, Finding]:
    findings: dict[str, Finding] = {}
    unseen: set[str] = set()
    for look in looks:
        if look.needs in unseen:
            unseen.add(look.name)
            continue
        findings[look.name] = _found(look)
        if findings[look.name].level is Level.FAILED:
            unseen.add(look.name)
    return findings


def _told(name: str, finding: Finding, language: Language) -> Check:
    return Check(
        name=name,
        ok=finding.level is not Level.FAILED,
        level=finding.level,
        sentence=told(finding.sentence, language),
        fix=told(finding.fix, language),
    )


def _found(look: Look) -> Finding:
    try:
        return look.find()
    except SantralError as error:
        return failed(error.sentence, fix=_fix(look.name, error))
    except Exception as error:  # noqa: BLE001 (whatever it was, it says something of this part and nothing of the others)
        logger.exception("look failed", look=look.name)
        kind = type(error).__name__
        return failed(
            say("Looking at {name} failed on our side ({kind}).", name=look.name, kind=kind),
            fix=say("If AWS refuses, give whoever looks the right to; else report it with the log of this look."),
        )


def _fix(name: str, error: SantralError) -> Sentence:
    system = error.system if isinstance(error, OutsideFailure) and error.system else name
    if isinstance(error, NotConfigured | CredentialsRefused):
        return say(
            "Check the keys in the secret {name}; docs/secrets.md lists them. A change counts within five minutes.",
            name=system,
        )
    if isinstance(error, Unreachable | Unanswered):
        return say(
            "Check the address in the secret {name} and whether {name} has trouble of its own; then look again.",
            name=system,
        )
    return say("Look for {code} in the log of this function at the time of this request.", code=error.code)
