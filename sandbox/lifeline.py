"""Runs a Python module that must not outlive the process that started it: python -P lifeline.py FD MODULE [ARGUMENT..].

FD is the reading end of a pipe whose writing end only the parent holds. However the parent ends, even killed, the pipe
closes. It also works where the kernel has no parent-death signal, and for children started from short-lived threads.
"""

import os
import runpy
import sys
import threading


def _end_with_parent(pipe: int) -> None:
    os.read(pipe, 1)
    os._exit(1)


def main() -> None:
    pipe, module = int(sys.argv[1]), sys.argv[2]
    threading.Thread(target=_end_with_parent, args=(pipe,), daemon=True).start()
    sys.argv = [module, *sys.argv[3:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
