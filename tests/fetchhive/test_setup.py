import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
OLD = "#!/bin/sh\nexit 1\n"
WITHOUT_VENV = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\n'


@pytest.fixture
def machine(tmp_path):
    """A machine that has only the tools a system always has, and the given Pythons."""
    (tmp_path / "path").mkdir()
    for tool in ("sh", "dirname", "cksum", "cat", "rm", "mkdir"):
        (tmp_path / "path" / tool).symlink_to(shutil.which(tool))
    (tmp_path / "bin").mkdir()
    shutil.copy(REPOSITORY / "bin" / "setup", tmp_path / "bin" / "setup")
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "requirements-dev.txt").write_text("more\n")

    def set_up(**pythons):
        for name, text in pythons.items():
            path = tmp_path / "path" / name.replace("_", ".")
            path.write_text(text)
            path.chmod(0o755)
        return subprocess.run(
            [tmp_path / "bin" / "setup", "requirements.txt"],
            env={"PATH": str(tmp_path / "path")}, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    return set_up


@pytest.mark.processes
def test_no_python_is_one_sentence(machine):
    ended = machine(python3=OLD)

    assert ended.returncode == 1
    assert ended.stderr.startswith("Fetch Hive needs Python 3.11 or newer")
    assert ended.stderr.count("\n") == 1


@pytest.mark.processes
def test_a_python_without_venv_is_one_sentence_that_names_the_package(machine):
    ended = machine(python3=OLD, python3_12=WITHOUT_VENV)

    assert ended.returncode == 1
    assert ended.stderr == (
        "Python's venv is missing; on Debian or Ubuntu: apt install python3.12-venv\n"
    )


@pytest.mark.processes
def test_what_is_installed_already_is_left_alone(machine, tmp_path):
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    os.symlink(shutil.which("true"), tmp_path / ".venv" / "bin" / "python")
    checksum = subprocess.check_output(["cksum"], input=b"", text=False).decode().strip()
    (tmp_path / ".venv" / ".installed").write_text(f"requirements.txt {checksum}\n")

    ended = machine()

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
