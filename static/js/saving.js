// Says whether what is on the screen is stored, and stores it.
//
//   [data-saved]            "Saved", "Saving…" or "Not saved"
//   [data-saves-itself]     a form or field that htmx posts on change, or a button that posts the form
//   [data-refused]          what is in it was refused, and is not stored
//   [data-saves-while-typing]  a field that is posted when typing pauses
//   [data-keep-mine="…"]    posts the form again, over this newer version; nothing else does
//   [data-discard]          leaves without being asked
//   save-now                event of other files
//
// Who leaves while a save is due or on its way is not asked: it is sent along. Who leaves after the
// server refused it is asked.

const PAUSE = 800;
const RETRY = 5000;
const WORDS = { good: "Saved", saving: "Saving…", bad: "Not saved" };
let typing;
let retry;
let isRefused = false;
let isSentAlong = false;
let overVersion = "";

function say(state) {
  const place = document.querySelector("[data-saved]");
  if (!place || place.dataset.state === state) return;
  place.dataset.state = state;
  place.textContent = WORDS[state];
}

function tell(text) {
  const detail = { key: "saving", kind: "error", text };
  document.dispatchEvent(new CustomEvent("show-message", { detail }));
}

function save() {
  const form = document.querySelector("form[data-saves-itself]");
  form?.dispatchEvent(new Event("change", { bubbles: true }));
}

function again(elt) {
  if (elt.isConnected && !elt.matches("button")) elt.dispatchEvent(new Event("change", { bubbles: true }));
  else save();
}

function isSave(event) {
  return event.detail.requestConfig?.verb === "post" && event.detail.elt.closest("[data-saves-itself]");
}

// A Run that is refused has stored the form all the same, and says so.
function hasStored(xhr) {
  return (xhr.status >= 200 && xhr.status < 300) || (xhr.getResponseHeader("HX-Trigger") ?? "").includes("step-saved");
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-saves-while-typing]")) return;
  say("saving");
  clearTimeout(typing);
  typing = setTimeout(save, PAUSE);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!isSave(event)) return;
  clearTimeout(typing);
  clearTimeout(retry);
  say("saving");
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (!isSave(event)) return;
  const { elt, requestConfig, xhr } = event.detail;
  const { status, responseText } = xhr;
  isRefused = !hasStored(xhr) || Boolean(document.querySelector("[data-refused]"));
  say(isRefused ? "bad" : "good");
  if (!isRefused) {
    if (elt.matches("input")) elt.dataset.escapeReverts = requestConfig.parameters[elt.name];
    document.dispatchEvent(new CustomEvent("hide-message", { detail: { key: "saving" } }));
  } else if (status === 0 || status >= 500) {
    const isRun = elt.matches("[data-run]") ? " Nothing was run: press Run again then." : "";
    tell(`Not saved: the server did not answer. What you typed is still here and will be saved as soon as it answers.${isRun}`);
    retry = setTimeout(again, RETRY, elt);
  } else if (elt.matches("input") && status === 422) {
    tell(responseText);
  }
});

document.addEventListener("save-now", save);

// Not in the form's own field: an answer that is on its way would draw the older version there.
document.addEventListener("htmx:configRequest", (event) => {
  if (!overVersion || !event.detail.elt.matches("form[data-saves-itself]")) return;
  event.detail.parameters.version = overVersion;
  overVersion = "";
});

document.addEventListener("click", (event) => {
  overVersion = event.target.closest("[data-keep-mine]")?.dataset.keepMine ?? overVersion;
  if (event.target.closest("[data-keep-mine]")) save();
  if (!event.target.closest("[data-discard]")) return;
  isRefused = false;
  say("good");
});

// What was typed or chosen before this script was there. Once htmx listens, too.
window.addEventListener("load", () => {
  const fields = document.querySelectorAll("form[data-saves-itself] :is(textarea, input:not([type=hidden]))");
  const isChanged = (field) =>
    field.type === "radio" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
  if ([...fields].some(isChanged)) save();
});

window.addEventListener("online", () => {
  if (isRefused) save();
});

window.addEventListener("beforeunload", (event) => {
  if (isRefused) event.preventDefault();
});

window.addEventListener("pagehide", () => {
  const form = document.querySelector("form[data-saves-itself]");
  if (isRefused || !form || !document.querySelector("[data-saved][data-state=saving]")) return;
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  fetch(form.getAttribute("hx-post"), { method: "post", body: new FormData(form), headers, keepalive: true });
  isSentAlong = true;
});

// Back may bring the page as it was left, which is not what is stored now.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && isSentAlong) location.reload();
});
