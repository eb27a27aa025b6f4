"""The ways a phone number stands in people's CRM records."""

import re

from santral.phone import notations


def spellings(number: str, country: str) -> tuple[str, ...]:
    """Return how people in `country` write an E.164 number, the usual ways first, without repetition.

    With plus, without, with 00 or the trunk 0 before it; the area in brackets; groups joined, spaced or dashed.
    """
    usual = notations(number, country)
    # The last notation is the international one, whose blanks and dashes show the groups.
    code, area, *groups = re.split(r"[ -]", usual[-1])
    spaced_in_two = " ".join([*groups[:1], "".join(groups[1:])]).strip()
    written = list(usual)
    for head in _heads(code.removeprefix("+"), area, at_home=len(usual) > _FOREIGN):
        dash = " " if head.endswith(")") or " " in head else "-"
        written += [
            head + "".join(groups),
            f"{head} {''.join(groups)}",
            f"{head} {' '.join(groups)}",
            head + dash + "-".join(groups),
            f"{head} {spaced_in_two}",
        ]
    return tuple(dict.fromkeys(spelling.strip() for spelling in written))


_FOREIGN = 3
"""So many notations a foreign number has; those of the country have the trunk forms as well."""


def _heads(code: str, area: str, *, at_home: bool) -> list[str]:
    heads = [f"+{code}{area}", f"+{code} {area}", f"+{code} ({area})", f"+{code}({area})", f"+{code}-{area}"]
    heads += [f"{prefix}{form}" for prefix in (code, f"00{code}") for form in (area, f" {area}", f" ({area})")]
    if at_home:
        heads += [f"0{area}", f"0 {area}", f"(0{area})", f"0 ({area})", f"0({area})", f"0-{area}", area, f"({area})"]
    return heads
