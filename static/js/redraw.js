// What a redraw by htmx (a morph) must leave alone:
//
//   any form control   what was typed or chosen since the request left, and the text being typed
//   <details>          whether a person opened it
//   [data-keep-open]   the whole element, while it is shown
//   dialog[open]       the whole element
//   [data-refused]     the whole element, until the answer to its own request [data-answered] comes
//   [data-unsaved]     whether a form holds edits that are not stored (unsaved.js)
//
// And when what had the focus is gone or hidden afterwards (Cancel, Run), the focus goes to the main part, not astray.
//
// The markup never carries a style attribute; one that is there is a person's (a resized field).

const touched = new Set();

function note(event) {
  if (event.target.name) touched.add(event.target.name);
}

// Capturing, so that a change is noted before htmx sends it and the list is emptied.
document.addEventListener("input", note, true);
document.addEventListener("change", note, true);
document.addEventListener("htmx:beforeSend", (event) => {
  if (event.detail.elt.closest("[data-saves-itself]")) touched.clear();
});

function isTyped(field) {
  return field.matches("textarea, input:not([type=radio], [type=checkbox], [type=range], [type=hidden])");
}

function carryOver(field, fresh) {
  if (field.matches("[type=radio], [type=checkbox]")) fresh.defaultChecked = field.checked;
  else if (field.matches("select"))
    for (const option of fresh.options) option.defaultSelected = option.value === field.value;
  else fresh.defaultValue = field.value;
}

Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) => {
  if (!(old instanceof Element)) return true;
  if (old.matches("dialog[open], [data-keep-open]:not([hidden])")) return false;
  if (old.matches("[data-refused]") && !fresh.matches("[data-answered]")) return false;
  if (!old.matches("input:not([type=hidden]), textarea, select")) return true;
  const isBeingTyped = old === document.activeElement && isTyped(old);
  if (isBeingTyped || touched.has(old.name)) carryOver(old, fresh);
  return true;
};

Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) =>
  !(
    name === "style" ||
    name === "aria-activedescendant" ||
    name === "data-unsaved" ||
    (name === "open" && element.matches("details"))
  );

// Several redraws may be under way: what had the focus is known by the one that touches it.
const focused = new WeakMap();

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.contains(document.activeElement)) focused.set(detail.xhr, document.activeElement);
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const element = focused.get(detail.xhr);
  focused.delete(detail.xhr);
  // What was hidden keeps the focus until the next frame.
  const isAstray = [document.body, element].includes(document.activeElement);
  if (element && isAstray && (!element.isConnected || !element.checkVisibility()))
    document.querySelector("main").focus({ preventScroll: true });
});
