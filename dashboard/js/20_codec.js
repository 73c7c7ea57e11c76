// Reads columns as pipelines/dashboard/codec.py packs them: differences in base 64, a point for unknown, a star for repeats.
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PLACE = new Map([...DIGITS].map((digit, place) => [digit, place]));

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
  for (const each of text) {
    if (each === ".") {
      step = null;
      take();
      continue;
    }
    if (each === "*") {
      repeats = true;
      continue;
    }
    const place = PLACE.get(each);
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

// A cube by columns, read when first asked for.
function cube(name) {
  if (!unpackedCubes.has(name)) {
    const packed = page.cubes[name],
      table = { n: packed.n };
    for (const [column, values] of Object.entries(packed))
      if (column !== "n") table[column] = unpackedColumn(values, table);
    unpackedCubes.set(name, table);
  }
  return unpackedCubes.get(name);
}

// Numbers, texts by their places, or what a column lacks of one before it.
function unpackedColumn(values, table) {
  if (typeof values === "string") return unpacked(values);
  if (values.like)
    return unpacked(values.lacks).map((lack, row) => (lack === null ? null : (table[values.like][row] ?? 0) - lack));
  return unpacked(values.at).map((place) => (place === null ? null : values.of[place]));
}
