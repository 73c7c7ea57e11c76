// Utilisation: what there is, what of it is in service, held and busy; when, and where.

view("utilisation", ["Utilisation", "利用率"], (main) => {
  figures(
    main,
    [
      ["of_installed", say("Allocated ÷ installed", "分配÷装机")],
      ["of_available", say("Allocated ÷ available", "分配÷可用")],
      ["of_sellable", say("Allocated ÷ sellable", "分配÷可售")],
      ["of_reserved", say("Allocated ÷ reserved", "分配÷预留")],
      ["active_of_observed", say("Active, of what was watched", "活跃（占被观测）")],
      ["estimated_share", say("Estimated part of allocated", "分配中估算占比")],
    ].map(([id, title], place) => ({ id, title, question: query("use", [], [id]), ...(place === 0 ? useMark() : {}) })),
  );
  waterfall(main);
  perDay(main);
  const heat = query("hours", ["weekday", "hour"], ["of_installed"]);
  panel(main, {
    id: "heat",
    title: say("When: share of installed in use, by weekday and hour", "何时：各星期与时刻的装机利用率"),
    wide: true,
    height: 300,
    note: hoursOfMonth()
      ? say(`Asia/Shanghai; the hours of ${hoursOfMonth()}.`, `Asia/Shanghai 时间；${hoursOfMonth()} 的各小时。`)
      : say(
          "Asia/Shanghai; all days of the release: hours are told by month, not by week.",
          "Asia/Shanghai 时间；含发布版本全部日期：小时数据可按月、不可按周筛选。",
        ),
    question: heat,
    option: heat.rows.length ? heatChart(heat, "of_installed") : null,
  });
  where(main);
  segments(main);
});

function waterfall(main) {
  const question = query("use", [], ["known_installed", "in_service", "known_allocated", "observed", "active_hours"]);
  const [installed, service, allocated, observed, active] = question.rows[0];
  const steps = [
    [say("installed", "装机"), 0, installed, "grey"],
    [say("down", "停用"), service, less(installed, service), "red"],
    [say("in service", "在用可供"), 0, service, "blue"],
    [say("idle", "空闲"), allocated, less(service, allocated), "idle"],
    [say("allocated", "已分配"), 0, allocated, "blue"],
    [say("watched", "被观测"), 0, observed || null, "purple"],
    [say("active", "活跃"), 0, active, "green"],
  ];
  const bar = (place) => ({
    type: "bar",
    stack: "all",
    barMaxWidth: 46,
    silent: place === 1,
    data: steps.map((step) => ({
      value: step[place],
      itemStyle: { color: place === 1 ? "transparent" : colour(step[3]), decal: { symbol: "none" } },
    })),
    label:
      place === 2
        ? {
            show: true,
            position: "top",
            color: colour("ink"),
            formatter: ({ value }) =>
              value === undefined || value === null || value === "-" ? UNKNOWN_TEXT() : short(value, "hours"),
          }
        : undefined,
  });
  const base = axisChart({ ...question, rows: [] }, { series: [], format: "hours" });
  panel(main, {
    id: "waterfall",
    title: say("From installed to active", "从装机到活跃"),
    question: installed === null ? { ...question, rows: [] } : question,
    note: say(
      `${UNITS.hours()}. Active is of what telemetry watched (${state.kind === "accelerator" ? "a part of the cards" : "nothing of these"}), never of all.`,
      `单位：${UNITS.hours()}。活跃仅指遥测观测到的部分，并非全部。`,
    ),
    option: {
      ...base,
      tooltip: tip({ formatter: ({ name, value }) => `${name} · ${formatted(value, "hours")} ${UNITS.hours()}` }),
      xAxis: {
        ...base.xAxis,
        data: steps.map((step) => step[0]),
        axisLabel: { color: colour("ink"), interval: 0, fontSize: 11 },
      },
      series: [bar(1), bar(2)],
    },
  });
}

function perDay(main) {
  const question = query(
    "use",
    ["day"],
    ["measured", "estimated", "idle_hours", "down_hours", "of_installed", "open_rows"],
  );
  panel(main, {
    id: "use_by_day",
    title: page.meta.grain === "day" ? say("By day", "逐日") : say("By week", "逐周"),
    question,
    note: say(
      `${UNITS.hours()}; hatched is estimated for hours that a silent site owes; pale and dashed: jobs still ran, it may grow.`,
      `单位：${UNITS.hours()}；斜纹为节点静默时段的估算；浅色虚线框表示仍有作业运行，数值可能增加。`,
    ),
    option: openDays(
      question,
      axisChart(question, {
        format: "hours",
        series: [
          { measure: "measured", colour: "blue", stack: "all" },
          { measure: "estimated", colour: "blue", stack: "all", estimated: true },
          { measure: "idle_hours", colour: "idle", stack: "all" },
          { measure: "down_hours", colour: "red", stack: "all" },
        ],
      }),
    ),
  });
}

