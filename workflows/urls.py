from django.urls import path

from workflows.views import (
    cards,
    files,
    history,
    inputs,
    missing_values,
    people,
    runs,
    steps,
    workflows,
)

app_name = "workflows"

WORKFLOWS = "w/<slug:slug>/workflows"
WORKFLOW = f"{WORKFLOWS}/<uuid:id>"
INPUT = f"{WORKFLOW}/inputs/<uuid:input_id>"
STEP = f"{WORKFLOW}/steps/<slug:identifier>"

urlpatterns = [
    path("", people.home, name="home"),
    path("sign-in", people.sign_in, name="sign-in"),
    path("sign-in/<str:token>", people.sign_in_by_address, name="sign-in-by-address"),
    path("sign-out", people.sign_out, name="sign-out"),
    path("account", people.account, name="account"),
    path(WORKFLOWS, workflows.workflow_list, name="workflow-list"),
    path(f"{WORKFLOWS}/new", workflows.create_workflow, name="create-workflow"),
    path(f"{WORKFLOWS}/import", files.import_workflow, name="import-workflow"),
    path(WORKFLOW, workflows.open_workflow, name="open-workflow"),
    path(f"{WORKFLOW}/name", workflows.rename_workflow, name="rename-workflow"),
    path(f"{WORKFLOW}/delete", workflows.delete_workflow, name="delete-workflow"),
    path(f"{WORKFLOW}/restore", workflows.restore_workflow, name="restore-workflow"),
    path(f"{WORKFLOW}/duplicate", workflows.duplicate_workflow, name="duplicate-workflow"),
    path(f"{WORKFLOW}/export", files.export_workflow, name="export-workflow"),
    path(f"{WORKFLOW}/inputs", inputs.edit_inputs, name="edit-inputs"),
    path(f"{WORKFLOW}/inputs/new", inputs.add_input, name="add-input"),
    path(f"{WORKFLOW}/inputs/new/draw", inputs.draw_input, name="draw-new-input"),
    path(INPUT, inputs.save_input, name="save-input"),
    path(f"{INPUT}/delete", inputs.delete_input, name="delete-input"),
    path(f"{INPUT}/restore", inputs.restore_input, name="restore-input"),
    path(f"{INPUT}/up", inputs.move_input, {"by": -1}, name="move-input-up"),
    path(f"{INPUT}/down", inputs.move_input, {"by": 1}, name="move-input-down"),
    path(f"{INPUT}/draw", inputs.draw_input, name="draw-input"),
    path(
        f"{INPUT}/undo-rename/<slug:old>/<slug:new>",
        inputs.undo_rename_input,
        name="undo-rename-input",
    ),
    path(f"{WORKFLOW}/test-values", missing_values.save_test_values, name="save-test-values"),
    path(f"{WORKFLOW}/runs/<int:number>/cancel", runs.cancel_run, name="cancel-run"),
    path(f"{WORKFLOW}/steps/new", cards.add_step, name="add-step"),
    path(f"{WORKFLOW}/steps/order", cards.order_steps, name="order-steps"),
    path(f"{STEP}/settings", steps.edit_step, {"tab": "settings"}, name="step-settings"),
    path(f"{STEP}/output", steps.edit_step, {"tab": "output"}, name="step-output"),
    path(f"{STEP}/save", steps.save_step, name="save-step"),
    path(f"{STEP}/cards", cards.step_cards, name="step-cards"),
    path(f"{STEP}/move", cards.move_step, name="move-step"),
    path(f"{STEP}/duplicate", cards.duplicate_step, name="duplicate-step"),
    path(f"{STEP}/delete", cards.delete_step, name="delete-step"),
    path(f"{STEP}/restore", cards.restore_step, name="restore-step"),
    path(f"{STEP}/restore-and-save", steps.restore_and_save_step, name="restore-and-save-step"),
    path(f"{STEP}/left", steps.step_left, name="step-left"),
    path(f"{STEP}/run", runs.start_step_run, name="start-step-run"),
    path(f"{STEP}/run-workflow", runs.start_workflow_run, name="start-workflow-run"),
    path(f"{STEP}/runs", history.step_history, name="step-history"),
    path(f"{STEP}/runs/<int:number>/load", history.load_settings, name="load-settings"),
    path(f"{STEP}/runs/<int:number>/use", history.use_run, name="use-run"),
    path(f"{STEP}/use-newest-run", history.use_newest_run, name="use-newest-run"),
    path(f"{STEP}/undo-load", history.undo_load, name="undo-load"),
    path(f"{STEP}/runs/<int:number>/again", runs.start_again, name="start-again"),
    path(f"{STEP}/runs/<int:number>", runs.watch_step_run, name="watch-step-run"),
]
