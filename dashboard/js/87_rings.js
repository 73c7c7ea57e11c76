// The latency circles as circles: the core in the middle, each bound a ring, each pair of places where its latency puts it.
const NEAREST = 0.1;

function rings(holder) {
  const pairs = placePairs(),
    bounds = [...new Set(pairs.map((pair) => pair.bound))].sort((a, b) => a - b);
  const size = Math.min(520, Math.max(270, holder.clientWidth));
  const longest = Math.max(...pairs.map((pair) => Math.max(pair.bound, pair.p95))),
    middle = size / 2;
  const radius = (ms) =>
    26 + ((middle - 60) * Math.log(Math.max(ms, NEAREST) / NEAREST)) / Math.log((longest * 1.1) / NEAREST);
  holder.style.height = "auto";
  holder.append(
    svg(
      "svg",
      { viewBox: `0 0 ${size} ${size}`, width: "100%", class: "rings" },
      ...bounds.flatMap((bound) => [
        svg("circle", { cx: middle, cy: middle, r: radius(bound), class: "ring-line" }),
        svg("text", { x: middle, y: middle - radius(bound) - 5, class: "bound" }, `${number(bound)} ms`),
      ]),
      ...pairs.flatMap((pair, place) => pairMark(pair, middle, radius(pair.p95), (place + 0.5) / pairs.length)),
      svg("text", { x: middle, y: middle + 4 }, centre(pairs)),
    ),
  );
}

function pairMark(pair, middle, distance, turn) {
  const angle = turn * 2 * Math.PI - Math.PI / 2,
    x = middle + distance * Math.cos(angle),
    y = middle + distance * Math.sin(angle);
  const classes = `dot${pair.p95 > pair.bound ? " outside" : ""}${pair.basis === "one_way" ? "" : " estimated"}`;
  const text = `${pair.name}: p95 ${number(pair.p95, 2)} ms / ${number(pair.bound)} ms`;
  const inside = Math.min(Math.max(x, 62), 2 * middle - 62);
  return [
    svg("line", { x1: middle, y1: middle, x2: x, y2: y, class: "spoke" }),
    svg("circle", { cx: x, cy: y, r: 8, class: classes }, svg("title", {}, text)),
    svg("text", { x: inside, y: y + (y > middle ? 22 : -13) }, pair.name),
    svg("text", { x: inside, y: y + (y > middle ? 36 : -27), class: "bound" }, `${number(pair.p95, 2)} ms`),
  ];
}

// The worst of all paths between two regions, by circle and basis.
function placePairs() {
  const worst = new Map();
  for (const [from, to, bound, basis, p95] of query(
    "circles",
    ["from_site_id", "to_site_id", "circle_ms", "basis"],
    ["p95_ms"],
  ).rows) {
    if (p95 === null) continue;
    const ends = [...new Set([from, to].map((site) => (siteRows.get(site) || [])[4]))].sort();
    const key = JSON.stringify([ends, bound, basis]),
      before = worst.get(key);
    if (!before || before.p95 < p95) worst.set(key, { ends, bound, basis, p95 });
  }
  const found = [...worst.values()].sort((a, b) => a.bound - b.bound),
    core = (found.find(({ ends }) => ends.length === 1) || { ends: [] }).ends[0];
  return found.map((pair) => ({ ...pair, core, name: placeName(pair.ends, core) }));
}

// The region that has a circle of its own stands in the middle and is not named again.
function placeName(ends, core) {
  if (ends.length === 1) return say("within the city", "市域内");
  return ends
    .filter((end) => end !== core)
    .map(regionName)
    .join(" – ");
}

function centre(pairs) {
  return pairs[0] && pairs[0].core ? regionName(pairs[0].core) : "";
}
