// Puts a reference such as {{step_1.output}} where the caret is.
//
//   [data-variable-picker="id"]               a button that opens the list, its search focused
//   [data-references="id"]                    a field; typing {{ in it opens the list, and what
//                                             is typed after it searches
//   [data-picker][data-insert-into="id"]      the list, and the field that it serves
//   [data-picker][data-rows="address"]        where its rows come from, anew at each opening and search
//   [data-picker] > [data-when="…"]           shown while it is loading, or after that failed
//   [data-search], [data-load-again]          the search field of the list; asks once more
//   [data-insert-text="…"][data-best]         a row of it, and the one that is chosen first
//
// Arrow keys choose a row, Enter or a click inserts it, Escape closes. The focus stays in the
// field one types in. Written by the browser's own insertText, so that undo works.

import { boxAt } from "./highlight.js";
import { place } from "./place.js";

const OPEN_BRACES = /(?<!\\)\{\{([^{}\n]*)$/;
const REST_OF_REFERENCE = /^[\w.]*[ \t]*\}\}/;
const LONG_ENOUGH = 10_000; // to wait for rows
const visited = new WeakSet(); // fields in which somebody has put the caret
let dismissedAt = -1;
let wanted = ""; // what is searched for
let isEnterDue = false; // it was pressed before the rows were there

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
  for (const field of [list.querySelector("[data-search]"), fieldOf(list)])
    if (row) field.setAttribute("aria-activedescendant", row.id);
    else field.removeAttribute("aria-activedescendant");
}

function search(list, text) {
  wanted = text.trim();
  isEnterDue = false;
  load(list);
}

/** The rows for what is searched for. What is typed while they are on their way is asked for next. */
async function load(list) {
  if (list.dataset.state === "loading") return;
  list.dataset.state = "loading";
  let asked, rows;
  do rows = await rowsFor(list, (asked = wanted));
  while (rows !== null && asked !== wanted);
  list.dataset.state = rows === null ? "failed" : "ready";
  if (list.hidden) return;
  list.querySelector("[data-tree]").innerHTML = rows ?? "";
  anchor(list);
  choose(list, list.querySelector("[data-best]"));
  announce(rows === null ? "The variables could not be loaded." : count(list));
  if (isEnterDue && list.querySelector(".active")) insert(list, list.querySelector(".active"));
}

async function rowsFor(list, words) {
  const address = `${list.dataset.rows}?q=${encodeURIComponent(words)}`;
  const answer = await fetch(address, { signal: AbortSignal.timeout(LONG_ENOUGH) }).catch(() => null);
  return answer?.ok ? answer.text().catch(() => null) : null;
}

function count(list) {
  const found = rows(list).length;
  return `${found} variable${found === 1 ? "" : "s"}. Arrow keys choose, Enter inserts, Escape closes.`;
}

function announce(text) {
  document.getElementById("announcer").textContent = text;
}

function open(list, { byTyping }) {
  list.hidden = false;
  list.classList.toggle("by-typing", byTyping);
  list.querySelector("[data-search]").value = "";
  list.querySelector("[data-tree]").replaceChildren();
  button(list)?.setAttribute("aria-expanded", "true");
  anchor(list);
  if (byTyping) return;
  list.querySelector("[data-search]").focus();
  search(list, "");
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
  else if (event.target.closest("[data-load-again]")) load(list);
  else if (list && !list.contains(event.target) && event.target !== fieldOf(list)) close(list);
});

// A press in the list must not take the focus, or the field would be saved half-typed.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("[data-picker] button")) event.preventDefault();
});

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.matches("[data-search]")) search(picker(), field.value);
  if (!field.matches("[data-references]")) return;
  const list = document.getElementById(field.dataset.references);
  const found = typedBraces(field);
  if (!found) {
    dismissedAt = -1;
    if (!list.hidden) close(list);
  } else if (found.index !== dismissedAt) {
    if (list.hidden) open(list, { byTyping: true });
    search(list, found[1]);
  }
});

document.addEventListener("keydown", (event) => {
  const list = picker();
  if (!list || !(list.contains(event.target) || event.target === fieldOf(list))) return;
  const shown = rows(list);
  const active = list.querySelector(".active:not([hidden])");
  const isLoading = list.dataset.state === "loading";
  const here = shown.indexOf(active);
  if (event.key === "ArrowDown") choose(list, shown[(here + 1) % shown.length]);
  else if (event.key === "ArrowUp") choose(list, shown.at(here > 0 ? here - 1 : -1));
  else if (event.key === "Enter" && isLoading && !(event.ctrlKey || event.metaKey)) isEnterDue = true;
  else if (event.key === "Enter" && active && !(event.ctrlKey || event.metaKey)) insert(list, active);
  else if (event.key === "Enter" && event.target.matches("[data-search]")) event.preventDefault();
  else if (event.key === "Escape") dismiss(list);
  else if (event.target.matches("[data-search]") && !event.target.value && active?.hasAttribute("aria-expanded")) {
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
