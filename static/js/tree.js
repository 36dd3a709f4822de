// Trees of values: search and folding. Rows stand flat, in order, each with its depth.
//
//   [data-tree]                     the list of rows
//   [data-depth][data-find]         a row, and the text that the search looks in
//   [data-filter="id of a list"]    a search field
//   [data-fold]                     folds the row that it is in, or is
//   filter-tree {text}              event on a list, from other files

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
  for (const group of list.querySelectorAll("[data-tree-group]"))
    group.hidden = !group.querySelector("[data-depth]:not([hidden])");
  const nothing = list.parentElement.querySelector("[data-nothing-found]");
  if (nothing) nothing.hidden = rows.some((row) => !row.hidden) || !rows.length;
}

function fold(row, isFolded) {
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

document.addEventListener("filter-tree", (event) => {
  event.target.dataset.query = event.detail;
  draw(event.target);
});

// A search is no change of a setting.
document.addEventListener(
  "change",
  (event) => {
    if (event.target.matches("[type=search]")) event.stopPropagation();
  },
  true,
);
