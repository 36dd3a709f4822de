// A part of the page that was drawn anew says what is in it now, through #announcer.
//
//   [data-said]     with an id; spoken when it is another sentence than before

document.addEventListener("htmx:afterSettle", (event) => {
  const said = document.getElementById(event.detail.target.id)?.dataset.said;
  const announcer = document.getElementById("announcer");
  if (said && announcer.textContent !== said) announcer.textContent = said;
});
