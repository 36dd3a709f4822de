// Shows which references of a field are good, behind its text and as it is typed. The field stays a
// plain textarea; the backdrop has the same text, unseen, laid out just like the field's own, and the
// references are highlighted in it (CSS Custom Highlight API), which moves no letter.
//
//   textarea[data-highlight="id"]   the field, and its backdrop
//   [data-known="…"]                on the field: what references may name, see references.js
//   [data-broken-in="id"]           a button: how many references are broken; goes to the next one

import { look, pieces } from "./references.js";

const LOOKS = ["value", "no-value", "broken"];
let known = { text: "" };

function fields() {
  return [...document.querySelectorAll("textarea[data-highlight]")];
}

function backdropOf(field) {
  return document.getElementById(field.dataset.highlight);
}

function knownTo(field) {
  const text = field.dataset.known;
  if (known.text !== text) known = { text, names: JSON.parse(text) };
  return known.names;
}

/** The references of a field, in order: where they are, and how they look. */
function referencesOf(field) {
  const names = knownTo(field);
  let end = 0;
  return pieces(field.value)
    .map((piece) => ({ look: look(piece, names), start: end, end: (end += piece.text.length) }))
    .filter((piece) => piece.look !== "text");
}

function line(text) {
  const element = document.createElement("div");
  element.textContent = text;
  return element;
}

/** The backdrop's text, after it was made that of the field: a node per line, each with its line feed.
 * Only lines that differ are touched, so that the browser lays out only those. */
function mirror(field) {
  const backdrop = backdropOf(field);
  const fresh = field.value.split("\n").map((text) => `${text}\n`);
  const old = [...backdrop.children];
  const isSame = (element, text) => element.firstChild.data === text;
  const shorter = Math.min(old.length, fresh.length);
  let head = 0;
  while (head < shorter && isSame(old[head], fresh[head])) head++;
  let tail = 0;
  while (tail < shorter - head && isSame(old.at(-1 - tail), fresh.at(-1 - tail))) tail++;
  const before = old[old.length - tail] ?? null;
  const gone = old.slice(head, old.length - tail);
  for (const text of fresh.slice(head, fresh.length - tail)) {
    const kept = gone.shift();
    if (kept) kept.firstChild.data = text;
    else backdrop.insertBefore(line(text), before);
  }
  for (const element of gone) element.remove();
  return [...backdrop.children].map((element) => element.firstChild);
}

/** Turns growing offsets in the text of these nodes into a node and an offset in it. */
function finder(nodes) {
  let [index, start] = [0, 0];
  return (offset) => {
    while (offset - start > nodes[index].length) start += nodes[index++].length;
    return [nodes[index], offset - start];
  };
}

function rangeOf({ start, end }, find) {
  const [startContainer, startOffset] = find(start);
  const [endContainer, endOffset] = find(end);
  return new StaticRange({ startContainer, startOffset, endContainer, endOffset });
}

function draw() {
  const ranges = { value: [], "no-value": [], broken: [] };
  for (const field of fields()) {
    const find = finder(mirror(field));
    const found = referencesOf(field);
    for (const reference of found) ranges[reference.look].push(rangeOf(reference, find));
    count(field, found.filter(({ look }) => look === "broken").length);
  }
  if (!CSS.highlights) return;
  for (const look of LOOKS) CSS.highlights.set(`reference-${look}`, new Highlight(...ranges[look]));
}

function count(field, broken) {
  const button = document.querySelector(`[data-broken-in="${field.id}"]`);
  button.hidden = !broken;
  button.textContent = `${broken} broken reference${broken === 1 ? "" : "s"}`;
}

function drawAnew() {
  draw();
  for (const field of fields()) backdropOf(field).scrollTop = field.scrollTop;
}

function goToBroken(field) {
  const broken = referencesOf(field).filter(({ look }) => look === "broken");
  const isSelected = ({ start, end }) => field.selectionStart === start && field.selectionEnd === end;
  const next = broken[(broken.findIndex(isSelected) + 1) % broken.length];
  field.focus();
  field.setSelectionRange(next.start, next.end);
  const down = boxAt(field, next.start).top - field.getBoundingClientRect().top;
  if (down < 0 || down > field.clientHeight - 30) field.scrollTop += down - field.clientHeight / 3;
}

/** Where a character of the field is on the screen. */
export function boxAt(field, offset) {
  const find = finder(mirror(field));
  const range = document.createRange();
  range.setStart(...find(offset));
  range.setEnd(...find(offset + 1));
  return range.getClientRects()[0] ?? field.getBoundingClientRect();
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-highlight]")) draw();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-broken-in]");
  if (button) goToBroken(document.getElementById(button.dataset.brokenIn));
});

document.addEventListener(
  "scroll",
  ({ target }) => {
    if (target.matches?.("[data-highlight]")) backdropOf(target).scrollTop = target.scrollTop;
  },
  true,
);

document.addEventListener("htmx:afterSettle", drawAnew);
window.addEventListener("pageshow", drawAnew);
drawAnew();
