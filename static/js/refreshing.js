// Keeps what goes on up to date.
//
//   [data-refresh]   asks by its own hx-trigger; not while nobody looks, and at once on return

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches("[data-refresh]") && document.hidden) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const place of document.querySelectorAll("[data-refresh]")) place.dispatchEvent(new Event("look-now"));
});
