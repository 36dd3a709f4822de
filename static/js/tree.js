// Trees of values: search and folding. Rows stand flat, in order, each with its depth.
//
//   [data-tree]                     the list of rows
//   [data-depth][data-find]         a row, and the text that the search looks in
//   [data-filter="id of a list"]    a search field
//   [data-fold]                     folds the row that it is in, or is
//   [data-folded][data-rows="…"]    a row: where those under it come from when it is unfolded
//   fold-tree                       event on a row, from other files; its detail: fold or unfold

function rowsOf(list) {
  return [...list.querySelectorAll("[data-depth]")];
}

function draw(list) {
  const words = (list.dataset.query ?? "").toLowerCase();
  const rows = rowsOf(list);
  const parents = []; // of the row at hand, by depth
  for (const row of rows) {
    const depth = Number(row.dataset.depth);
    parents.length = depth;
    row.hidden = words
      ? !row.dataset.find.toLowerCase().includes(words)
      : parents.some((parent) => parent && "folded" in parent.dataset);
    if (words && !row.hidden) for (const parent of parents) if (parent) parent.hidden = false;
    parents[depth] = row;
  }
  const nothing = list.parentElement.querySelector("[data-nothing-found]");
  if (nothing) nothing.hidden = rows.some((row) => !row.hidden) || !rows.length;
}

/** Whether the rows under this one are there now. */
async function bring(row) {
  const address = row.dataset.rows;
  if (!address) return true;
  delete row.dataset.rows; // who presses twice gets them once
  const answer = await fetch(address).catch(() => null);
  const rows = answer?.ok ? await answer.text().catch(() => null) : null;
  if (!row.isConnected) return false; // another search has replaced the list meanwhile
  if (rows !== null) row.insertAdjacentHTML("afterend", rows);
  else {
    row.dataset.rows = address;
    const detail = { key: "request", kind: "error", text: "What is in there could not be loaded. Unfold it again." };
    document.dispatchEvent(new CustomEvent("show-message", { detail }));
  }
  return rows !== null;
}

async function fold(row, isFolded) {
  if (!isFolded && !(await bring(row))) return;
  row.toggleAttribute("data-folded", isFolded);
  const toggle = row.querySelector("[aria-expanded]") ?? row;
  toggle.setAttribute("aria-expanded", !isFolded);
  draw(row.closest("[data-tree]"));
}

document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-fold]")?.closest("[data-depth]");
  if (row) fold(row, !("folded" in row.dataset));
});

document.addEventListener("fold-tree", (event) => fold(event.target, event.detail));

document.addEventListener("input", (event) => {
  const list = document.getElementById(event.target.dataset.filter);
  if (!list) return;
  list.dataset.query = event.target.value.trim();
  draw(list);
});

// A search is no change of a setting.
document.addEventListener(
  "change",
  (event) => {
    if (event.target.matches("[type=search]")) event.stopPropagation();
  },
  true,
);
