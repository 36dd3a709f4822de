// Presses that need a second thought, and presses that count once.
//
//   form[data-confirm], button[data-confirm]   asks before the form is submitted
//   form[data-once]                            is submitted once
//   button[data-one-press]                     a double click or Enter twice is one press, and
//                                              nothing until the answer is here; a key held down
//                                              is one press; not by disabling the button, which
//                                              would lose the focus
//   press-anew                                 event of other files: the next press is no second one

const DOUBLE_PRESS = 700;
let lastPress = -Infinity;
let inFlight = null;

document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
  else if (form.matches("[data-once]")) {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  }
});

// Capturing, so that htmx never hears of the second press.
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest("[data-one-press]");
    if (!button) return;
    if (button === inFlight || event.detail > 1 || event.timeStamp - lastPress < DOUBLE_PRESS) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    lastPress = event.timeStamp;
    if (button.matches("[hx-post]:not([hx-confirm])")) inFlight = button; // it may have to wait for its turn
  },
  true,
);

// Who has typed or chosen something in between means the next press.
document.addEventListener("input", () => {
  lastPress = -Infinity;
});

document.addEventListener("press-anew", () => {
  lastPress = -Infinity;
  inFlight = null;
});

document.addEventListener("keydown", (event) => {
  if (event.repeat && event.target.closest?.("[data-one-press]")) event.preventDefault();
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches("[data-one-press]")) inFlight = event.detail.elt;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt === inFlight) inFlight = null;
});

// Back may bring the page as it was left.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
