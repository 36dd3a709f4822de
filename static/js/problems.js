// A Run that is refused shows why: the first problem or note comes into view, its field is focused.
//
//   [data-run]          a button that runs what is on the screen
//   [data-problem]      a sentence in the way
//   [data-field]        what holds it, with the field that it is about

document.addEventListener("htmx:afterSettle", (event) => {
  const { requestConfig, xhr } = event.detail;
  if (xhr?.status !== 422 || !requestConfig.elt.matches("button[data-run]")) return;
  const problem = document.querySelector("#settings [data-problem]");
  if (!problem) return;
  const field = problem.closest("[data-field]");
  const control = field?.querySelector("[aria-invalid=true], :checked, input:enabled, textarea");
  (control ?? problem).focus({ preventScroll: true });
  (field ?? problem).scrollIntoView({ block: "center" });
});
