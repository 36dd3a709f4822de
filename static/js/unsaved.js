// Asks before a page with an edited form is left.
//
//   form[data-ask-unsaved]     a form that is submitted by its button, plainly or by htmx
//   form[data-unsaved]         it holds edits that are not stored
//   [autofocus]                what is to be mended first, when htmx brings a refusal

function note(event) {
  event.target.closest?.("form[data-ask-unsaved]")?.setAttribute("data-unsaved", "");
}

document.addEventListener("input", note);
document.addEventListener("change", note);

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) event.target.removeAttribute("data-unsaved");
});

// What is typed while it is on its way is unsaved again.
document.addEventListener("htmx:beforeSend", ({ detail }) => {
  if (detail.elt.matches("form[data-ask-unsaved]")) detail.elt.dataset.unsaved = "sent";
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.elt;
  if (!form.matches("form[data-ask-unsaved]")) return;
  if (!detail.successful) form.dataset.unsaved = "";
  else if (form.dataset.unsaved === "sent") delete form.dataset.unsaved;
});

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if ([409, 422].includes(detail.xhr.status)) detail.target.querySelector("[autofocus]")?.focus();
});

window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-unsaved]")) event.preventDefault();
});
