// Messages over the page: what went wrong on the way to the server is never silent.
//
//   #messages-floating, template#message     where they appear, and how one looks; [role=status] has
//                                            what came with the page, and then the rest, too
//   template[id]                             a message with links in it, by its id
//   [data-goes]                              a message that goes after ten seconds, unless somebody is at it
//   [data-dismiss]                           takes away the message it is in
//   show-message {key, kind, text, template} events of other files; one message per key
//   hide-message {key}

const TEN_SECONDS = 10_000;
const UNREACHABLE = "The server could not be reached. Nothing was lost; it will be saved with the next change.";
const OUT_OF_TOUCH = "The server does not answer. The run goes on; this page catches up by itself.";

function hide(key) {
  document.querySelector(`.messages.floating [data-key="${key}"]`)?.remove();
}

function show({ key, kind, text, template = "message" }) {
  const place = document.querySelector(".messages.floating:not(:empty)") ?? document.getElementById("messages-floating");
  const message = document.getElementById(template).content.cloneNode(true).firstElementChild;
  message.classList.add(kind);
  message.dataset.key = key;
  if (text) message.querySelector("span").textContent = text;
  if (place.querySelector(`[data-key="${key}"]`)?.textContent === message.textContent) return;
  hide(key);
  place.append(message);
}

function keyOf(event) {
  if (event.detail.elt.matches("[data-watch]")) return "watching";
  const isSave = event.detail.requestConfig.verb === "post" && event.detail.elt.closest("[data-saves-itself]");
  return isSave ? "saving" : "request";
}

document.addEventListener("show-message", (event) => show(event.detail));
document.addEventListener("hide-message", (event) => hide(event.detail.key));

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest(".message, .progress-strip").remove();
});

function go(message) {
  if (!message.isConnected) return;
  if (message.matches(":hover, :focus-within")) setTimeout(go, 1000, message);
  else message.remove();
}

for (const message of document.querySelectorAll("[data-goes]")) setTimeout(go, TEN_SECONDS, message);

// What came with the page comes once more: a live region is silent about what it begins with.
const cameAlong = document.querySelector(".messages[role=status]");
if (cameAlong) {
  const said = [...cameAlong.children];
  cameAlong.replaceChildren();
  setTimeout(() => cameAlong.append(...said), 100);
}

document.addEventListener("htmx:sendError", (event) => {
  const key = keyOf(event);
  if (key !== "saving") show({ key, kind: "error", text: key === "watching" ? OUT_OF_TOUCH : UNREACHABLE });
});

document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  const key = keyOf(event);
  if (status === 401 || status === 403 || (key === "saving" && status >= 500)) return; // told by access.js and saving.js
  const texts = {
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
