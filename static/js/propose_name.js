// Proposes the name of a new input from its label, until somebody types a name.
//
//   [data-proposes="id"]   the label, and the field that it proposes for

let proposed = "";

function nameFrom(label) {
  const plain = label.toLowerCase().replaceAll("ß", "ss").normalize("NFKD").replace(/\p{M}/gu, "");
  const name = plain.replace(/[^a-z0-9]+/g, "_").replace(/^[^a-z]+|_+$/g, "").slice(0, 60);
  return /^step_[0-9]+$/.test(name) ? `input_${name}` : name;
}

document.addEventListener("input", (event) => {
  const field = document.getElementById(event.target.dataset.proposes);
  if (!field || field.value !== proposed) return;
  field.value = proposed = nameFrom(event.target.value);
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
