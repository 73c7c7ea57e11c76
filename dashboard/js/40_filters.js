const VIEWS = {},
  FILTERS_MORE = {};

// The choices as a condition: over the columns of a cube in the page, and the same in SQL over the release.
const quoted = (text) => `'${String(text).replaceAll("'", "''")}'`;

// What of the choices bears on a cube: tests of a row's place, and conditions in SQL.
function conditions(source, without = []) {
  const table = cube(source.cube),
    tests = [],
    sql = [...(source.where || [])];
  const add = (test, condition) => {
    tests.push(test);
    sql.push(condition);
  };
  const [what, id] = state.place.split(":");
  if (state.place && source.place && !without.includes("place")) addPlace(source, table, what, id, add);
  if (state.class && source.class && !(source.kind && state.kind === "rack") && !without.includes("class")) {
    add((row) => table.compute_class[row] === state.class, `${source.class} = ${quoted(state.class)}`);
  }
  if (source.kind && !without.includes("kind")) {
    add((row) => table.resource_kind[row] === state.kind, `resource_kind = ${quoted(state.kind)}`);
  }
  const span = period();
  if (span && source.day && !without.includes("period")) {
    add(
      (row) => table.day[row] >= span.from && table.day[row] <= span.to,
      `${source.day} between '${toIso(span.from)}' and '${toIso(span.to)}'`,
    );
  }
  if (source.hours && hoursOfMonth()) {
    const month = hoursOfMonth();
    add((row) => table.month[row] === month, `strftime(timezone('Asia/Shanghai', hour), '%Y-%m') = ${quoted(month)}`);
  }
  if (source.month && !without.includes("month")) {
    const month = settledMonth();
    add((row) => table.period[row] === month, `period = ${quoted(month)}`);
  }
  if (source.tenant && state.tenant && !without.includes("tenant")) {
    add((row) => table.tenant_id[row] === state.tenant, `tenant_id = ${quoted(state.tenant)}`);
  }
  return { test: (row) => tests.every((test) => test(row)), sql };
}

function addPlace(source, table, what, id, add) {
  const inside = (site) => (what === "site" ? site === id : (siteRows.get(site) || [])[4] === id);
  if (source.place === "path") {
    const within = what === "site" ? `= ${quoted(id)}` : `in (select site_id from sites where region = ${quoted(id)})`;
    add(
      (row) => inside(table.from_site_id[row]) || inside(table.to_site_id[row]),
      `(from_site_id ${within} or to_site_id ${within})`,
    );
  } else if (source.place === "region") {
    const region = what === "region" ? id : (siteRows.get(id) || [])[4];
    add((row) => table.region[row] === region, `region = ${quoted(region)}`);
  } else {
    const column = source.place;
    add(
      (row) => inside(table[column][row]),
      what === "site"
        ? `${column} = ${quoted(id)}`
        : `${column} in (select site_id from sites where region = ${quoted(id)})`,
    );
  }
}

// The month that hours are narrowed to: one that is chosen, where the page holds hours by month.
function hoursOfMonth() {
  const span = period();
  return span && page.meta.grain === "day" && /^\d{4}-\d\d$/.test(span.id) ? span.id : "";
}

// What is said where a choice does not bear on a figure.
function regardless(...names) {
  const said = { class: say("all classes", "全部类型"), tenant: say("all tenants", "全部租户") };
  return names
    .filter((name) => state[name])
    .map((name) => said[name])
    .join(", ");
}

function chosenText() {
  const [what, id] = state.place.split(":"),
    span = period();
  const told = {
    place: () => (state.place ? (what === "site" ? siteName(id) : regionName(id)) : say("all sites", "全部节点")),
    class: () =>
      state.class ? word("utilisation_daily", "compute_class", state.class) : say("all classes", "全部类型"),
    kind: () => word("utilisation_daily", "resource_kind", state.kind),
    period: () => (span ? periodName(span) : `${page.meta.first} – ${page.meta.last}`),
    month: () => settledMonth(),
    tenant: () => state.tenant || say("all tenants", "全部租户"),
  };
  return VIEWS[state.view].filters.map((name) => told[name]()).join(" · ");
}
