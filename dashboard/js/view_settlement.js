// Settlement (finance alone): what a month was billed, by whom it is owed and for what, and to whom it flows.

Object.assign(SOURCES, {
  flows: { cube: "flows", table: "settlement_flows", place: "site_id", class: "compute_class", month: true },
  owed: { cube: "owed", table: "statement_lines", place: "site_id", month: true, tenant: true },
  months: { cube: "months", table: "statement_lines", place: "site_id" },
  vouchers: { cube: "vouchers", table: "voucher_redemptions", place: "site_id", month: true, tenant: true },
  bridge: { cube: "bridge", table: "adjustments", place: "site_id", tenant: true },
  ages: {
    cube: "ages",
    table: "receivables",
    where: ["due_fen > 0", "counterparty_id in (select party_id from statement_lines)"],
  },
});

for (const [id, cubeColumn, label] of [
  ["net", "net", ["net 金额", "金额"]],
  ["tax", "tax", ["tax 税额", "税额"]],
  ["gross", "gross", ["gross 价税合计", "价税合计"]],
  ["redeemed", "redeemed", ["paid by vouchers", "算力券抵扣"]],
  ["opening", "opening", ["as closed", "关账时"]],
  ["adjustment", "adjustment", ["adjusted", "调整"]],
  ["closing", "closing", ["as known now", "现所知"]],
  ["due", "due", ["due", "应收"]],
  ["paid", "paid", ["paid", "已收"]],
  ["outstanding", "outstanding", ["outstanding", "未结"]],
  ["amount", "amount", ["amount", "金额"]],
  ["correction", "correction", ["of which corrections", "其中更正"]],
]) {
  measure(
    `${id}_yuan`,
    "yuan",
    [`${label[0]}, yuan`, `${label[1]}（元）`],
    [`${id}_fen`],
    `coalesce(sum(${id}_fen), 0) / 100.0`,
    (s) => (s[cubeColumn] ?? 0) / 100,
  );
}
measure("lines", "count", ["lines", "行数"], ["line_id"], "count(*)", (s) => s.lines);
measure("debts", "count", ["debts", "笔数"], ["due_fen"], "count(*)", (s) => s.debts);

const partyNames = new Map(
  (page.lists.parties || { rows: [] }).rows.map(([id, english, chinese]) => [id, [english, chinese]]),
);

function partyName(id) {
  return pick(partyNames.get(id)) || id;
}

view(
  "settlement",
  ["Settlement", "结算"],
  (main) => {
    owedFigures(main);
    flows(main);
    for (const [by, id, title, name] of [
      ["segment", "by_segment", say("By customer segment", "按客户类别")],
      ["site_id", "by_site", say("By site", "按节点")],
      ["compute_class", "by_class", say("By class", "按算力类型")],
      ["role", "by_role", say("By role of the receiver", "按收款角色")],
    ]) {
      const question = query("flows", [by], ["amount_yuan", "correction_yuan"]);
      const known = { ...question, rows: [...question.rows].sort((a, b) => b[1] - a[1]).slice(0, SITES_DRAWN) };
      panel(main, {
        id,
        title,
        question,
        note: regardless("tenant"),
        tall: 90 + 32 * known.rows.length,
        option: axisChart(known, {
          horizontal: true,
          format: "yuan",
          series: [{ measure: "amount_yuan", colour: "blue", name }],
          legend: false,
        }),
      });
    }
    owedTables(main);
    vouchers(main);
    bridge(main);
    balances(main);
  },
  ["place", "class", "month", "tenant"],
);

function owedFigures(main) {
  const closed = page.lists.periods.rows.find((row) => row[0] === settledMonth());
  const standing =
    closed && closed[1] !== "closed"
      ? { mark: "open", note: word("periods", "state", closed[1]) }
      : { note: [word("periods", "state", "closed"), regardless("class")].filter(Boolean).join(", ") };
  figures(main, [
    {
      id: "gross",
      title: say("Billed, tax included", "已计费（含税）"),
      question: query("owed", [], ["gross_yuan"]),
      ...standing,
    },
    { id: "net", title: say("net", "金额"), question: query("owed", [], ["net_yuan"]) },
    { id: "tax", title: say("tax", "税额"), question: query("owed", [], ["tax_yuan"]) },
    { id: "lines", title: say("Lines", "结算行"), question: query("owed", [], ["lines"]) },
    {
      id: "redeemed",
      title: say("Paid by vouchers", "算力券抵扣"),
      question: query("vouchers", [], ["redeemed_yuan"]),
      note: regardless("class"),
    },
    {
      id: "correction",
      title: say("Corrections of earlier months", "对以往账期的更正"),
      question: query("flows", [], ["correction_yuan"]),
      note: regardless("tenant"),
    },
  ]);
}

