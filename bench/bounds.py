"""How a benchmark tells which of its bounds were kept."""

from collections.abc import Mapping

Bounds = Mapping[str, tuple[str, bool]]
"""By the bound's own words: what was measured, and whether that keeps it."""


def exit_status(bounds: Bounds) -> int:
    """Print the bounds; return 1 when one is broken."""
    print()
    for bound, (measured, kept) in bounds.items():
        print(f"{'kept  ' if kept else 'BROKEN'} {bound}: {measured}")
    return 0 if all(kept for _, kept in bounds.values()) else 1
