// Cards are dragged, by SortableJS, or moved by their buttons; the server writes the order.
//
//   [data-sortable]        the list; hears of a drop by the event `reordered` and posts it
//   [data-card]            what may be dragged; a press on a button in it drags nothing; Escape puts
//                          it back
//   steps-moved {said}     event of the server: the order is stored; spoken through #announcer
//   cards-wanted           event to the column: draw it again
//
// While a card is dragged the column is not redrawn under the pointer, but right after. Between a
// drop and its answer it is not redrawn either: what was drawn before has the order of before.

let dragged = null; // the item, and what stood behind it
let isLate = false;
let isOrdering = false;

function settle(list, isMoved) {
  dragged = null;
  isOrdering = isMoved;
  if (isMoved) list.dispatchEvent(new Event("reordered"));
  else if (isLate) list.closest("#cards").dispatchEvent(new Event("cards-wanted"));
  isLate = false;
}

function makeSortable(list) {
  Sortable.create(list, {
    handle: "[data-card]",
    filter: "button",
    preventOnFilter: false,
    forceFallback: true, // the same by mouse and by finger
    fallbackTolerance: 5,
    delay: 250,
    delayOnTouchOnly: true, // a finger scrolls
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
    onStart: ({ item }) => { dragged = { item, next: item.nextElementSibling }; },
    onEnd: ({ oldIndex, newIndex }) => settle(list, oldIndex !== newIndex),
  });
}

// SortableJS knows no cancel: the item goes back to its place, and there it is dropped.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !dragged) return;
  dragged.next.before(dragged.item);
  for (const end of ["pointerup", "mouseup", "touchend"]) document.dispatchEvent(new Event(end));
  document.getElementById("announcer").textContent = "Not moved.";
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "cards") return;
  if (dragged) isLate = true;
  if (dragged || (isOrdering && detail.requestConfig.verb === "get")) detail.shouldSwap = false;
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.elt.matches("[data-sortable]")) return;
  isOrdering = false;
  if (!detail.successful) detail.target.dispatchEvent(new Event("cards-wanted"));
});

document.addEventListener("steps-moved", ({ detail }) => {
  document.getElementById("announcer").textContent = detail.said;
  document.activeElement?.closest("[data-card]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
});

document.querySelectorAll("[data-sortable]").forEach(makeSortable);
