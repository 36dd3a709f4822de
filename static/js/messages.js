// Messages over the page: what went wrong on the way to the server is never silent.
//
//   #messages-floating, template#message     where they appear, and how one looks
//   [data-dismiss]                           takes away the message it is in
//   show-message {key, kind, text}           events of other files; one message per key
//   hide-message {key}

const UNREACHABLE = "The server could not be reached. Nothing was lost; it will be saved with the next change.";
const OUT_OF_TOUCH = "The server does not answer. The run goes on; this page catches up by itself.";

function hide(key) {
  document.querySelector(`#messages-floating [data-key="${key}"]`)?.remove();
}

function show({ key, kind, text }) {
  const place = document.getElementById("messages-floating");
  if (place.querySelector(`[data-key="${key}"] span`)?.textContent === text) return;
  hide(key);
  const message = document.getElementById("message").content.cloneNode(true).firstElementChild;
  message.classList.add(kind);
  message.dataset.key = key;
  message.querySelector("span").textContent = text;
  place.append(message);
}

function keyOf(event) {
  if (event.detail.elt.matches("[data-watch]")) return "watching";
  return event.detail.elt.closest("[data-saves-itself]") ? "saving" : "request";
}

document.addEventListener("show-message", (event) => show(event.detail));
document.addEventListener("hide-message", (event) => hide(event.detail.key));

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest(".message").remove();
});

document.addEventListener("htmx:sendError", (event) => {
  const key = keyOf(event);
  if (key !== "saving") show({ key, kind: "error", text: key === "watching" ? OUT_OF_TOUCH : UNREACHABLE });
});

document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  const key = keyOf(event);
  if (status === 401 || (key === "saving" && status >= 500)) return; // goes to the sign-in page; told by saving.js
  const texts = {
    403: "You may not do this. Ask an owner of the workspace to make you an Editor.",
    404: "This is no longer here; it may have been deleted. Load the page again to see what is.",
  };
  show({ key, kind: "error", text: texts[status] ?? "Something went wrong on our side. It was logged; try again." });
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.xhr.status && event.detail.xhr.status < 400) {
    hide(keyOf(event));
    hide("request");
  }
});