function flows(main) {
  const question = query("flows", ["segment", "site_id", "role", "party_id"], ["amount_yuan"]);
  const end = (row) => (row[2] === "tax" ? "role:tax" : `party:${row[3]}`);
  const links = [
    ...linked(
      question,
      (row) => `segment:${row[0]}`,
      (row) => `site:${row[1]}`,
    ),
    ...linked(question, (row) => `site:${row[1]}`, end),
  ];
  const labels = (name) => {
    const [what, id] = [name.slice(0, name.indexOf(":")), name.slice(name.indexOf(":") + 1)];
    return what === "segment"
      ? word("settlement_flows", "segment", id)
      : what === "site"
        ? siteName(id)
        : what === "role"
          ? say("tax", "税款")
          : partyName(id);
  };
  const ends = new Set(question.rows.map(end));
  panel(main, {
    id: "flows",
    title: say(
      "From customer segments, by site, to providers, operators and tax",
      "客户类别 → 节点 → 提供方、运营方与税",
    ),
    wide: true,
    note: `${say("yuan, tax included. Vouchers are not divided and stand apart.", "单位：元，含税。算力券抵扣不分成，另列。")} ${regardless("tenant")}`,
    question,
    option: links.some(([, , fen]) => fen > 0)
      ? sankeyChart(links, labels, (name) =>
          name.startsWith("segment") ? "purple" : name.startsWith("site") ? "blue" : "green",
        )
      : null,
    tall: Math.max(380, 26 * ends.size),
  });
}

function owedTables(main) {
  const byTenant = query("owed", ["tenant_id"], ["gross_yuan", "net_yuan", "tax_yuan", "lines"]);
  panel(main, {
    id: "by_tenant",
    title: say("What each tenant owes", "各租户应付"),
    question: byTenant,
    note: regardless("class"),
  });
  panel(main, {
    id: "for_what",
    title: say("For what: site, SKU, kind of line", "明细：节点、SKU、类别"),
    question: query("owed", ["tenant_id", "site_id", "sku_id", "line_kind"], ["gross_yuan", "lines"]),
    note: regardless("class"),
  });
  const months = query("months", ["period"], ["gross_yuan", "lines"]);
  panel(main, {
    id: "by_month",
    title: say("Billed by month", "逐月计费"),
    question: months,
    note: regardless("class", "tenant"),
    option: axisChart(months, { format: "yuan", series: [{ measure: "gross_yuan", colour: "blue" }] }),
  });
}

function vouchers(main) {
  panel(main, {
    id: "vouchers",
    title: say("Compute vouchers redeemed, by programme and site", "算力券使用（按计划与节点）"),
    question: query(
      "vouchers",
      ["programme_id", "issuer_party_id", "site_id", "limited_by"],
      ["redeemed_yuan", "gross_yuan", "lines"],
    ),
  });
}

// What closed months came to, what was adjusted since, and what they come to as known now.
function bridge(main) {
  const question = query("bridge", ["charge_period"], ["opening_yuan", "adjustment_yuan", "closing_yuan"]);
  const rows = question.rows,
    base = axisChart(question, {
      format: "yuan",
      series: [
        { measure: "opening_yuan", colour: "grey" },
        { measure: "adjustment_yuan", colour: "orange" },
        { measure: "closing_yuan", colour: "blue" },
      ],
    });
  base.series[1].data = rows.map((row) => ({
    value: row[2],
    itemStyle: { color: colour(row[2] < 0 ? "red" : "orange") },
  }));
  panel(main, {
    id: "bridge",
    title: say("Adjustments: from the close to what is known now", "调账：从关账到现所知"),
    wide: true,
    question,
    note: say(
      "Lines that changed after their month was closed, by the month charged.",
      "关账后有变化的结算行，按费用所属月。",
    ),
    option: base,
  });
}

function balances(main) {
  panel(main, {
    id: "ages",
    title: say("Receivables by age, all months", "应收账龄（全部账期）"),
    question: query("ages", ["ageing", "status"], ["outstanding_yuan", "due_yuan", "paid_yuan", "debts"]),
    note: regardless("tenant"),
  });
  panel(main, {
    id: "periods",
    title: say("Billing periods", "账期"),
    question: listed("periods", { gross_yuan: "yuan", late_yuan: "yuan" }),
  });
  panel(main, {
    id: "positions",
    title: say("Positions between providers, operators and the network", "提供方、运营方与网络之间的头寸"),
    wide: true,
    question: listed("positions", { receivable_yuan: "yuan", payable_yuan: "yuan", net_yuan: "yuan" }),
  });
}

// The month shown: the one chosen, else the newest closed, else the newest.
function settledMonth() {
  const months = [...new Set(cube("flows").period)].sort(),
    chosen = state.month || state.period;
  if (months.includes(chosen)) return chosen;
  const closed = page.lists.periods.rows.filter((row) => row[1] === "closed").map((row) => row[0]);
  return months.filter((month) => closed.includes(month)).pop() || months.pop() || "";
}

Object.assign(FILTERS_MORE, {
  month: () =>
    select(
      "month",
      say("Month", "账期"),
      [...new Set(cube("flows").period)].sort().map((id) => ({ value: id, label: id })),
      settledMonth(),
    ),
  tenant: () =>
    select(
      "tenant",
      say("Tenant (statements)", "租户（结算单）"),
      [
        { value: "", label: say("all", "全部") },
        ...[...new Set(cube("owed").tenant_id)].sort().map((id) => ({ value: id, label: `${partyName(id)} · ${id}` })),
      ],
      state.tenant,
    ),
});
