// Says whether what is on the screen is stored, and stores it.
//
//   [data-saved]            "Saved", "Saving…" or "Not saved"
//   [data-saves-itself]     a form or field that htmx posts on change
//   [data-saves-while-typing]  a field that is posted when typing pauses
//   [data-keep-mine]        posts the form again, over the newer version
//   [data-discard]          leaves without being asked

const PAUSE = 800;
const RETRY = 5000;
const WORDS = { good: "Saved", saving: "Saving…", bad: "Not saved" };
let typing;
let retry;

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

function isSave(event) {
  return event.detail.requestConfig?.verb === "post" && event.detail.elt.closest("[data-saves-itself]");
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
  const { status, responseText } = event.detail.xhr;
  const isStored = status >= 200 && status < 300;
  say(isStored ? "good" : "bad");
  if (isStored) {
    document.dispatchEvent(new CustomEvent("hide-message", { detail: { key: "saving" } }));
  } else if (status === 0 || status >= 500) {
    tell("Not saved: the server did not answer. What you typed is still here and will be saved as soon as it answers.");
    retry = setTimeout(save, RETRY);
  } else if (event.detail.elt.matches("input") && status === 422) {
    tell(responseText);
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keep-mine]")) save();
  if (event.target.closest("[data-discard]")) say("good");
});

window.addEventListener("online", () => {
  if (document.querySelector("[data-saved][data-state=bad]")) save();
});

window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("[data-saved][data-state=bad]")) event.preventDefault();
});
