"""One of many processes that take holds on one wallet:
`python -m tests.imagegen.billing.hold_many WORKSPACE WAY FILE`, with the ids of its parts in FILE.

Waits for a line, then prints how many it got. WAY is `wallet`, or `read_then_write` for the variant
that is wrong and has to be caught.
"""

import sys
from pathlib import Path
from uuid import UUID

import django

MICRO = 100


def held(workspace: UUID, part: UUID) -> bool:
    from imagegen.billing import wallet

    return wallet.hold(workspace, {part: MICRO}, simulated=False)


def held_by_reading_first(workspace: UUID, part: UUID) -> bool:
    """Wrong: what was read may be old when it is written."""
    from imagegen.billing.models import Wallet

    purse = Wallet.objects.get(workspace=workspace, simulated=False)
    if purse.available < MICRO:
        return False
    Wallet.objects.filter(pk=purse.pk).update(held=purse.held + MICRO)
    return True


WAYS = {"wallet": held, "read_then_write": held_by_reading_first}


def main() -> None:
    django.setup()
    workspace, way, file = UUID(sys.argv[1]), WAYS[sys.argv[2]], Path(sys.argv[3])
    parts = [UUID(line) for line in file.read_text().split()]
    print("ready", flush=True)
    sys.stdin.readline()  # all begin together
    print(sum(way(workspace, part) for part in parts))


if __name__ == "__main__":
    main()
