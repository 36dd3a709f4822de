// Shows the images of a run large.
//
//   [data-lightbox-open][data-src]   a button with the thumbnail in it, in a figure with a caption
//   dialog[data-lightbox]            with [data-lightbox-stage], [data-lightbox-place] and
//   [data-lightbox-about]            for a copy of the caption
//   [data-lightbox-key]              a button that does what a key does: arrows, Home, End, +, -, 0

const FINER = 1.5;
let opener;

function part(name) {
  return document.querySelector(`dialog[data-lightbox] [data-lightbox-${name}]`);
}

function openers() {
  return [...document.querySelectorAll("[data-lightbox-open]")];
}

function show(button) {
  opener = button;
  const small = button.querySelector("img");
  const image = small.cloneNode();
  image.removeAttribute("loading");
  image.src = button.dataset.src;
  part("stage").replaceChildren(image);
  part("place").textContent = `Image ${openers().indexOf(button) + 1} of ${openers().length}`;
  part("about").replaceChildren(...button.closest("figure").querySelector("figcaption").cloneNode(true).childNodes);
}

function go(to) {
  const all = openers();
  show(all.at(to % all.length));
}

function zoom(by) {
  const image = part("stage").firstElementChild;
  if (by) image.style.width = `${Math.min(8 * image.getAttribute("width"), Math.max(40, image.clientWidth * by))}px`;
  else image.removeAttribute("style");
}

function press(key) {
  const here = openers().findIndex((button) => button.id === opener.id);
  const doings = {
    ArrowLeft: () => go(here - 1),
    ArrowRight: () => go(here + 1),
    Home: () => go(0),
    End: () => go(-1),
    "+": () => zoom(FINER),
    "=": () => zoom(FINER),
    "-": () => zoom(1 / FINER),
    0: () => zoom(0),
  };
  doings[key]?.();
  return key in doings;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-lightbox-open]");
  if (button) {
    show(button);
    document.querySelector("dialog[data-lightbox]").showModal();
  }
  const key = event.target.closest("[data-lightbox-key]")?.dataset.lightboxKey;
  if (key) press(key);
  if (event.target.matches("dialog[data-lightbox]")) event.target.close(); // beside the image
});

document.addEventListener("keydown", (event) => {
  const isPlain = !(event.ctrlKey || event.metaKey || event.altKey); // those zoom the page
  if (isPlain && event.target.closest?.("dialog[data-lightbox][open]") && press(event.key)) event.preventDefault();
});

// The browser returns the focus to the first opener; the image seen last is the better place.
document.addEventListener(
  "close",
  (event) => {
    if (event.target.matches("[data-lightbox]")) document.getElementById(opener?.id)?.focus();
  },
  true,
);
