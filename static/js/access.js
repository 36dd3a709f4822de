// Requests that are refused because of who asks. Nothing typed is lost.
//
//   [data-reason]            the sentence of our own page 403, shown as it is
//   template#signed-out      shown when nobody is signed in any more; back from signing in
//                            elsewhere, the form is saved
//   body[hx-headers]         gets the token of the new session
//   save-now                 event to saving.js

let isSignedOut = false;
let isSecondTry = false;

function show(detail) {
  document.dispatchEvent(new CustomEvent("show-message", { detail: { kind: "error", ...detail } }));
}

function saveNow() {
  document.dispatchEvent(new CustomEvent("save-now"));
}

function read(text) {
  return new DOMParser().parseFromString(text, "text/html");
}

/* Signing in changes the token that every POST carries. */
async function isSignedInAgain() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok || answer.redirected) return false;
  document.body.setAttribute("hx-headers", read(await answer.text()).body.getAttribute("hx-headers"));
  return true;
}

async function answerStranger(elt) {
  isSignedOut = isSecondTry || !(await isSignedInAgain());
  isSecondTry = !isSignedOut;
  const isSave = elt.closest("[data-saves-itself]");
  if (!isSignedOut) {
    if (isSave) saveNow();
    if (elt.matches("button")) show({ key: "again", kind: "info", text: "You are signed in again. Press the button once more." });
  } else if (isSave) show({ key: "saving", template: "signed-out" });
  else show({ key: "request", text: "You are signed out. Sign in in another tab, then try again." });
}

document.addEventListener("htmx:responseError", (event) => {
  const { elt, requestConfig, xhr } = event.detail;
  if (xhr.status !== 401 && xhr.status !== 403) return;
  const isOurs = xhr.responseText.includes("data-reason"); // Django's own page would offend the policy
  const reason = isOurs && read(xhr.responseText).querySelector("[data-reason]")?.textContent;
  const key = requestConfig.verb === "post" && elt.closest("[data-saves-itself]") ? "saving" : "request";
  if (reason) show({ key, text: reason });
  else if (requestConfig.verb === "post") answerStranger(elt);
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig.verb !== "post" || !event.detail.successful) return;
  isSecondTry = false;
  if (event.detail.elt.matches("button")) document.dispatchEvent(new CustomEvent("hide-message", { detail: { key: "again" } }));
});

window.addEventListener("focus", async () => {
  if (!isSignedOut || !(await isSignedInAgain())) return;
  isSignedOut = false;
  saveNow();
});

// A GET would go to the sign-in page by itself, and take along what is not saved.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const isUnsaved = document.querySelector("[data-saved][data-state=bad], [data-saved][data-state=saving]");
  if (event.detail.xhr.status === 401 && event.detail.requestConfig.verb === "get" && isUnsaved) event.preventDefault();
});
