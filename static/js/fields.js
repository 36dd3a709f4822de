// Small helps for fields.
//
//   [data-step-by][data-step-field]   a button that adds to a number field, within its limits
//   [data-choose="id"][data-value]    a button that makes a choice in a field, as a person would
//   [data-value-of="id"]              shows the value of a range while it moves
//   [data-counter-for="id"]           counts the characters of a field against [data-limit]
//   [data-escape-reverts="…"]         Escape brings back this, what is stored; Enter stores at once
//   form[data-saves-itself]           Enter in a field submits nothing; Ctrl+Enter presses Run

function count(counter) {
  const field = document.getElementById(counter.dataset.counterFor);
  const length = [...field.value].length;
  const limit = Number(counter.dataset.limit);
  counter.textContent = `${length.toLocaleString("en")} / ${limit.toLocaleString("en")}`;
  counter.toggleAttribute("data-over", length > limit);
}

function countAll() {
  document.querySelectorAll("[data-counter-for]").forEach(count);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step-by]");
  if (!button) return;
  const field = document.getElementById(button.dataset.stepField);
  const wanted = (Number(field.value) || 0) + Number(button.dataset.stepBy);
  const value = String(Math.min(Number(field.max), Math.max(Number(field.min), wanted)));
  if (value === field.value) return;
  field.value = value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-choose]");
  if (!button) return;
  const field = document.getElementById(button.dataset.choose);
  field.value = button.dataset.value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  field.focus();
});

document.addEventListener("input", (event) => {
  const { id } = event.target;
  if (!id) return;
  const shown = document.querySelector(`[data-value-of="${CSS.escape(id)}"]`);
  if (shown) shown.textContent = event.target.value;
  document.querySelectorAll(`[data-counter-for="${CSS.escape(id)}"]`).forEach(count);
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (field.matches?.("[data-escape-reverts]")) {
    const isReverted = event.key === "Escape" && field.value !== field.dataset.escapeReverts;
    if (isReverted) field.value = field.dataset.escapeReverts;
    if (event.key === "Enter") event.preventDefault();
    if (isReverted || event.key === "Enter") {
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field.closest?.("[data-saves-itself]")) {
    event.preventDefault();
    if (!event.repeat) document.getElementById("run-button")?.click();
  }
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-saves-itself]")) event.preventDefault();
});

document.addEventListener("htmx:afterSettle", countAll);
countAll();
