// Tabs without a page load. Without this file the links simply load the page.
//
//   #editor[data-tab]        the tab that is shown; CSS hides the other panel
//   a[data-tab-link="…"]     goes to a tab; its address is the tab's own. With [data-focus="id"] on
//                            to a field there, or into a group of them
//   #run[data-run]           the run that Output shows; kept in its address
//   #run[data-count]         shown in [data-tab-count]
//   [data-split-toggle]      both tabs side by side, remembered by the browser

const SPLIT = "fetchhive-split";
let shownTab = editor()?.dataset.tab;

function editor() {
  return document.getElementById("editor");
}

function addressOf(tab) {
  const link = document.querySelector(`[role=tab][data-tab-link="${tab}"]`);
  const run = document.getElementById("run")?.dataset.run;
  return link.pathname + (tab === "output" && run ? `?run=${run}` : "");
}

function draw() {
  if (!editor()) return;
  for (const tab of document.querySelectorAll("[role=tab][data-tab-link]")) {
    const isShown = tab.dataset.tabLink === editor().dataset.tab;
    tab.setAttribute("aria-selected", isShown);
    tab.tabIndex = isShown ? 0 : -1;
    tab.href = addressOf(tab.dataset.tabLink);
  }
  const isSplit = "split" in document.documentElement.dataset;
  document.querySelector("[data-split-toggle]")?.setAttribute("aria-pressed", isSplit);
  const count = document.querySelector("[data-tab-count]");
  if (count) count.textContent = document.getElementById("run")?.dataset.count ?? "";
}

function show(tab) {
  editor().dataset.tab = shownTab = tab;
  draw();
}

function go(tab) {
  if (editor().dataset.tab === tab) return;
  show(tab);
  history.pushState({ tab }, "", addressOf(tab));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-tab-link]");
  const isPlain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (link && isPlain) {
    event.preventDefault();
    go(link.dataset.tabLink);
    const field = document.getElementById(link.dataset.focus);
    const place = field?.querySelector(":checked, input:enabled") ?? field;
    if (link.role !== "tab") (place ?? document.getElementById(`tab-${link.dataset.tabLink}`)).focus();
  }
  if (event.target.closest("[data-split-toggle]")) {
    const isSplit = document.documentElement.toggleAttribute("data-split");
    localStorage.setItem(SPLIT, isSplit ? "yes" : "");
    draw();
  }
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[role=tab][data-tab-link]");
  if (!tab) return;
  const tabs = [...tab.parentElement.querySelectorAll("[role=tab]")];
  const here = tabs.indexOf(tab);
  const there = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: -1 }[event.key];
  const next = event.key === " " ? tab : tabs.at(there === tabs.length ? 0 : there);
  if (there === undefined && event.key !== " ") return;
  event.preventDefault();
  go(next.dataset.tabLink);
  next.focus();
});

window.addEventListener("popstate", () => {
  const shown = editor() && location.pathname.match(/\/(settings|output)$/);
  if (shown) show(shown[1]);
});

// Run's answer decides the tab: a refused run goes back to Settings. The other tab is seen from its
// beginning, however far down Run was pressed.
document.addEventListener("htmx:afterSettle", () => {
  draw();
  const tab = editor()?.dataset.tab;
  if (tab && tab !== shownTab && editor().getBoundingClientRect().top < 0) editor().scrollIntoView();
  shownTab = tab;
  if (tab && location.pathname !== new URL(addressOf(tab), location).pathname)
    history.replaceState(history.state, "", addressOf(tab));
});

if (localStorage.getItem(SPLIT)) document.documentElement.setAttribute("data-split", "");
draw();
