// Copies a text.
//
//   [data-copy="…"]               the text itself
//   [data-copy-from="id"]         the text of another element

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // no permission, or a page without https
  }
}

function copyBySelection(text) {
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.className = "visually-hidden";
  field.value = text;
  (before?.closest("dialog") ?? document.body).append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  before?.focus();
  return isCopied;
}

function mark(button, text) {
  button.querySelector(".copied")?.remove();
  const bubble = document.createElement("span");
  bubble.className = "copied";
  bubble.textContent = text;
  button.append(bubble);
  document.getElementById("announcer").textContent = text;
  setTimeout(() => bubble.remove(), 1600);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const text = button.dataset.copy ?? document.getElementById(button.dataset.copyFrom).textContent;
  mark(button, (await copy(text)) ? "Copied" : "Not copied: the browser refused");
});
