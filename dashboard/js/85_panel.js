// What a view is built of: single figures and panels, each with its definition, SQL, lineage, table and CSV.
const panels = [];

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function button(text, act, attributes = {}) {
  return make("button", { type: "button", class: "small", onclick: act, ...attributes }, text);
}

// Single figures side by side: [{id, title, question, note, mark}]; each question has one row and one figure.
function figures(parent, list) {
  const box = make("div", { class: "figures" });
  for (const each of list) box.append(figure(each));
  parent.append(box);
}

function figure({ id, title, question, note, mark }) {
  const column = question.columns[question.columns.length - 1],
    value = question.rows[0][question.columns.length - 1];
  panels.push({ id, question });
  const unit = UNITS[column.format] ? UNITS[column.format]() : "";
  return make(
    "div",
    { class: "figure", "data-figure": id },
    make("div", { class: "what" }, title),
    make(
      "div",
      { class: `value${value === null ? " missing" : ""}${formatted(value, column.format).length > 9 ? " long" : ""}` },
      formatted(value, column.format),
      value !== null && unit ? make("small", {}, ` ${unit}`) : null,
    ),
    make("div", { class: "under" }, mark ? chip(mark) : null, note ? make("span", {}, note) : null),
    button("?", () => about(title, question), {
      class: "small about",
      "aria-label": say(`${title}: definition, SQL, lineage`, `${title}：定义、SQL、血缘`),
    }),
  );
}

// How sure a figure is: the same few marks everywhere.
const MARKS = {
  measured: ["measured", "计量"],
  estimated: ["estimated in part", "部分估算"],
  open: ["still open", "尚未完结"],
  suppressed: ["suppressed", "已隐去"],
  unknown: ["not fully known", "未完全获知"],
  simulated: ["simulated", "模拟"],
};

function chip(mark, text) {
  return make("span", { class: `chip ${mark}` }, text || pick(MARKS[mark]));
}

// A chart or table with its title. `option` gives the chart's; without it the panel is the table alone.
function panel(parent, { id, title, note, question, option, custom, height = 280, wide = false, tall }) {
  panels.push({ id, question });
  const heading = `heading-${id}`;
  const holder = make("div", { class: "holder" });
  const tools = make("div", { class: "tools" });
  const section = make(
    "section",
    { class: wide ? "panel wide" : "panel", "aria-labelledby": heading, "data-panel": id },
    make("div", { class: "head" }, make("h3", { id: heading }, title), tools),
    note ? make("p", { class: "note" }, note) : null,
    holder,
  );
  parent.append(section);
  const empty = !question.rows.length;
  if (empty)
    holder.append(
      make(
        "p",
        { class: "empty" },
        say("The release has nothing for these choices.", "该发布版本对所选条件没有数据。"),
      ),
    );
  else if (option || custom) {
    const chart = make("div", {
      class: "chart",
      role: "img",
      style: `height:${tall || height}px`,
      "aria-label": say(`${title}. The same as a table: button Table.`, `${title}。同一数据的表格见“表格”按钮。`),
    });
    holder.append(chart);
    if (custom) custom(chart);
    else draw(chart, option);
  } else holder.append(tableOf(question, title));
  addTools(tools, holder, { id, title, question, toggle: !empty && (option || custom) });
}

function addTools(tools, holder, { id, title, question, toggle }) {
  if (toggle) {
    const switching = button(
      say("Table", "表格"),
      () => {
        const shown = holder.querySelector(".scroll");
        if (shown) shown.remove();
        else holder.append(tableOf(question, title));
        switching.setAttribute("aria-expanded", String(!shown));
      },
      { "aria-expanded": "false" },
    );
    tools.append(switching);
  }
  tools.append(
    button("CSV", () => download(`${id}.csv`, csv(question)), {
      "aria-label": say(`${title}: download CSV`, `${title}：下载 CSV`),
    }),
  );
  tools.append(button(say("Definition · SQL", "定义 · SQL"), () => about(title, question)));
}

// Said where a chart draws the first of many.
function drawnOf(drawnRows, all) {
  return drawnRows < all
    ? say(
        ` ${drawnRows} of ${all} are drawn; the table has all.`,
        ` 图中为 ${all} 项中的 ${drawnRows} 项，全部见表格。`,
      )
    : "";
}

const ROWS_SHOWN = 400;
const FIGURE_FORMATS = new Set(["share", "fine", "hours", "count", "ratio", "mwh", "ms", "seconds", "yuan", "figure"]);

function tableOf(question, title) {
  const head = make(
    "tr",
    {},
    ...question.columns.map((column) =>
      make("th", { scope: "col", class: FIGURE_FORMATS.has(column.format) ? "number" : undefined }, column.label),
    ),
  );
  const body = make("tbody");
  for (const row of question.rows.slice(0, ROWS_SHOWN)) {
    body.append(
      make(
        "tr",
        {},
        ...row.map((value, place) => {
          const column = question.columns[place];
          const classes = [FIGURE_FORMATS.has(column.format) ? "number" : "", value === null ? "missing" : ""]
            .join(" ")
            .trim();
          return make(
            "td",
            { class: classes || undefined },
            column.format === "status" ? verdict(value) : cell(question, value, column),
          );
        }),
      ),
    );
  }
  const rest = question.rows.length - ROWS_SHOWN;
  return make(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": title },
    make("table", {}, make("thead", {}, head), body),
    rest > 0
      ? make(
          "p",
          { class: "note" },
          say(`${number(rest)} more rows are in the CSV.`, `其余 ${number(rest)} 行见 CSV。`),
        )
      : null,
  );
}

// A verdict in the colour of what it says; the words say it as well.
const VERDICTS = { met: "good", not_flagged: "good", not_met: "bad", flagged: "bad", cannot_be_computed: "unknown" };

function verdict(status) {
  return chip(VERDICTS[status] || "plain", word("target_scorecard", "status", status));
}

// CSV with the names of the SQL; a text that a spreadsheet would run begins with an apostrophe.
function csv(question) {
  const plain = (value) => {
    if (value === null || value === undefined) return "";
    const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const whole = question.answers || question;
  const lines = [whole.columns.map((column) => column.name), ...whole.rows];
  return `\ufeff${lines.map((row) => row.map(plain).join(",")).join("\r\n")}\r\n`;
}

function download(name, text) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
