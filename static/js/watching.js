// Follows runs.
//
//   [data-watch]            polls every second, for all that the page shows: the first one does;
//                           every fifth while nobody looks, at once on return
//   [data-elapsed-since]    the time since then, as m:ss or in a <progress>, which never seems done
//   [data-left-until]       the time until then, as m:ss
//   [data-run]              what shows a run; while that is unfinished, a [data-watch] is in it; what
//                           it asked of a run that it no longer shows is not drawn
//     data-announce         spoken through #announcer when it changes; where two show the same run,
//                           the first speaks
//     data-title            the title of the browser's tab while the run is on, and when it is done

const WHEN_HIDDEN = 5000;
const pageTitle = document.title;
let lastLook = 0;
let titleOfTheEnd = ""; // until somebody has come back to see it
const told = new Map(); // by the number of an unfinished run: what was said of it last

function watcher() {
  return document.querySelector("[data-watch]");
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.detail.elt.matches("[data-watch]")) return;
  const isEarly = document.hidden && Date.now() - lastLook < WHEN_HIDDEN;
  if (event.detail.elt !== watcher() || isEarly) event.preventDefault();
  else lastLook = Date.now();
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const asked = detail.pathInfo.requestPath.match(/\/runs\/(\d+)/)?.[1];
  const { run } = detail.target.dataset;
  if (asked && run && asked !== run && detail.requestConfig.elt === detail.target) detail.shouldSwap = false;
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) watcher()?.dispatchEvent(new Event("watch-now"));
  tell();
});

function tick() {
  for (const place of document.querySelectorAll("[data-elapsed-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(place.dataset.elapsedSince)) / 1000));
    if (place.matches("progress")) place.value = Math.min(seconds, 0.95 * place.max);
    else place.textContent = clock(seconds);
  }
  for (const place of document.querySelectorAll("[data-left-until]"))
    place.textContent = clock(Math.max(0, Math.ceil((Date.parse(place.dataset.leftUntil) - Date.now()) / 1000)));
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function tell() {
  const places = new Map();
  for (const place of document.querySelectorAll("[data-run][data-announce]"))
    if (!places.has(place.dataset.run)) places.set(place.dataset.run, place);
  let title = "";
  for (const [run, place] of places) {
    const isOn = place.querySelector("[data-watch]");
    const sentence = place.dataset.announce;
    if (!isOn && !told.has(run)) continue;
    if (told.get(run) !== sentence) document.getElementById("announcer").textContent = sentence;
    if (isOn) told.set(run, sentence);
    else told.delete(run);
    if (isOn) title ||= place.dataset.title;
    else titleOfTheEnd = place.dataset.title;
  }
  if (!document.hidden) titleOfTheEnd = "";
  document.title = title || titleOfTheEnd || pageTitle;
}

document.addEventListener("htmx:afterSettle", () => {
  tick();
  tell();
});
setInterval(tick, 1000);
tick();
tell();
