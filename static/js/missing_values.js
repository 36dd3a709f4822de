// Asks for the values that a refused Run misses, and presses Run again.
//
//   dialog[data-missing-values]   comes with the refusal; opened here
//   [data-cancel]                 closes it, like Escape: the focus goes back to Run
//   [data-not-sent]               shown when the values could not be stored
//   values-given                  event of the server: they are stored

let pressed; // the id of the button that asked for the run

function dialog() {
  return document.querySelector("dialog[data-missing-values]");
}

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const button = detail.requestConfig?.elt;
  if (detail.xhr?.status === 422 && button?.matches("button[data-run]") && dialog() && !dialog().open) {
    pressed = button.id;
    dialog().showModal();
  }
  if (detail.xhr?.status === 422 && button?.id === "missing-values-form")
    dialog()?.querySelector("[aria-invalid=true]")?.focus();
});

// Capturing: the event does not bubble.
document.addEventListener(
  "close",
  (event) => {
    if (event.target === dialog()) document.getElementById(pressed)?.focus();
  },
  true,
);

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-missing-values] [data-cancel]")) dialog().close();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("[data-missing-values] form");
  if (form && !event.repeat) form.requestSubmit();
});

document.addEventListener("values-given", () => {
  dialog()?.close();
  document.dispatchEvent(new CustomEvent("press-anew")); // however fast the answers were typed
  document.getElementById(pressed)?.click();
});

function tellNotSent({ detail }) {
  const sentence = detail.elt.querySelector?.("[data-not-sent]");
  if (sentence) sentence.hidden = false;
}

document.addEventListener("htmx:sendError", tellNotSent);
document.addEventListener("htmx:responseError", tellNotSent);
