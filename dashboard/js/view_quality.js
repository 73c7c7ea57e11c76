// Data quality: what arrived, what was rejected and why, whether each day is whole, how fresh each feed is.

view(
  "quality",
  ["Data quality", "数据质量"],
  (main) => {
    figures(main, [
      { id: "rows_in", title: say("Rows in", "入库行数"), question: query("arrivals", [], ["rows_in"]) },
      { id: "accepted", title: say("accepted", "接收"), question: query("arrivals", [], ["accepted"]) },
      { id: "quarantined", title: say("quarantined", "隔离"), question: query("arrivals", [], ["quarantined"]) },
      { id: "duplicates", title: say("exact duplicates", "完全重复"), question: query("arrivals", [], ["duplicates"]) },
      { id: "late", title: say("Late deliveries", "迟到交付"), question: query("arrivals", [], ["late"]) },
      {
        id: "complete_share",
        title: say("Feed-days complete, of those declared", "完整的供给日（占申报）"),
        question: query("declared", [], ["complete_share"]),
      },
    ]);
    const sources = query(
      "arrivals",
      ["source_id"],
      ["quarantine_share", "rows_in", "accepted", "quarantined", "duplicates", "late"],
    );
    const known = {
      ...sources,
      rows: [...sources.rows]
        .filter((row) => row[1] !== null)
        .sort((a, b) => b[1] - a[1])
        .slice(0, SITES_DRAWN),
    };
    panel(main, {
      id: "quarantine_by_source",
      title: say("Quarantined share of rows, by sender", "各来源隔离占比"),
      question: sources,
      note: drawnOf(known.rows.length, sources.rows.length),
      tall: 90 + 30 * known.rows.length,
      option: axisChart(known, {
        horizontal: true,
        format: "fine",
        series: [{ measure: "quarantine_share", colour: "red" }],
      }),
    });
    const whole = query("declared", ["source_id"], ["complete_share", "complete_days", "declared_days"]);
    const told = {
      ...whole,
      rows: whole.rows
        .filter((row) => row[1] !== null)
        .sort((a, b) => a[1] - b[1])
        .slice(0, SITES_DRAWN),
    };
    panel(main, {
      id: "complete_by_source",
      title: say("Complete feed-days of those declared, by sender", "各来源完整日占申报日"),
      question: whole,
      note: drawnOf(told.rows.length, whole.rows.length),
      tall: 90 + 30 * told.rows.length,
      option: axisChart(told, {
        horizontal: true,
        format: "share",
        from: 0,
        top: 1,
        series: [{ measure: "complete_share", colour: "green" }],
      }),
    });
    reasons(main);
    const days = query("arrivals", ["day"], ["accepted", "quarantined", "duplicates", "late"]);
    panel(main, {
      id: "arrivals_by_day",
      title: say("Rows received over time", "入库行数走势"),
      question: days,
      wide: true,
      note: say("By the day of arrival.", "按到达日。"),
      option: axisChart(days, {
        format: "count",
        series: [
          { measure: "accepted", colour: "blue", stack: "all" },
          { measure: "quarantined", colour: "red", stack: "all" },
          { measure: "duplicates", colour: "idle", stack: "all" },
        ],
      }),
    });
    panel(main, {
      id: "gaps",
      title: say(
        "Days that are not what the sender declared (newest 20 of each sender)",
        "与申报不一致的日期（各来源最新 20 条）",
      ),
      question: cubeList("gaps", "completeness_daily"),
      wide: true,
    });
    panel(main, {
      id: "fresh",
      title: say("How fresh: the newest arrival of every feed", "新鲜度：各数据供给最近到达日"),
      question: cubeList("fresh", "data_quality_daily"),
      wide: true,
    });
  },
  ["place", "period"],
);

function reasons(main) {
  if (!page.cubes.reasons) return;
  const question = query("reasons", [say("reason_en", "reason_zh")], ["rejected"]);
  const known = { ...question, rows: [...question.rows].sort((a, b) => b[1] - a[1]).slice(0, 15) };
  panel(main, {
    id: "reasons",
    title: say("Why rows were quarantined", "隔离原因"),
    question,
    tall: 90 + 30 * known.rows.length,
    note: say(
      "A record that breaks several rules stands under all of them together.",
      "同时违反多条规则的记录按规则组合统计。",
    ),
    option: axisChart(known, {
      horizontal: true,
      names: 300,
      format: "count",
      series: [{ measure: "rejected", colour: "red" }],
    }),
  });
  panel(main, {
    id: "reasons_by_source",
    title: say("Reasons by sender and kind of record", "各来源与记录种类的隔离原因"),
    question: query("reasons", ["source_id", "dataset", "rules"], ["rejected"]),
  });
}

// A cube that is shown as it stands, narrowed to the place chosen.
function cubeList(name, table) {
  const found = cube(name),
    columns = Object.keys(found).filter((column) => column !== "n");
  const source = { cube: name, table, place: "source_id" },
    chosen = conditions(source);
  const rows = Array.from({ length: found.n }, (_, row) => row)
    .filter(chosen.test)
    .map((row) =>
      columns.map((column) =>
        column.endsWith("day") && found[column][row] !== null ? toIso(found[column][row]) : found[column][row],
      ),
    );
  return {
    source: name,
    table,
    rows,
    by: [],
    measures: [],
    defined: columns,
    sql: LIST_SQL[name](chosen.sql),
    columns: columns.map((column) => ({
      name: column,
      label: columnName(table, column),
      format: column.endsWith("day")
        ? "day"
        : typeof (found[column].find((value) => value !== null) ?? "") === "number"
          ? "count"
          : "key",
    })),
  };
}

const LIST_SQL = {
  gaps: (where) =>
    `select source_id, dataset, day, status, declared, found from completeness_daily\nwhere ${["status not in ('complete', 'undeclared')", ...where].join(" and ")}\nqualify row_number() over (partition by source_id order by day desc, dataset) <= 20\norder by source_id, day desc, dataset`,
  fresh: (where) =>
    `select source_id, dataset, max(received_day) as last_day, sum(rows_in) as rows_in, sum(quarantined) as quarantined, sum(late) as late\nfrom data_quality_daily${where.length ? `\nwhere ${where.join(" and ")}` : ""}\ngroup by source_id, dataset order by source_id, dataset`,
};
