"""The matrix of faults is complete: 40 of providers and 24 of our own parts, and where each is
tried."""

import ast

from tests.imagegen.attempts.provider_faults import (
    BY_NUMBER,
    MODELS,
    OF_ONE,
    SHAPES,
    tried_markers,
)

HERE = "tests/imagegen/attempts/"
OURS = f"{HERE}test_faults_of_our_own.py::"
# Where each is tried. There is no process between worker and provider: what would befall one
# befalls the worker.
OF_OUR_OWN = {
    "F41 broker down at the click": [
        f"{HERE}test_broker_down.py::test_a_run_that_is_pressed_while_the_broker_is_down_is_queued_and_found",
        f"{HERE}test_broker_down.py::test_a_broker_that_refuses_keeps_no_click_waiting",
    ],
    "F42 broker wiped": [
        f"{OURS}test_runs_whose_messages_are_gone_or_come_twice_are_sent_once",
        f"{HERE}test_recovery.py::test_a_run_that_lost_its_wake_up_is_found_by_the_sweep",
    ],
    "F43 PostgreSQL restarts": [
        f"{OURS}test_when_the_database_ends_every_connection_work_goes_on_with_new_ones",
        "tests/fetchhive/test_health.py::test_a_database_that_is_down_makes_it_unready_and_is_not_named",
        f"{HERE}test_recovery.py::test_a_lease_that_ran_out_while_the_database_was_away_is_taken_up_again",
    ],
    "F44 SQLite locked": [f"{OURS}test_a_database_that_another_process_locks_is_waited_for"],
    "F45 database lost between received and stored": [
        f"{OURS}test_an_answer_whose_image_the_database_did_not_take_is_stored_later",
        f"{HERE}test_recovery.py::test_an_answer_that_arrived_completely_is_never_lost",
    ],
    "F46 disk full before the call": [
        f"{HERE}test_ballast.py::test_without_room_for_a_ballast_nothing_is_asked_for"
    ],
    "F47 disk full after the call": [
        f"{HERE}test_ballast.py::test_a_run_whose_answer_finds_the_disk_full_loses_nothing",
        f"{HERE}test_saving.py::test_it_is_stored_by_itself_as_soon_as_that_works",
    ],
    "F48 bucket in trouble": [
        "tests/imagegen/assets/test_bucket_faults.py::test_what_passes_by_itself_is_tried_again_at_once",
        "tests/imagegen/assets/test_bucket_faults.py::test_a_bucket_that_refuses_us_is_an_error_and_no_missing_file",
        f"{HERE}test_saving.py::test_the_page_says_that_it_is_paid_and_when_it_is_tried_again",
    ],
    "F49 object missing": [
        "tests/imagegen/assets/test_files.py::test_a_missing_file_is_said_with_an_id_for_support",
        "tests/imagegen/assets/test_bucket.py::test_a_missing_object_is_said_by_us_with_an_id_for_support_and_logged",
    ],
    "F50 worker killed": [
        "tests/journeys/test_killed_workers.py::test_a_worker_killed_while_the_provider_works_shows_outcome_unknown_within_25_seconds"
    ],
    "F51 worker and its parent killed": [
        "tests/journeys/test_killed_workers.py::test_a_worker_killed_after_the_last_byte_arrived_loses_nothing"
    ],
    "F52 sender killed": [
        f"{HERE}test_recovery.py::test_a_worker_that_died_after_bytes_left_leaves_an_unknown_outcome"
    ],
    "F53 asked to end with requests open": [
        "tests/fetchhive/test_supervisor.py::test_open_requests_are_named_and_waited_for",
        f"{HERE}test_claims.py::test_a_worker_that_is_asked_to_end_takes_up_nothing_more",
    ],
    "F54 web killed during a click": [
        f"{OURS}test_a_click_that_breaks_off_leaves_nothing_and_can_be_repeated"
    ],
    "F55 browser closed": [
        f"{OURS}test_a_run_that_nobody_watches_goes_on_and_is_there_on_return",
        "tests/journeys/test_main_job.py::test_a_reload_in_the_middle_finds_the_truth",
    ],
    "F56 pressed twice": [
        "tests/imagegen/test_races.py::test_twenty_identical_posts_start_one_run",
        "tests/journeys/test_main_job.py::test_a_double_click_is_one_run",
        f"{OURS}test_two_tabs_that_press_run_are_two_runs_and_each_of_them_one",
    ],
    "F57 two tabs edit": [
        "tests/workflows/test_editor.py::test_a_second_tab_never_overwrites_silently"
    ],
    "F58 step edited while it runs": [
        f"{OURS}test_a_step_that_is_edited_while_it_runs_runs_as_it_was_pressed"
    ],
    "F59 workflow deleted while it runs": [
        f"{OURS}test_a_workflow_that_is_deleted_while_it_runs_keeps_run_charge_and_images"
    ],
    "F60 asset deleted that a later step needs": [
        "tests/imagegen/test_deleted_images.py::test_a_step_that_needs_an_image_which_was_deleted_fails_before_money"
    ],
    "F61 key replaced or revoked": [
        "tests/imagegen/provider_keys/test_personal_runs.py::test_a_key_that_is_replaced_while_a_run_waits_is_the_one_that_is_used",
        "tests/imagegen/provider_keys/test_personal_runs.py::test_a_key_that_is_revoked_while_a_run_waits_ends_it_before_anything_is_sent",
    ],
    "F62 membership removed": [
        f"{HERE}test_life_of_a_run.py::test_a_run_of_somebody_who_was_removed_while_it_waited_is_not_sent"
    ],
    "F63 clock off": [
        f"{HERE}test_wrong_clocks.py::test_a_worker_with_a_wrong_clock_sends_once_and_pays_once",
        f"{HERE}test_wrong_clocks.py::test_a_lease_is_neither_shorter_nor_longer_by_the_clock_of_a_worker",
    ],
    "F64 frozen longer than the lease": [
        f"{HERE}test_recovery.py::test_a_frozen_worker_cannot_write_when_it_wakes",
        f"{HERE}test_recovery.py::test_a_worker_that_was_taken_for_dead_stores_no_image",
    ],
}


def functions_of(file):
    return {each.name for each in ast.parse(file.read_text()).body if hasattr(each, "name")}


def test_every_fault_of_our_own_has_a_test_that_exists(repository):
    assert [name.split()[0] for name in OF_OUR_OWN] == [f"F{number}" for number in range(41, 65)]
    for places in OF_OUR_OWN.values():
        for file, name in (place.split("::") for place in places):
            assert name in functions_of(repository / file), f"{file}::{name}"


def test_every_fault_of_a_provider_is_tried_and_every_marker_has_a_number():
    assert set(BY_NUMBER) == {f"F{number}" for number in range(1, 41)}
    for provider in MODELS:
        tried, named = tried_markers(provider), set()
        for number, cases_of_it in BY_NUMBER.items():
            found = {marker for name in cases_of_it for marker in tried if is_named(marker, name)}
            is_function = any(name.startswith("test_") for name in cases_of_it)
            assert found or is_function or provider not in OF_ONE.get(number, MODELS), number
            named |= found
        assert {marker for marker in tried - named if marker not in SHAPES} == set(), provider


def test_every_test_that_a_fault_of_a_provider_is_said_to_have_exists(repository):
    names = {name for those in BY_NUMBER.values() for name in those if name.startswith("test_")}
    assert names <= functions_of(repository / HERE / "test_faults.py")


def is_named(marker, name):
    return marker == name or marker.startswith((f"{name} ", f"{name}="))
