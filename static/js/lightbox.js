// Shows the images of a run large.
//
//   [data-lightbox-open][data-src]   a button with the image in it
//   dialog[data-lightbox]            with [data-lightbox-stage], [data-lightbox-caption] and
//   [data-lightbox-by="-1 or 1"]     buttons to the next image; the arrow keys do the same
//   [data-lightbox-download]         a link to the file

let opener;

function lightbox() {
  return document.querySelector("dialog[data-lightbox]");
}

function openers() {
  return [...document.querySelectorAll("[data-lightbox-open]")];
}

function show(button) {
  opener = button;
  const small = button.querySelector("img");
  const image = new Image(small.width, small.height);
  image.width = small.naturalWidth;
  image.height = small.naturalHeight;
  image.alt = small.alt;
  image.src = button.dataset.src;
  const box = lightbox();
  box.querySelector("[data-lightbox-stage]").replaceChildren(image);
  const place = openers().indexOf(button) + 1;
  box.querySelector("[data-lightbox-caption]").textContent = `${place} of ${openers().length} · ${button.dataset.name}`;
  box.querySelector("[data-lightbox-download]").href = `${button.dataset.src}?download`;
  for (const arrow of box.querySelectorAll("[data-lightbox-by]")) arrow.hidden = openers().length < 2;
}

function step(by) {
  const all = openers();
  const here = all.findIndex((button) => button.id === opener.id);
  show(all.at((here + by) % all.length));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-lightbox-open]");
  if (button) {
    show(button);
    lightbox().showModal();
  }
  const arrow = event.target.closest("[data-lightbox-by]");
  if (arrow) step(Number(arrow.dataset.lightboxBy));
  if (event.target.matches("dialog[data-lightbox]")) event.target.close(); // beside the image
});

document.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (by && lightbox()?.open) step(by);
});

// The browser returns the focus to the first opener; the image seen last is the better place.
document.addEventListener(
  "close",
  (event) => {
    if (event.target.matches("[data-lightbox]")) document.getElementById(opener?.id)?.focus();
  },
  true,
);