// Days with jobs that were still running look unfinished.
function openDays(question, option) {
  const look = {
    color: colour("blue"),
    opacity: 0.55,
    borderColor: colour("ink"),
    borderType: "dashed",
    borderWidth: 1,
  };
  option.series[0].data = question.rows.map((row) => ({ value: row[1], itemStyle: row[6] ? look : undefined }));
  return option;
}

// The rule of the reference table below which a new project needs a stronger case.
function halfMark() {
  const list = page.lists.scorecard,
    found = list.rows.find((row) => row[0] === "low-utilisation-rule");
  const value = found && found[list.columns.indexOf("target_value")];
  return value ? [{ value, label: FORMATS.share(value) }] : [];
}

const SITES_DRAWN = 30;

function where(main) {
  const measures = [
    "of_installed",
    "of_available",
    "estimated_share",
    "known_installed",
    "known_allocated",
    "down_hours",
    "unknown_rows",
  ];
  const question = query("use", ["site_id"], measures),
    column = (row) => row[1];
  const ordered = {
    ...question,
    rows: question.rows.filter((row) => column(row) !== null).sort((a, b) => a[1] - b[1]),
  };
  const drawnRows = { ...ordered, rows: ordered.rows.slice(0, SITES_DRAWN) };
  panel(main, {
    id: "use_by_site",
    title: say("By site, lowest first", "按节点（由低到高）"),
    question,
    note:
      say(
        "Share of installed in use; below the dashed line a new project needs a stronger case.",
        "装机利用率；低于虚线的新建项目需加强论证。",
      ) + drawnOf(drawnRows.rows.length, ordered.rows.length),
    option: axisChart(drawnRows, {
      horizontal: true,
      format: "share",
      from: 0,
      top: 1,
      marks: halfMark(),
      series: [{ measure: "of_installed", colour: "blue" }],
    }),
    tall: 90 + 30 * drawnRows.rows.length,
  });
  for (const [by, id, title] of [
    ["compute_class", "use_by_class", say("By class", "按算力类型")],
    ["region", "use_by_region", say("By region", "按区域")],
  ]) {
    const found = query("use", [by], measures),
      known = { ...found, rows: found.rows.filter((row) => column(row) !== null) };
    panel(main, {
      id,
      title,
      question: found,
      tall: 110 + 34 * known.rows.length,
      option: axisChart(known, {
        horizontal: true,
        format: "share",
        from: 0,
        top: 1,
        marks: halfMark(),
        series: [
          { measure: "of_installed", colour: "blue", name: say("of installed", "占装机") },
          { measure: "of_available", colour: "orange", name: say("of available", "占可用") },
        ],
      }),
    });
  }
}

function segments(main) {
  const question = query("segments", ["segment"], ["used_hours", "cells", "hidden_cells"]);
  const hidden = question.rows.reduce((sum, row) => sum + row[3], 0);
  panel(main, {
    id: "segments",
    title: say("Who used it, as far as it may be told", "使用者（可公布范围内）"),
    question,
    height: 240,
    note: say(
      `${UNITS.hours()}. ${number(hidden)} cells are suppressed: fewer than three tenant groups, or one above 85 %. A bar with suppressed cells is less than the whole and hatched.`,
      `单位：${UNITS.hours()}。隐去 ${number(hidden)} 个单元：不足三个租户集团或单一集团超过 85%。含隐去单元的柱小于实际，以斜纹表示。`,
    ),
    option: segmentBars(question),
  });
}

function segmentBars(question) {
  const option = axisChart(question, {
    format: "hours",
    horizontal: true,
    series: [{ measure: "used_hours", colour: "purple" }],
  });
  const rows = [...question.rows].reverse();
  option.series[0].data = rows.map((row) => ({
    value: row[1],
    itemStyle: { color: colour("purple"), decal: row[3] ? hatched() : undefined },
  }));
  option.yAxis.data = rows.map(
    (row) => `${word("usage_by_segment", "segment", row[0])}${row[1] === null ? ` (${pick(MARKS.suppressed)})` : ""}`,
  );
  return option;
}
