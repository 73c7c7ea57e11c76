// A question asked of the page's data and, word for word the same, of the release: rows, columns and the SQL that gives them.

// `by` are columns to group by, `measures` names of figures; `without` leaves choices out, `having` leaves groups out by
// their sums. Rows come ordered by `by`.
function query(sourceName, by, measures, { without = [], having = null } = {}) {
  const source = SOURCES[sourceName],
    table = cube(source.cube),
    chosen = conditions(source, without);
  const groups = [...grouped(table, by, chosen.test)].map(({ key, rows }) => ({ key, sums: sumsOf(table, rows) }));
  const rows = groups
    .filter(({ sums }) => !having || having.test(sums))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ key, sums }) => [
      ...key.map((value, place) => (by[place] === "day" ? toIso(value) : value)),
      ...measures.map((id) => MEASURES[id].of(sums)),
    ]);
  return {
    source: sourceName,
    table: source.table,
    rows,
    by,
    measures,
    columns: [
      ...by.map((name) => ({ name, label: groupLabel(source.table, name), format: name === "day" ? "day" : "key" })),
      ...measures.map((id) => ({ name: id, label: pick(MEASURES[id].label), format: MEASURES[id].format })),
    ],
    defined: measures.flatMap((id) => MEASURES[id].columns),
    sql: statement(source, by, measures, chosen.sql, having),
  };
}

// The rows that are chosen, by key; one group of all rows, be there any or not, where nothing groups them.
function grouped(table, by, test) {
  const groups = new Map(by.length ? [] : [["", { key: [], rows: [] }]]),
    columns = by.map((name) => table[name]);
  for (let row = 0; row < table.n; row++) {
    if (!test(row)) continue;
    const id = columns.map((column) => column[row]).join("|");
    if (!groups.has(id)) groups.set(id, { key: columns.map((column) => column[row]), rows: [] });
    groups.get(id).rows.push(row);
  }
  return groups.values();
}

// The sums of a group's rows by column, each made when a formula first asks for it.
function sumsOf(table, rows) {
  const known = {};
  return new Proxy(known, {
    get: (_, name) => (name in known ? known[name] : (known[name] = summed(table[name], rows, name))),
  });
}

const COUNTS = new Set([
  "rows",
  "known_rows",
  "estimated_rows",
  "open_rows",
  "incomplete_rows",
  "days",
  "judged",
  "met",
  "cells",
  "hidden",
  "feed_days",
  "declared_days",
  "complete_days",
  "lines",
  "debts",
]);

// As SQL sums: what is unknown counts for nothing, and nothing known sums to unknown; a count of nothing is 0.
function summed(column, rows, name) {
  let found = COUNTS.has(name) ? 0 : null;
  for (const row of rows) {
    const value = column[row];
    if (value === null) continue;
    found = found === null ? value : GREATEST.has(name) ? Math.max(found, value) : found + value;
  }
  return found;
}

function compare(a, b) {
  for (let place = 0; place < a.length; place++) {
    if (a[place] === b[place]) continue;
    if (a[place] === null) return 1;
    if (b[place] === null) return -1;
    return a[place] < b[place] ? -1 : 1;
  }
  return 0;
}

function groupLabel(table, name) {
  const own = {
    day: page.meta.grain === "day" ? ["day", "日"] : ["week from", "周起始日"],
    weekday: ["weekday", "星期"],
    hour: ["hour", "时"],
  }[name];
  return own ? pick(own) : columnName(table, name);
}

function statement(source, by, measures, where, having) {
  const spelt = (name) => (SPELT[name] ? SPELT[name](source) : name);
  const picked = [
    ...by.map((name) => (spelt(name) === name ? name : `${spelt(name)} as ${name}`)),
    ...measures.map(
      (id) => `${typeof MEASURES[id].sql === "function" ? MEASURES[id].sql() : MEASURES[id].sql} as ${id}`,
    ),
  ];
  const lines = [`select ${picked.join(",\n    ")}`, `from ${source.table}`];
  if (where.length) lines.push(`where ${where.join("\n    and ")}`);
  if (by.length) lines.push("group by all", ...(having ? [`having ${having.sql}`] : []), `order by ${by.join(", ")}`);
  return lines.join("\n");
}

// A list of the release as a question of the same shape; `keep` chooses rows, as `where` does in SQL.
function listed(name, format = {}) {
  const list = page.lists[name];
  return {
    source: name,
    table: list.table,
    rows: list.rows,
    by: [],
    measures: [],
    defined: list.columns,
    sql: list.sql,
    columns: list.columns.map((column) => ({
      name: column,
      label: columnName(list.table, column),
      format: format[column] || "key",
    })),
  };
}
