// Places a list beside a box on the screen: below it, or above it where there is more room, and never
// past the edges of what is seen. The list is positioned within its field and scrolls along with it.
//
//   [data-tree]   within the list: what gets shorter when there is little room

const GAP = 4;
const EDGE = 8;
const ENOUGH = 220;

export function place(list, box, { atItsEnd = false } = {}) {
  const seen = window.visualViewport ?? { height: innerHeight };
  const around = list.offsetParent.getBoundingClientRect();
  const header = document.querySelector("header")?.getBoundingClientRect().bottom ?? 0;
  const below = seen.height - box.bottom - GAP - EDGE;
  const above = box.top - Math.max(0, header) - GAP - EDGE;
  const isBelow = below >= ENOUGH || below >= above;
  const width = list.offsetWidth;
  const left = atItsEnd ? box.right - width : box.left;
  const most = document.documentElement.clientWidth - width - EDGE;
  const tree = list.querySelector("[data-tree]");
  const rest = list.offsetHeight - tree.offsetHeight;
  tree.style.maxHeight = `${Math.max(90, Math.min(340, (isBelow ? below : above) - rest))}px`;
  list.style.left = `${Math.max(EDGE, Math.min(left, most)) - around.left}px`;
  list.style.top = isBelow ? `${box.bottom + GAP - around.top}px` : "auto";
  list.style.bottom = isBelow ? "auto" : `${around.bottom - box.top + GAP}px`;
}
