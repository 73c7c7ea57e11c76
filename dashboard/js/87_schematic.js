// The network as a drawing: regions as boxes, sites as discs filled as far as they are used, circles as lines between regions.
const SVG = "http://www.w3.org/2000/svg";

function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Many sites are drawn small and named when pointed at; the table names them all.
const isLarge = () => page.lists.sites.rows.length > 24;

function schematic(holder) {
  const used = new Map(query("use", ["site_id"], ["of_installed"]).rows);
  const regions = new Map();
  for (const row of page.lists.sites.rows) {
    if (!regions.has(row[4])) regions.set(row[4], []);
    regions.get(row[4]).push(row[0]);
  }
  const width = Math.max(260, holder.clientWidth),
    many = isLarge();
  const cell = many
    ? { width: 60, height: 62, radius: 20 }
    : { width: Math.min(150, Math.floor((width - 14) / 2)), height: 112, radius: 27 };
  const boxes = laidOut(
    [...regions].sort((a, b) => b[1].length - a[1].length),
    width,
    cell,
  );
  const height = Math.max(...boxes.map((box) => box.y + box.height)) + 10;
  holder.style.height = "auto";
  holder.append(
    svg(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, width: "100%", height, class: "schematic" },
      ...boxes.map((box) => regionBox(box, used, cell)),
    ),
  );
}

// Boxes in rows, each as wide as its sites need.
function laidOut(regions, width, cell) {
  const across = Math.max(1, Math.floor((width - 12) / cell.width)),
    boxes = [];
  let x = 0,
    y = 0,
    tallest = 0;
  for (const [id, sites] of regions) {
    const columns = Math.min(sites.length, across),
      rows = Math.ceil(sites.length / columns);
    const box = { id, sites, columns, width: columns * cell.width + 12, height: rows * cell.height + 34 };
    if (x && x + box.width > width) {
      x = 0;
      y += tallest + 12;
      tallest = 0;
    }
    boxes.push({ ...box, x, y });
    x += box.width + 12;
    tallest = Math.max(tallest, box.height);
  }
  return boxes;
}

function regionBox(box, used, cell) {
  const group = svg(
    "g",
    { transform: `translate(${box.x},${box.y})` },
    svg("rect", { x: 0.5, y: 0.5, width: box.width - 1, height: box.height - 1, rx: 8, class: "region" }),
    svg("text", { x: 12, y: 22, class: "region-name" }, regionName(box.id)),
  );
  box.sites.forEach((site, place) => {
    const x = (place % box.columns) * cell.width + cell.width / 2 + 6,
      y = Math.floor(place / box.columns) * cell.height + (cell.radius > 20 ? 66 : 58);
    group.append(disc(site, x, y, used.get(site), cell));
  });
  return group;
}

function disc(site, x, y, share, cell) {
  const radius = cell.radius,
    around = 2 * Math.PI * radius,
    known = share !== null && share !== undefined;
  const ring = known
    ? [
        svg("circle", {
          cx: x,
          cy: y,
          r: radius,
          class: share < ((halfMark()[0] || {}).value || 0) ? "load low" : "load",
          "stroke-dasharray": `${Math.min(1, share) * around} ${around}`,
          transform: `rotate(-90 ${x} ${y})`,
        }),
      ]
    : [];
  const name = siteName(site),
    lines = isLarge() ? [] : folded(name, cell.width);
  return svg(
    "g",
    {},
    svg("title", {}, `${name}: ${known ? FORMATS.share(share) : UNKNOWN_TEXT()}`),
    svg("circle", { cx: x, cy: y, r: radius, class: known ? "ring" : "ring missing" }),
    ...ring,
    svg(
      "text",
      { x, y: y + 5, class: isLarge() ? "load-text small" : "load-text" },
      known ? `${number(share * 100)} %` : "–",
    ),
    ...lines.map((line, place) => svg("text", { x, y: y + 44 + place * 13, class: "site-name" }, line)),
  );
}

// A name in at most two lines that fit beside their neighbours.
function folded(name, width) {
  const room = Math.floor(width / (/[\u4e00-\u9fff]/.test(name) ? 13.5 : 7));
  if (name.length <= room) return [name];
  const words = name.includes(" ") ? name.split(" ") : [...name],
    glue = name.includes(" ") ? " " : "",
    lines = [""];
  for (const each of words) {
    const grown = lines[lines.length - 1] ? lines[lines.length - 1] + glue + each : each;
    if (grown.length <= room) lines[lines.length - 1] = grown;
    else lines.push(each);
  }
  return lines.length > 2 ? [lines[0], `${lines[1].slice(0, room - 1)}…`] : lines;
}
