// What is in the way of a run: the field comes into view and gets the focus.
//
//   [data-run]          a button that runs what is on the screen; a refusal shows the first problem
//   [data-problem]      a sentence in the way
//   [data-field]        what holds it, with the field that it is about
//   a[data-jump="id"]   goes to what holds a field; from another page, the address does

// The first of these that there is.
const CONTROLS = ["[aria-invalid=true]", ":checked", "textarea", "select", "input:enabled:not([type=hidden])"];

function bringIntoView(place) {
  const control = CONTROLS.map((each) => place.querySelector(each)).find((each) => each);
  (control ?? place).focus({ preventScroll: true });
  place.scrollIntoView({ block: "center" });
}

document.addEventListener("htmx:afterSettle", (event) => {
  const { requestConfig, xhr } = event.detail;
  if (xhr?.status !== 422 || !requestConfig.elt.matches("button[data-run]")) return;
  const problem = document.querySelector("#settings [data-problem]");
  if (problem) bringIntoView(problem.closest("[data-field]") ?? problem);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-jump]");
  const place = link && document.getElementById(link.dataset.jump);
  if (!place) return;
  link.closest("details")?.removeAttribute("open");
  bringIntoView(place);
});

// After the browser's own jump to the fragment, which takes the focus away.
window.addEventListener("load", () => {
  const place = /^#field-\w+$/.test(location.hash) && document.querySelector(location.hash);
  if (place) requestAnimationFrame(() => bringIntoView(place));
});
