// The frame: navigation, filters, switches; shows one view and draws it anew after every choice.

function view(id, name, show, filters = ["place", "class", "kind", "period"]) {
  VIEWS[id] = { name, show, filters };
}

const ORDER = ["overview", "utilisation", "energy", "network", "queues", "settlement", "quality"];

function start() {
  readState();
  if (!VIEWS[state.view]) state.view = "overview";
  addEventListener("hashchange", () => {
    readState();
    show();
  });
  addEventListener("beforeprint", () => {
    printing = true;
    show();
    fitPaper();
  });
  addEventListener("afterprint", () => {
    printing = false;
    show();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  document
    .getElementById("language")
    .addEventListener("click", () => choose({ lang: state.lang === "zh" ? "en" : "zh" }));
  document.getElementById("theme").addEventListener("click", () => choose({ theme: isDark() ? "light" : "dark" }));
  document.getElementById("print").addEventListener("click", () => print());
  window.suanzhang = {
    panels: () => panels.map(({ id, question }) => ({ id, ...question })),
    choose,
    views: ORDER.filter((id) => VIEWS[id]),
  };
  show();
  window.suanzhang.shownAfter = performance.now();
}

let printing = false;

// Paper is light, whatever the screen is.
const isDark = () =>
  !printing && (state.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

function choose(change) {
  Object.assign(state, change);
  writeState();
  show();
}

function show() {
  const root = document.documentElement;
  root.lang = state.lang === "zh" ? "zh-CN" : "en";
  root.dataset.theme = isDark() ? "dark" : "light";
  clearCharts();
  panels.length = 0;
  if (!VIEWS[state.view]) state.view = "overview";
  const chosen = VIEWS[state.view];
  showFrame(chosen);
  const main = document.getElementById("main");
  main.replaceChildren(make("h1", {}, pick(chosen.name)), make("p", { class: "chosen" }, chosenText()));
  if (page.meta.first) chosen.show(main);
  else main.append(make("p", { class: "empty" }, say("This release has no figures yet.", "该发布版本尚无数据。")));
}

function showFrame(chosen) {
  const text = (id, en, zh) => {
    document.getElementById(id).textContent = say(en, zh);
  };
  text("skip", "Skip to the figures", "跳到数据");
  text("language", "中文", "English");
  text("theme", isDark() ? "Light" : "Dark", isDark() ? "浅色" : "深色");
  text("print", "Print", "打印");
  document.getElementById("whose").textContent =
    page.meta.role === "finance" ? say("finance page", "财务页") : say("public page", "公开页");
  document.title = `${pick(chosen.name)} · 算账 suanzhang`;
  const nav = document.getElementById("views");
  nav.setAttribute("aria-label", say("Views", "视图"));
  nav.replaceChildren(
    ...ORDER.filter((id) => VIEWS[id]).map((id) =>
      make(
        "a",
        {
          href: `#view=${id}`,
          "aria-current": id === state.view ? "page" : undefined,
          onclick: (event) => {
            event.preventDefault();
            choose({ view: id });
            document.getElementById("main").focus({ preventScroll: true });
          },
        },
        pick(VIEWS[id].name),
      ),
    ),
  );
  document
    .getElementById("filters")
    .replaceChildren(...chosen.filters.map((name) => (FILTERS[name] || FILTERS_MORE[name])()), legend());
  document
    .getElementById("foot")
    .replaceChildren(
      make(
        "span",
        {},
        `${say("Release", "发布版本")} ${page.meta.release} · ${page.meta.first} – ${page.meta.last} · ${say("business days, Asia/Shanghai", "营业日（Asia/Shanghai）")}`,
      ),
      make("a", { href: page.meta.docs }, say("What each table means", "各表说明")),
    );
}

function select(name, label, options, value) {
  const box = make("select", { id: `filter-${name}`, onchange: (event) => choose({ [name]: event.target.value }) });
  for (const each of options) {
    if (each.options) box.append(make("optgroup", { label: each.label }, ...each.options.map(option)));
    else box.append(option(each));
  }
  box.value = value;
  return make("label", {}, make("span", {}, label), box);
}

const option = ({ value, label }) => make("option", { value }, label);

const FILTERS = {
  place: () => {
    const rows = page.lists.sites.rows,
      regions = [...new Set(rows.map((row) => row[4]).filter(Boolean))];
    return select(
      "place",
      say("Site or region", "节点或区域"),
      [
        { value: "", label: say("all", "全部") },
        {
          label: say("Regions", "区域"),
          options: regions.map((id) => ({ value: `region:${id}`, label: regionName(id) })),
        },
        {
          label: say("Sites", "节点"),
          options: rows.map((row) => ({ value: `site:${row[0]}`, label: siteName(row[0]) })),
        },
      ],
      state.place,
    );
  },
  class: () =>
    select(
      "class",
      say("Class", "算力类型"),
      [
        { value: "", label: say("all", "全部") },
        ...[...new Set(cube("use").compute_class)]
          .filter((each) => each !== "all")
          .sort()
          .map((id) => ({ value: id, label: word("utilisation_daily", "compute_class", id) })),
      ],
      state.class,
    ),
  kind: () =>
    select(
      "kind",
      say("Resource", "资源"),
      kinds().map((id) => ({ value: id, label: word("utilisation_daily", "resource_kind", id) })),
      state.kind,
    ),
  period: () =>
    select(
      "period",
      say("Period", "期间"),
      [
        { value: "", label: say("all days", "全部日期") },
        ...periods().map((each) => ({ value: each.id, label: periodName(each) })),
      ],
      state.period,
    ),
};

// How to read the page: the same marks wherever a figure is less than measured.
function legend() {
  return make(
    "div",
    { class: "legend", role: "note" },
    ...["measured", "estimated", "open", "suppressed", "unknown"].map((mark) => chip(mark)),
  );
}
