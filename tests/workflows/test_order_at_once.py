"""Several people who move, add, delete and restore at once, on real transactions."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from workflows import order

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*functions):
    ready = Barrier(len(functions))

    def one(function):
        try:
            ready.wait(30)
            return function()
        except order.Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(one, functions))


def test_changes_of_the_order_at_once_never_lose_a_step(workflow, step_of):
    steps = [step_of(workflow, name=f"Step {number}") for number in range(5)]
    names = [step.identifier for step in steps]
    order.delete(steps[4])
    outcomes = at_once(
        lambda: order.put_in_order(workflow, names[3::-1]),
        lambda: order.put_in_order(workflow, names[:4]),
        lambda: order.move(steps[0], 1),
        lambda: order.move(steps[3], -1),
        lambda: order.add(workflow, before="step_2"),
        lambda: order.duplicate(steps[1]),
        lambda: order.restore(steps[4]),
    )
    left = list(workflow.steps.all())
    assert {step.identifier for step in left} == {f"step_{number}" for number in range(1, 8)}
    assert sorted(step.position for step in left) == list(range(1, 8))
    refused = [str(outcome) for outcome in outcomes if isinstance(outcome, order.Refused)]
    assert set(refused) <= {order.CHANGED_MEANWHILE}
