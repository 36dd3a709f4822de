"""The side of the tests: a zygote, and the children that it forks."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Child:
    number: int
    owner: str
    """As it calls itself in its leases."""

    def signal(self, which):
        os.kill(self.number, which)

    def is_gone(self):
        """Only of one that nobody waits for."""
        return not Path(f"/proc/{self.number}").exists()


class Zygote:
    def __init__(self, environment, log):
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.kills.zygote"],
                cwd=REPOSITORY,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self.log = log

    def play(self, name, **asked):
        """The process that plays it."""
        self.say(json.dumps({"play": name, **asked}))
        number, owner = self.hear("begun").split()
        return Child(int(number), owner)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self, word):
        """What follows the word, which must be the next that is said."""
        line = self.process.stdout.readline()
        said, _, rest = line.strip().partition(" ")
        assert said == word, f"{word} was expected, not {line!r}: {self.log.read_text()[-3000:]}"
        return rest

    def stop(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


def environment_of(folder, **more):
    """Of processes of ours: no key, and no service of this machine."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "fetchhive.settings",
        "FETCHHIVE_DATA": str(folder),
        "SPOOL_BALLAST_BYTES": "0",
        "UNSENT_PAUSE_SECONDS": "0",
        **more,
    }
