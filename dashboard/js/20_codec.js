// Reads columns as pipelines/dashboard/codec.py packs them: differences in base 64, a point for unknown, a star for repeats.
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PLACE = new Uint8Array(128);
[...DIGITS].forEach((digit, place) => (PLACE[digit.charCodeAt(0)] = place));
const UNKNOWN_CODE = ".".charCodeAt(0),
  REPEATED_CODE = "*".charCodeAt(0);

function unpacked(text) {
  const values = [];
  let last = 0,
    step = 0,
    rest = 0,
    scale = 1,
    repeats = false;
  const take = () => {
    if (step !== null) last += step;
    values.push(step === null ? null : last);
  };
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === UNKNOWN_CODE) {
      step = null;
      take();
      continue;
    }
    if (code === REPEATED_CODE) {
      repeats = true;
      continue;
    }
    const place = PLACE[code];
    rest += (place % 32) * scale;
    if (place >= 32) {
      scale *= 32;
      continue;
    }
    const found = rest % 2 ? -(rest - 1) / 2 : rest / 2;
    if (repeats) for (let more = found; more > 0; more--) take();
    else {
      step = found;
      take();
    }
    rest = 0;
    scale = 1;
    repeats = false;
  }
  return values;
}

const unpackedCubes = new Map();

// A cube by columns, each read when first asked for.
function cube(name) {
  if (!unpackedCubes.has(name)) {
    const packed = page.cubes[name],
      table = { n: packed.n };
    for (const [column, values] of Object.entries(packed)) if (column !== "n") addColumn(table, column, values);
    unpackedCubes.set(name, table);
  }
  return unpackedCubes.get(name);
}

function addColumn(table, column, values) {
  const get = () => {
    const value = unpackedColumn(values, table);
    Object.defineProperty(table, column, { value, enumerable: true });
    return value;
  };
  Object.defineProperty(table, column, { get, enumerable: true, configurable: true });
}

// Numbers, texts by their places, or what a column lacks of one before it.
function unpackedColumn(values, table) {
  if (typeof values === "string") return unpacked(values);
  if (values.like)
    return unpacked(values.lacks).map((lack, row) => (lack === null ? null : (table[values.like][row] ?? 0) - lack));
  return unpacked(values.at).map((place) => (place === null ? null : values.of[place]));
}
