// Follows a run.
//
//   [data-watch]            polls every second; every fifth while nobody looks, at once on return
//   [data-elapsed-since]    the time since then, as m:ss
//   #run[data-title]        the title of the browser's tab while a run is on, and when it is done
//   #run[data-announce]     spoken through #announcer when it changes

const WHEN_HIDDEN = 5000;
const pageTitle = document.title;
let lastLook = 0;
let wasRunning = false;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.detail.elt.matches("[data-watch]")) return;
  if (document.hidden && Date.now() - lastLook < WHEN_HIDDEN) event.preventDefault();
  else lastLook = Date.now();
});

document.addEventListener("visibilitychange", () => {
  const watched = document.querySelector("[data-watch]");
  if (!document.hidden && watched) {
    htmx.ajax("get", watched.getAttribute("hx-get"), { source: watched, target: watched, swap: "morph:outerHTML" });
  }
  tell();
});

function tick() {
  for (const place of document.querySelectorAll("[data-elapsed-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(place.dataset.elapsedSince)) / 1000));
    place.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}

function tell() {
  const run = document.getElementById("run");
  if (!run) return;
  const isRunning = run.matches("[data-watch]");
  const sentence = run.dataset.announce ?? "";
  const announcer = document.getElementById("announcer");
  if ((isRunning || wasRunning) && announcer.textContent !== sentence) announcer.textContent = sentence;
  // "Done" stays in the title until the person has come back to see it.
  const tellsTheEnd = wasRunning && document.hidden;
  document.title = (isRunning || tellsTheEnd) && run.dataset.title ? run.dataset.title : pageTitle;
  wasRunning = isRunning || tellsTheEnd;
}

document.addEventListener("htmx:afterSettle", () => {
  tick();
  tell();
});
setInterval(tick, 1000);
tick();
tell();
