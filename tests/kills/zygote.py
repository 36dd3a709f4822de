"""A process that has imported the program and forks children of it, each of which begins at once:
`python -m tests.kills.zygote`. Reads what to play, a JSON line per child.

A play that is watched talks through the pipes of this process, one at a time. Others write to logs.
"""

import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

from fetchhive.children import PR_SET_PDEATHSIG

Play = dict[str, Any]


def main() -> None:
    django.setup()
    from tests.kills import plays

    assert "imagegen.attempts.leases" not in sys.modules  # or all would have one name
    for line in sys.stdin:
        asked = json.loads(line)
        play = getattr(plays, asked["play"])
        if "log" in asked:
            _fork_unwatched(play, asked)
        else:
            _fork_watched(play, asked)


def _fork_watched(play: Callable[[Play], None], asked: Play) -> None:
    child = _fork(play, asked)
    _, status = os.waitpid(child, 0)
    print("ended", os.waitstatus_to_exitcode(status), flush=True)


def _fork_unwatched(play: Callable[[Play], None], asked: Play) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they end
    _fork(play, asked)


def _fork(play: Callable[[Play], None], asked: Play) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if sys.platform.startswith("linux"):  # none outlives the zygote
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        from imagegen.attempts.leases import WORKER  # its name, made by this import

        print("begun", os.getpid(), WORKER, flush=True)
        if "log" in asked:
            _write_to(asked["log"])
        play(asked)
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _write_to(path: str) -> None:
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)


if __name__ == "__main__":
    main()
