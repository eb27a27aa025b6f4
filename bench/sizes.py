"""make bench ONLY=sizes: how large what is deployed is; exit 1 when a layer is larger than it may be.

Sizes are those of the unpacked files, which Lambda limits to 250 MB for a function with its layers.
"""

import sys
from pathlib import Path

from bench.bounds import exit_status
from bench.cold import BUILD

MIB = 1024 * 1024
MOST = {"DependenciesLayer": 40, "SantralLayer": 1, "AudioLayer": 5}


def main(build: Path = BUILD) -> int:
    return report({folder.name: size(folder) for folder in sorted(build.iterdir()) if folder.is_dir()})


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def report(sizes: dict[str, int]) -> int:
    functions = [bytes_ for name, bytes_ in sizes.items() if name not in MOST]
    print(f"{'':22}{'MB':>8}")
    for name in MOST:
        print(f"{name:22}{sizes[name] / MIB:8.2f}")
    print(f"{'a function, at most':22}{max(functions) / MIB:8.2f}")
    return exit_status(
        {
            f"{name}: at most {most} MB": (f"{sizes[name] / MIB:.2f} MB", sizes[name] <= most * MIB)
            for name, most in MOST.items()
        }
    )


if __name__ == "__main__":
    sys.exit(main())
