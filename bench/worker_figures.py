"""What the kernel tells of a pool's processes."""

import os
from pathlib import Path

from sandbox.runtime import Pool


def cpu_seconds(pool: Pool) -> float:
    """What the processes have used so far, user and system."""
    ticks = 0
    for process_id in pool.process_ids():
        # The second field, the name in brackets, may hold blanks.
        fields = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_bytes(pool: Pool) -> int:
    """What the processes hold in memory now."""
    pages = (
        int(Path(f"/proc/{process_id}/statm").read_text(encoding="utf-8").split()[1])
        for process_id in pool.process_ids()
    )
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")
