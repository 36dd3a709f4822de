// The grammar of {{…}}, as workflows/references.py has it; tests/references.json holds both to it.
//
//   pieces(text)        the text cut into pieces: { text, kind }, kind being "text", "reference"
//                       (with root and path) or "broken"
//   look(piece, known)  how a piece is drawn: "text", "value", "no-value" or "broken"
//
// `known` is what the server says of the step: inputs by name, and earlier steps by identifier with
// the shape of their last output.

const MAX_DEPTH = 10;
const SPACE = "[ \\t\\n\\r\\f\\v]*";
const NAME = new RegExp(`^${SPACE}([a-z][a-z0-9_]*)${SPACE}$`);
const STEP = /^step_[0-9]{1,9}$/;
const OUTPUT = new RegExp(`^${SPACE}(step_[0-9]{1,9})\\.output((?:\\.[^ \\t\\n\\r\\f\\v.{}]+)*)${SPACE}$`);

export function pieces(text) {
  const found = [];
  let done = 0; // up to here, everything is in a piece
  let from = 0; // from here on, braces are looked for
  const cut = (end, kind, more) => {
    if (end > done) found.push({ text: text.slice(done, end), kind, ...more });
    done = from = end;
  };
  for (let start; (start = text.indexOf("{{", from)) >= 0; ) {
    if (start > from && text[start - 1] === "\\") {
      from = start + 2;
      continue;
    }
    cut(start, "text");
    const end = text.indexOf("}}", start + 2);
    if (end < 0) cut(text.length, "broken");
    else cut(end + 2, ...reference(text.slice(start + 2, end)));
  }
  cut(text.length, "text");
  return found;
}

function reference(inside) {
  const output = inside.match(OUTPUT);
  if (output) {
    const path = ["output", ...output[2].split(".").slice(1)];
    return path.length > MAX_DEPTH ? ["broken"] : ["reference", { root: output[1], path }];
  }
  const root = inside.match(NAME)?.[1];
  return root && !STEP.test(root) ? ["reference", { root, path: [] }] : ["broken"];
}

export function look(piece, known) {
  if (piece.kind !== "reference") return piece.kind;
  const values = piece.path.length ? known.steps : known.inputs;
  if (!Object.hasOwn(values, piece.root)) return "broken";
  const value = values[piece.root];
  return value && leads(value, piece.path) ? "value" : "no-value";
}

function leads(value, path) {
  for (const key of path) {
    const there = Array.isArray(value) ? itemOf(value, key) : key;
    if (typeof value !== "object" || !Object.hasOwn(value, there)) return false;
    value = value[there];
  }
  return true;
}

// A list says its length, then the shapes of its items; the last stands for all after it, too.
function itemOf([length, ...shapes], key) {
  const isItem = /^[0-9]{1,6}$/.test(key) && Number(key) < length;
  return isItem ? Math.min(Number(key) + 1, shapes.length) : -1;
}
