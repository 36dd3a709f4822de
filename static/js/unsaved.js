// Asks before a page with an edited form is left.
//
//   form[data-ask-unsaved]     a plain form that is submitted by its button
//   form[data-unsaved]         it holds edits that are not stored

function note(event) {
  event.target.closest?.("form[data-ask-unsaved]")?.setAttribute("data-unsaved", "");
}

document.addEventListener("input", note);
document.addEventListener("change", note);

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) event.target.removeAttribute("data-unsaved");
});

window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-unsaved]")) event.preventDefault();
});
