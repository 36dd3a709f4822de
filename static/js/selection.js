// Choosing among many: a box for all, a count, and buttons that need a choice.
//
//   form[data-selection]        what is chosen among, with a [data-select] box for each
//   [data-select-all]           chooses all or none; [data-select-all-shown] is shown, as it needs scripts
//   [data-selected-count]       says how many are chosen; spoken through #announcer
//   [data-needs-selection]      cannot be pressed while nothing is chosen
//
// Shift and a click choose everything since the last box that was clicked.

let last = null;

function boxesOf(form) {
  return [...form.querySelectorAll("[data-select]")];
}

function draw(form) {
  const boxes = boxesOf(form);
  const chosen = boxes.filter((box) => box.checked).length;
  const all = form.querySelector("[data-select-all]");
  if (!all) return "";
  all.checked = chosen === boxes.length;
  all.indeterminate = chosen > 0 && chosen < boxes.length;
  form.querySelector("[data-select-all-shown]").hidden = false;
  for (const button of form.querySelectorAll("[data-needs-selection]")) button.disabled = !chosen;
  const text = chosen ? `${chosen} of ${boxes.length} chosen` : "";
  form.querySelector("[data-selected-count]").textContent = text;
  return text || "None chosen";
}

function drawAll() {
  for (const form of document.querySelectorAll("[data-selection]")) draw(form);
}

function chooseUpTo(box) {
  const boxes = boxesOf(box.form);
  const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
  if (from >= 0) for (const each of boxes.slice(from, to + 1)) each.checked = box.checked;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-select]");
  if (!box) return;
  if (event.shiftKey) chooseUpTo(box);
  last = box;
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-selection]");
  if (!form) return;
  if (event.target.matches("[data-select-all]")) for (const box of boxesOf(form)) box.checked = event.target.checked;
  document.getElementById("announcer").textContent = draw(form);
});

document.addEventListener("htmx:afterSettle", drawAll);
window.addEventListener("pageshow", drawAll);
drawAll();
