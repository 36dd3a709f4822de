// The list of workflows: renaming in place, and what was found said aloud.
//
//   button[data-rename="…"]     opens the form with this id where the name stands
//   [data-rename-cancel]        and Escape: back to the name as it was
//   #workflows[data-announce]   spoken through #announcer when it is drawn anew

let renamed = "";

function buttonOf(form) {
  return document.querySelector(`[data-rename="${form.id}"]`);
}

function show(form, isOpen) {
  form.hidden = !isOpen;
  form.parentElement.querySelector("a").hidden = isOpen;
  buttonOf(form).setAttribute("aria-expanded", isOpen);
}

function open(form) {
  show(form, true);
  form.elements.name.select();
}

function close(form) {
  document.dispatchEvent(new CustomEvent("hide-message", { detail: { key: "rename" } }));
  form.reset();
  show(form, false);
  buttonOf(form).focus();
}

function announce(text) {
  document.getElementById("announcer").textContent = text;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-rename]");
  const form = button ? document.getElementById(button.dataset.rename) : event.target.closest(".rename");
  if (!form || (!button && !event.target.closest("[data-rename-cancel]"))) return;
  if (button && form.hidden) open(form);
  else close(form);
});

document.addEventListener("keydown", (event) => {
  const form = event.key === "Escape" && event.target.closest(".rename");
  if (form) close(form);
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr } = event.detail;
  if (!elt.matches(".rename")) return;
  if (xhr.status === 204) renamed = elt.id;
  const detail = { key: "rename", kind: "error", text: xhr.responseText };
  document.dispatchEvent(new CustomEvent(xhr.status === 422 ? "show-message" : "hide-message", { detail }));
  if (xhr.status !== 422) return;
  elt.elements.name.focus();
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "workflows") return;
  announce(renamed ? "Renamed." : document.getElementById("workflows").dataset.announce);
  if (!renamed) return;
  const button = document.querySelector(`[data-rename="${renamed}"]`);
  (button ?? document.getElementById("search"))?.focus();
  renamed = "";
});
