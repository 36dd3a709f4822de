// Puts a reference such as {{step_1.output}} where the caret is.
//
//   [data-variable-picker="id"]               a button that opens the list, its search focused
//   [data-references="id"]                    a field; typing {{ in it opens the list, and what
//                                             is typed after it searches
//   [data-picker][data-insert-into="id"]      the list, and the field that it serves
//   [data-insert-text="…"]                    a row of it
//
// Arrow keys choose a row, Enter or a click inserts it, Escape closes. The focus stays in the
// field one types in. Written by the browser's own insertText, so that undo works.

import { boxAt } from "./highlight.js";
import { place } from "./place.js";

const OPEN_BRACES = /(?<!\\)\{\{([^{}\n]*)$/;
const REST_OF_REFERENCE = /^[\w.]*[ \t]*\}\}/;
const visited = new WeakSet(); // fields in which somebody has put the caret
let dismissedAt = -1;

function picker() {
  return document.querySelector("[data-picker]:not([hidden])");
}

function fieldOf(list) {
  return document.getElementById(list.dataset.insertInto);
}

function rows(list) {
  return [...list.querySelectorAll("[data-insert-text]:not([hidden])")].filter((row) => row.checkVisibility());
}

function choose(list, row) {
  for (const other of list.querySelectorAll(".active")) {
    other.classList.remove("active");
    other.setAttribute("aria-selected", "false");
  }
  row?.classList.add("active");
  row?.setAttribute("aria-selected", "true");
  row?.scrollIntoView({ block: "nearest" });
  for (const field of [list.querySelector("[data-filter]"), fieldOf(list)])
    if (row) field.setAttribute("aria-activedescendant", row.id);
    else field.removeAttribute("aria-activedescendant");
}

function search(list, text) {
  const tree = list.querySelector("[data-tree]");
  tree.dispatchEvent(new CustomEvent("filter-tree", { bubbles: true, detail: text }));
  choose(list, best(list, text));
}

// Rows above a match are shown too, but were not asked for; a name that matches beats a path.
function best(list, text) {
  const words = text.trim().toLowerCase();
  const shown = rows(list);
  const name = (row) => row.dataset.insertText.replace(/[{}]/g, "").split(".").at(-1);
  return (
    shown.find((row) => name(row).startsWith(words)) ??
    shown.find((row) => name(row).includes(words)) ??
    shown.find((row) => row.dataset.find.toLowerCase().includes(words))
  );
}

function open(list, { byTyping }) {
  list.hidden = false;
  list.classList.toggle("by-typing", byTyping);
  list.querySelector("[data-filter]").value = "";
  button(list)?.setAttribute("aria-expanded", "true");
  anchor(list);
  search(list, "");
  if (!byTyping) list.querySelector("[data-filter]").focus();
  const found = rows(list).length;
  document.getElementById("announcer").textContent =
    `${found} variable${found === 1 ? "" : "s"}. Arrow keys choose, Enter inserts, Escape closes.`;
}

function anchor(list) {
  const braces = list.classList.contains("by-typing") && typedBraces(fieldOf(list));
  if (braces) place(list, boxAt(fieldOf(list), braces.index));
  else place(list, button(list).getBoundingClientRect(), { atItsEnd: true });
}

function close(list) {
  choose(list, null);
  list.hidden = true;
  button(list)?.setAttribute("aria-expanded", "false");
}

function button(list) {
  return document.querySelector(`[data-variable-picker="${list.id}"]`);
}

function typedBraces(field) {
  const before = field.value.slice(0, field.selectionStart);
  const found = before.match(OPEN_BRACES);
  return found && field.selectionStart === field.selectionEnd ? found : null;
}

function insert(list, row) {
  const field = fieldOf(list);
  const found = typedBraces(field);
  let { selectionStart: start, selectionEnd: end } = field;
  if (found) {
    start = found.index;
    end += field.value.slice(end).match(REST_OF_REFERENCE)?.[0].length ?? 0;
  } else if (!visited.has(field)) start = end = field.value.length;
  close(list);
  field.focus();
  field.setSelectionRange(start, end);
  const text = row.dataset.insertText;
  if (!document.execCommand("insertText", false, text)) field.setRangeText(text, start, end, "end");
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-variable-picker]");
  const list = picker();
  if (opener) {
    if (list) close(list);
    else open(document.getElementById(opener.dataset.variablePicker), { byTyping: false });
    return;
  }
  const row = event.target.closest("[data-insert-text]");
  if (row && list && !event.target.closest("[data-fold]")) insert(list, row);
  else if (list && !list.contains(event.target) && event.target !== fieldOf(list)) close(list);
});

// A press on a row must not take the focus, or the field would be saved half-typed.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("[data-insert-text]")) event.preventDefault();
});

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.matches("[data-filter]") && picker()?.contains(field)) choose(picker(), best(picker(), field.value));
  if (!field.matches("[data-references]")) return;
  const list = document.getElementById(field.dataset.references);
  const found = typedBraces(field);
  if (!found) {
    dismissedAt = -1;
    if (!list.hidden) close(list);
  } else if (found.index !== dismissedAt) {
    if (list.hidden) open(list, { byTyping: true });
    search(list, found[1].trim());
  }
});

document.addEventListener("keydown", (event) => {
  const list = picker();
  if (!list || !(list.contains(event.target) || event.target === fieldOf(list))) return;
  const shown = rows(list);
  const active = list.querySelector(".active:not([hidden])");
  const here = shown.indexOf(active);
  if (event.key === "ArrowDown") choose(list, shown[(here + 1) % shown.length]);
  else if (event.key === "ArrowUp") choose(list, shown.at(here > 0 ? here - 1 : -1));
  else if (event.key === "Enter" && active && !(event.ctrlKey || event.metaKey)) insert(list, active);
  else if (event.key === "Enter" && event.target.matches("[data-filter]")) event.preventDefault();
  else if (event.key === "Escape") dismiss(list);
  else if (event.target.matches("[data-filter]") && !event.target.value && active?.hasAttribute("aria-expanded")) {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    active.dispatchEvent(new CustomEvent("fold-tree", { bubbles: true, detail: event.key === "ArrowLeft" }));
  } else return;
  event.preventDefault();
});

function dismiss(list) {
  const field = fieldOf(list);
  dismissedAt = typedBraces(field)?.index ?? -1;
  close(list);
  field.focus();
}

function follow() {
  if (picker()) anchor(picker());
}

window.addEventListener("resize", follow);
document.addEventListener(
  "scroll",
  (event) => {
    if (event.target.matches?.("[data-references]")) follow();
  },
  true,
);

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-references]")) visited.add(event.target);
  const list = picker();
  if (list && !list.contains(event.target) && event.target !== fieldOf(list) && event.target !== button(list)) close(list);
});
