// Cards are dragged, by SortableJS, or moved by their buttons; the server writes the order.
//
//   [data-sortable]        the list; hears of a drop by the event `reordered` and posts it
//   [data-card]            what may be dragged; a press on a button in it drags nothing
//   steps-moved {said}     event of the server: the order is stored; spoken through #announcer
//   cards-wanted           event to the column: draw it again
//
// While a card is dragged the column is not redrawn under the pointer, but right after.

let isDragging = false;
let isLate = false;

function settle(list, isMoved) {
  isDragging = false;
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
    onStart: () => { isDragging = true; },
    onEnd: ({ oldIndex, newIndex }) => settle(list, oldIndex !== newIndex),
  });
}

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isDragging || event.detail.target.id !== "cards") return;
  event.detail.shouldSwap = false;
  isLate = true;
});

document.addEventListener("steps-moved", ({ detail }) => {
  document.getElementById("announcer").textContent = detail.said;
  document.activeElement?.closest("[data-card]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
});

document.querySelectorAll("[data-sortable]").forEach(makeSortable);
