// Network: each latency circle, how far inside it the paths keep, and who is outside.

view(
  "network",
  ["Network", "网络"],
  (main) => {
    figures(main, [
      {
        id: "met_share",
        title: say("Pair-days met, of those judged", "达标节点对日（占可判定）"),
        question: query("circles", [], ["met_share"]),
      },
      {
        id: "within_share",
        title: say("Results within the circle", "圈内结果占比"),
        question: query("circles", [], ["within_share"]),
      },
      { id: "lost_share", title: say("Results lost", "丢失占比"), question: query("circles", [], ["lost_share"]) },
      {
        id: "pair_days",
        title: say("Pair-days", "节点对日数"),
        question: query("circles", [], ["pair_days"]),
        ...undecidedNote(),
      },
    ]);
    const pairs = ["from_site_id", "to_site_id", "circle_ms", "basis"];
    const measures = ["p50_ms", "p95_ms", "p99_ms", "within_share", "lost_share", "met_days", "judged_days"];
    const all = query("circles", pairs, measures);
    const outside = query("circles", pairs, ["p95_ms", "within_share", "lost_share", "met_days", "judged_days"], {
      having: { test: (s) => s.met < s.judged, sql: "count(*) filter (where met) < count(met)" },
    });
    panel(main, {
      id: "circles",
      title: say("Worst day's 95th percentile, of the circle's bound", "最差日 95 分位占时延圈上限"),
      question: all,
      wide: true,
      note: say(
        "One way; 100 % is the bound. Half of a round trip is an estimate and hatched.",
        "单向；100% 为上限。往返折半为估算，以斜纹表示。",
      ),
      option: circleBars(all),
      tall: 100 + 34 * all.rows.filter((row) => row[5] !== null).slice(0, SITES_DRAWN).length,
    });
    panel(main, {
      id: "outside",
      title: say("Who was outside, on days judged", "哪些节点对曾超出时延圈"),
      question: outside,
      wide: true,
      note: outside.rows.length
        ? say(
            "Pairs with at least one day not met: the 95th percentile beyond the circle, or more lost than its bound.",
            "至少一日未达标的节点对：95 分位超出时延圈，或丢失超过上限。",
          )
        : say("No pair was outside on a day that could be judged.", "可判定的日子里没有节点对超出。"),
    });
    const days = query("circles", ["day"], ["met_share", "within_share", "lost_share"]);
    panel(main, {
      id: "circles_by_day",
      title: say("Over time", "走势"),
      question: days,
      wide: true,
      option: axisChart(days, {
        format: "share",
        top: 1,
        from: 0,
        series: [
          { measure: "within_share", type: "line", colour: "blue" },
          { measure: "met_share", type: "line", colour: "green" },
        ],
      }),
    });
  },
  ["place", "period"],
);

function undecidedNote() {
  const [days, judged] = query("circles", [], ["pair_days", "judged_days"]).rows[0];
  return judged < days
    ? {
        mark: "unknown",
        note: say(`${number(days - judged)} could not be judged`, `${number(days - judged)} 个无法判定`),
      }
    : {};
}

function circleBars(question) {
  const rows = question.rows
    .filter((row) => row[5] !== null)
    .slice(0, SITES_DRAWN)
    .reverse();
  const base = axisChart({ ...question, rows: [] }, { horizontal: true, format: "share", series: [], from: 0 });
  return {
    ...base,
    grid: { ...base.grid, right: 90, outerBounds: { left: 4, right: 90, top: 20, bottom: 4 } },
    yAxis: {
      ...base.yAxis,
      data: rows.map(([from, to]) => (innerWidth < 900 ? `${from} → ${to}` : `${siteName(from)} → ${siteName(to)}`)),
      axisLabel: { color: colour("ink"), width: Math.min(460, innerWidth / 2.4), overflow: "truncate" },
    },
    tooltip: tip({
      formatter: ({ dataIndex }) =>
        `${siteName(rows[dataIndex][0])} → ${siteName(rows[dataIndex][1])}<br>p95 ${number(rows[dataIndex][5], 3)} ms / ${number(rows[dataIndex][2])} ms`,
    }),
    series: [
      {
        type: "bar",
        barMaxWidth: 20,
        data: rows.map((row) => ({
          value: row[5] / row[2],
          itemStyle: {
            color: colour(row[5] > row[2] ? "red" : "blue"),
            decal: row[3] === "one_way" ? undefined : hatched(),
          },
        })),
        label: {
          show: true,
          position: "right",
          color: colour("ink"),
          formatter: ({ dataIndex }) => `${number(rows[dataIndex][5], 2)} / ${number(rows[dataIndex][2])} ms`,
        },
        markLine: {
          symbol: "none",
          silent: true,
          lineStyle: { type: "dashed", color: colour("quiet") },
          label: { formatter: "100 %", color: colour("quiet") },
          data: [{ xAxis: 1 }],
        },
      },
    ],
  };
}
