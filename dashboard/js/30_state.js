// What is chosen: view, language, colours, place, class, kind and period. It lives in the address, so that a link shows the same.
const NEEDED = {
  view: "overview",
  lang: "",
  theme: "",
  place: "",
  class: "",
  kind: "",
  period: "",
  month: "",
  tenant: "",
};
const state = { ...NEEDED };

function readState() {
  const chosen = new URLSearchParams(location.hash.slice(1));
  for (const name of Object.keys(NEEDED)) state[name] = chosen.get(name) || NEEDED[name];
  state.lang = state.lang || (navigator.language.startsWith("zh") ? "zh" : "en");
  state.kind = state.kind || defaultKind();
}

function writeState() {
  const chosen = new URLSearchParams();
  for (const name of Object.keys(NEEDED)) if (state[name] !== NEEDED[name]) chosen.set(name, state[name]);
  history.replaceState(null, "", `#${chosen}`);
}

function kinds() {
  const found = new Set(cube("use").resource_kind);
  return ["accelerator", "cpu_core", "rack"].filter((kind) => found.has(kind));
}

function defaultKind() {
  return kinds()[0] || "accelerator";
}

const DAY = 86400000;
const toNumber = (iso) => Date.parse(`${iso}T00:00:00Z`) / DAY;
const toIso = (number) => new Date(number * DAY).toISOString().slice(0, 10);

// The periods to choose from, exact at either grain: all, the last whole weeks, every month.
function periods() {
  if (!page.meta.first) return [];
  const first = toNumber(page.meta.first),
    last = toNumber(page.meta.last);
  const found = [];
  const sunday = last - ((((last + 4) % 7) + 7) % 7);
  for (const [id, weeks] of [
    ["week", 1],
    ["weeks4", 4],
  ]) {
    if (sunday - 7 * weeks + 1 >= first) found.push({ id, from: sunday - 7 * weeks + 1, to: sunday, weeks });
  }
  for (let month = page.meta.first.slice(0, 7); month <= page.meta.last.slice(0, 7);) {
    const [year, number] = month.split("-").map(Number);
    const next = Date.UTC(year, number, 1) / DAY;
    found.push({ id: month, from: Date.UTC(year, number - 1, 1) / DAY, to: next - 1 });
    month = toIso(next).slice(0, 7);
  }
  return found;
}

function period() {
  return periods().find((each) => each.id === state.period) || null;
}

function periodName(each) {
  if (each.id === "week")
    return say(
      `Last whole week (${toIso(each.from)} – ${toIso(each.to)})`,
      `最近整周（${toIso(each.from)} 至 ${toIso(each.to)}）`,
    );
  if (each.id === "weeks4")
    return say(`Last four weeks (from ${toIso(each.from)})`, `最近四周（自 ${toIso(each.from)}）`);
  return each.id;
}
