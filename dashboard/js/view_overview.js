// Overview: the figures that matter, the scorecard against targets, the network and its load.

view("overview", ["Overview", "总览"], (main) => {
  const use = query("use", [], ["of_installed"]),
    energy = query("energy", [], ["ipue"]);
  figures(main, [
    {
      id: "of_installed",
      title: say(`Installed ${word("", "", state.kind)} in use`, `${word("", "", state.kind)}装机利用率`),
      question: use,
      ...useMark(),
    },
    { id: "in_service", title: say("In service", "在用可供"), question: query("use", [], ["in_service"]) },
    {
      id: "ipue",
      title: say("iPUE (facility ÷ IT energy)", "iPUE（设施÷IT 用电）"),
      question: energy,
      ...energyMark("class"),
    },
    {
      id: "green_share",
      title: say("Green share of energy", "绿电占比"),
      question: query("energy", [], ["green_share"]),
      note: regardless("class"),
    },
    {
      id: "met_share",
      title: say("Days inside the latency circles", "时延圈达标日"),
      question: query("circles", [], ["met_share"]),
      note: regardless("class"),
    },
    {
      id: "complete_share",
      title: say("Feed-days complete, of those declared", "供给日完整率（占申报）"),
      question: query("declared", [], ["complete_share"]),
      note: regardless("class"),
    },
  ]);
  panel(main, {
    id: "schematic",
    title: say("The network: regions, sites and their load", "网络示意：区域、节点及其负载"),
    note: say(
      "Share of installed in use; orange below the rule's bound; dotted where it is not known.",
      "装机利用率；低于规则界限为橙色；未知为虚线。",
    ),
    question: query("use", ["site_id"], ["of_installed", "known_installed", "known_allocated"]),
    custom: schematic,
    wide: isLarge(),
  });
  const circles = query(
    "circles",
    ["from_site_id", "to_site_id", "circle_ms", "basis"],
    ["p95_ms", "met_days", "judged_days"],
  );
  panel(main, {
    id: "rings",
    title: say("Latency circles: the worst day's 95th percentile", "时延圈：最差日 95 分位"),
    note: say(
      "Rings are the bounds, one way, distance logarithmic; red is outside, pale is half of a round trip (estimated).",
      "圆环为单向上限，距离取对数；红色为超出，浅色为往返折半（估算）。",
    ),
    wide: isLarge(),
    question: circles,
    custom: circles.rows.some((row) => row[4] !== null) ? rings : null,
  });
  panel(main, {
    id: "scorecard",
    title: say("Scorecard: this network against published figures", "记分卡：本网络与公开目标对照"),
    wide: true,
    note: say(
      "Of this network's sites alone, whatever is chosen above; latency is that of the newest day judged.",
      "仅含本网络节点，不受上方筛选影响；时延为最近一个已判定日的数值。",
    ),
    question: scorecard(),
  });
});

// How sure the utilisation of the choice is.
function useMark() {
  const row = query("use", [], ["unknown_rows", "estimated_rows", "open_rows", "use_rows"]).rows[0];
  const [unknown, estimated, open, rows] = row;
  if (unknown)
    return {
      mark: "unknown",
      note: say(
        `${number(unknown)} of ${number(rows)} rows left out`,
        `${number(rows)} 行中 ${number(unknown)} 行未计入`,
      ),
    };
  if (estimated)
    return {
      mark: "estimated",
      note: say(`${number(estimated)} of ${number(rows)} rows`, `${number(rows)} 行中 ${number(estimated)} 行`),
    };
  if (open)
    return {
      mark: "open",
      note: say(`${number(open)} of ${number(rows)} rows`, `${number(rows)} 行中 ${number(open)} 行`),
    };
  return rows ? { mark: "measured" } : {};
}

function energyMark(...ignored) {
  const [estimated, incomplete] = query("energy", [], ["energy_estimated", "incomplete_days"]).rows[0];
  if (incomplete)
    return {
      mark: "unknown",
      note: say(`${number(incomplete)} site-days left out`, `${number(incomplete)} 个节点日未计入`),
    };
  return estimated
    ? { mark: "estimated", note: FORMATS.fine(estimated) }
    : { mark: "measured", note: regardless(...ignored) };
}

function scorecard() {
  const list = page.lists.scorecard,
    at = (name) => list.columns.indexOf(name);
  const shown = { target: say(at("name_en"), at("name_zh")), reason: say(at("reason_en"), at("reason_zh")) };
  const wanted = [
    ["name", say("Indicator", "指标"), (row) => row[shown.target]],
    ["scope_id", say("Where", "范围"), (row) => scopeName(row[at("scope_kind")], row[at("scope_id")])],
    [
      "resource_kind",
      say("Resource", "资源"),
      (row) =>
        row[at("resource_kind")] && row[at("resource_kind")] !== "none"
          ? word("target_scorecard", "resource_kind", row[at("resource_kind")])
          : "–",
    ],
    [
      "target_value",
      say("Published figure", "公开数字"),
      (row) => `${COMPARED[row[at("comparison")]] || ""} ${measured(row[at("target_value")], row[at("unit")])}`,
    ],
    ["value", say("This network", "本网络"), (row) => measured(row[at("value")], row[at("unit")])],
    ["status", say("Status", "状态"), (row) => row[at("status")]],
    ["reason", say("Why", "说明"), (row) => row[shown.reason] || "–"],
  ];
  const rows = list.rows.map((row) => wanted.map(([, , of]) => of(row)));
  return {
    ...listed("scorecard"),
    answers: { columns: list.columns.map((name) => ({ name })), rows: list.rows },
    rows,
    columns: wanted.map(([name, label]) => ({ name, label, format: name === "status" ? "status" : "day" })),
  };
}

const COMPARED = { eq: "=", about: "≈", nearly: "≲", gt: ">", ge: "≥", lt: "<", le: "≤" };

function measured(value, unit) {
  if (value === null) return UNKNOWN_TEXT();
  if (unit === "1") return FORMATS.share(value);
  return `${number(value, value % 1 ? (Math.abs(value) < 10 ? 3 : 1) : 0)}${unit === "count" ? "" : ` ${unit}`}`;
}

function scopeName(kind, id) {
  return kind === "site" ? siteName(id) : kind === "region" ? regionName(id) : pick(page.circles[id]) || id;
}
