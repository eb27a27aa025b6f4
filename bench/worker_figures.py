"""What the kernel tells of a pool's processes."""

import os
from pathlib import Path

from sandbox.runtime import Pool


def cpu_seconds(pool: Pool) -> float:
    """What the processes have used so far, user and system."""
    return sum(process_cpu_seconds(process_id) for process_id in pool.process_ids())


def process_cpu_seconds(process_id: int) -> float:
    """What one process has used so far, user and system."""
    # The second field, the name in brackets, may hold blanks.
    fields = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pool: Pool) -> int:
    """What the processes hold in memory now."""
    pages = (
        int(Path(f"/proc/{process_id}/statm").read_text(encoding="utf-8").split()[1])
        for process_id in pool.process_ids()
    )
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")
