// Shows the images of a run large.
//
//   [data-lightbox-open][data-src]   a button with the thumbnail in it, in a figure with a caption
//     data-request                   id of the <template> with what is known of its request
//   dialog[data-lightbox]            with [data-lightbox-stage], [data-lightbox-place] and
//   [data-lightbox-about]            for a copy of the caption
//   [data-lightbox-request]          for the content of the template
//   [data-lightbox-text]             scrolls, by Home and End, too, while the focus is in it
//   [data-lightbox-key]              a button that does what a key does: arrows, Home, End, +, -, 0

const FINER = 1.5;
let opener;

function part(name) {
  return document.querySelector(`dialog[data-lightbox] [data-lightbox-${name}]`);
}

function openers() {
  return [...document.querySelectorAll("[data-lightbox-open]")];
}

function controls() {
  return [...document.querySelectorAll("dialog[data-lightbox] :is(a, button, [tabindex])")];
}

function show(button) {
  const focused = controls().indexOf(document.activeElement);
  opener = button;
  const small = button.querySelector("img");
  const image = small.cloneNode();
  image.removeAttribute("loading");
  image.src = button.dataset.src;
  part("stage").replaceChildren(image);
  part("place").textContent = `Image ${openers().indexOf(button) + 1} of ${openers().length}`;
  part("about").replaceChildren(...button.closest("figure").querySelector("figcaption").cloneNode(true).childNodes);
  part("request").replaceChildren(document.getElementById(button.dataset.request).content.cloneNode(true));
  if (focused >= 0) (controls()[focused] ?? part("stage")).focus(); // it may have been replaced
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
  const scrolls = ["Home", "End"].includes(event.key) && event.target.closest?.("[data-lightbox-text]");
  if (isPlain && !scrolls && document.querySelector("dialog[data-lightbox][open]") && press(event.key)) event.preventDefault();
});

// The browser returns the focus to the first opener; the image seen last is the better place.
document.addEventListener(
  "close",
  (event) => {
    if (event.target.matches("[data-lightbox]")) document.getElementById(opener?.id)?.focus();
  },
  true,
);
