// Where a figure comes from: what it means, the statement that gives it, and the records that it rests on.

function about(title, question) {
  const dialog = document.getElementById("about");
  dialog.replaceChildren(
    make(
      "div",
      { class: "head" },
      make("h2", { id: "about-title" }, title),
      button(say("Close", "关闭"), () => dialog.close()),
    ),
    make("p", { class: "note" }, question.measures.length ? chosenText() : say("The whole release.", "整个发布版本。")),
    make("h3", {}, say("Definition", "定义")),
    definitions(question),
    make("h3", {}, "SQL"),
    sqlBox(question.sql),
    make("h3", {}, say("Lineage", "血缘")),
    ...lineage(question),
  );
  dialog.showModal();
}

function definitions(question) {
  const list = make("dl"),
    table = page.tables[question.table];
  for (const name of [...new Set(question.defined)]) {
    const column = table && table.columns[name];
    if (!column) continue;
    list.append(
      make(
        "dt",
        {},
        `${column[0]} · ${column[1]}`,
        make("code", {}, `${question.table}.${name}`),
        column[4] ? ` [${column[4]}]` : "",
      ),
      make("dd", {}, make("p", {}, column[2]), make("p", { lang: "zh" }, column[3])),
    );
  }
  const link = make(
    "a",
    { href: `${page.meta.docs}#${question.table}` },
    say(`All of ${question.table}`, `${question.table} 全部说明`),
  );
  list.append(make("dd", {}, link));
  return list;
}

function sqlBox(sql) {
  const command = `suanzhang sql --role ${page.meta.role} "${sql.replaceAll("\n", " ").replace(/ +/g, " ")}"`;
  const copy = (text) => (event) => {
    if (navigator.clipboard) navigator.clipboard.writeText(text).catch(() => {});
    event.target.textContent = say("Copied", "已复制");
  };
  return make(
    "div",
    {},
    make("pre", { class: "sql", tabindex: "0" }, sql),
    make(
      "div",
      { class: "tools" },
      button(say("Copy SQL", "复制 SQL"), copy(sql)),
      button(say("Copy as command", "复制为命令"), copy(command)),
    ),
  );
}

// A regulator sees how many records of which deliveries stand behind a table's rows; finance how a line is proved.
function lineage(question) {
  if (page.cubes.evidence) return summary(question);
  const text =
    page.lists.periods && ["statement_lines", "settlement_flows", "statements"].includes(question.table)
      ? say(
          "A line is the sum of charges with its line_id; a charge rests on metered usage by record_hash. Prove one with: suanzhang prove CHARGE_ID --pack close_packs/PERIOD",
          "一行结算是同一 line_id 的计费项之和；计费项依据 record_hash 对应的计量用量。验证：suanzhang prove 计费项 --pack close_packs/账期",
        )
      : say(
          "The records behind this table are shown to regulators (lineage_summary) and engineers (lineage).",
          "本表所依据的记录由监管（lineage_summary）与工程师（lineage）查看。",
        );
  return [make("p", {}, text)];
}

const COUNTS_DELIVERIES = new Set(["data_quality_daily", "completeness_daily", "quarantine_reasons"]);
const BEHIND = { utilisation_hourly: "utilisation_daily", energy_hourly: "energy_daily", pue_rolling: "energy_daily" };

function summary(question) {
  if (COUNTS_DELIVERIES.has(question.table)) {
    return [
      make("p", {}, say("This table counts deliveries and their rows themselves.", "本表直接统计交付及其行数。")),
    ];
  }
  const behind = evidence(question.table);
  if (!behind.rows.length) {
    return [
      make(
        "p",
        {},
        say(
          "No records are named for this table; its basis is told in its definition.",
          "本表没有逐条记录；其依据见定义。",
        ),
      ),
    ];
  }
  return [
    make(
      "p",
      {},
      say(
        "Records and deliveries behind these rows, of all days of the release; lineage_summary names each delivery by the SHA-256 of its bytes.",
        "这些行所依据的记录与交付（发布版本全部日期）；lineage_summary 以字节的 SHA-256 标明每个交付。",
      ),
    ),
    tableOf(behind, say("Lineage", "血缘")),
    sqlBox(behind.sql),
  ];
}

// The records behind a table's rows at the sites chosen, by kind of record.
function evidence(table) {
  const behind = BEHIND[table] || table,
    found = cube("evidence"),
    [what, id] = state.place.split(":");
  const inside = (site) => !state.place || (what === "site" ? site === id : (siteRows.get(site) || [])[4] === id);
  const sums = new Map();
  for (let row = 0; row < found.n; row++) {
    if (found.table_name[row] !== behind || !inside(found.owner[row])) continue;
    sums.set(found.dataset[row], (sums.get(found.dataset[row]) || 0) + found.records[row]);
  }
  const owner = "split_part(row_key, '|', 1)";
  const place = !state.place
    ? ""
    : what === "site"
      ? `\n    and ${owner} = ${quoted(id)}`
      : `\n    and ${owner} in (select site_id from sites where region = ${quoted(id)})`;
  return {
    table: "lineage_summary",
    rows: [...sums].sort((a, b) => compare(a, b)),
    measures: [],
    defined: [],
    columns: [
      { name: "dataset", label: say("kind of record", "记录种类"), format: "day" },
      { name: "records", label: say("records", "记录数"), format: "count" },
    ],
    sql: `select dataset, sum(records) as records\nfrom lineage_summary\nwhere table_name = ${quoted(behind)}${place}\ngroup by dataset\norder by dataset`,
  };
}
