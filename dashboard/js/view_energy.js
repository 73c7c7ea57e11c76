// Energy: what the facilities need for each unit of the computers' energy, and how green it is.

view(
  "energy",
  ["Energy", "能耗"],
  (main) => {
    figures(main, [
      {
        id: "ipue",
        title: say("iPUE of the choice", "所选范围 iPUE"),
        question: query("energy", [], ["ipue"]),
        ...energyMark(),
      },
      { id: "green_share", title: say("Green share", "绿电占比"), question: query("energy", [], ["green_share"]) },
      {
        id: "facility_mwh",
        title: say("Facility energy, MWh", "设施用电（MWh）"),
        question: query("energy", [], ["facility_mwh"]),
      },
      { id: "it_mwh", title: say("IT energy, MWh", "IT 用电（MWh）"), question: query("energy", [], ["it_mwh"]) },
      {
        id: "carbon_t",
        title: say("Carbon dioxide by location, t", "二氧化碳（属地，吨）"),
        question: query("energy", [], ["carbon_t"]),
      },
      {
        id: "energy_estimated",
        title: say("Estimated part", "估算占比"),
        question: query("energy", [], ["energy_estimated"]),
      },
    ]);
    const days = query(
      "energy",
      ["day"],
      ["ipue", "green_share", "facility_mwh", "energy_estimated", "incomplete_days"],
    );
    panel(main, {
      id: "ipue_by_day",
      title: say("iPUE over time", "iPUE 走势"),
      question: days,
      note: say("A gap is a day that no site's meters cover.", "缺口表示当日没有任何节点的表计完整覆盖。"),
      option: axisChart(days, {
        format: "ratio",
        from: 1,
        series: [{ measure: "ipue", type: "line", colour: "orange" }],
      }),
    });
    panel(main, {
      id: "green_by_day",
      title: say("Green share over time", "绿电占比走势"),
      question: query("energy", ["day"], ["green_share"]),
      option: axisChart(days, {
        format: "share",
        from: 0,
        series: [{ measure: "green_share", type: "line", colour: "green" }],
      }),
    });
    greenByHour(main);
    const sites = query(
      "energy",
      ["site_id"],
      ["ipue", "green_share", "facility_mwh", "it_mwh", "energy_estimated", "incomplete_days", "carbon_t"],
    );
    const known = { ...sites, rows: sites.rows.filter((row) => row[1] !== null).slice(0, SITES_DRAWN) };
    panel(main, {
      id: "energy_by_site",
      title: say("iPUE by site", "各节点 iPUE"),
      question: sites,
      note: drawnOf(known.rows.length, sites.rows.length),
      tall: 90 + 30 * known.rows.length,
      option: axisChart(known, {
        horizontal: true,
        format: "ratio",
        from: 1,
        series: [{ measure: "ipue", colour: "orange" }],
      }),
    });
    panel(main, {
      id: "pue",
      title: say("PUE: the rolling twelve months to the newest day", "PUE：截至最新日的滚动十二个月"),
      wide: true,
      note: say(
        "PUE proper is annual (ISO/IEC 30134-2); with fewer than 365 days it is interim.",
        "PUE 为全年值（ISO/IEC 30134-2）；不足 365 日为阶段值。",
      ),
      question: listed("pue", { pue: "ratio", days_covered: "count", days_estimated: "count", pue_category: "count" }),
    });
  },
  ["place", "period"],
);

function greenByHour(main) {
  if (!page.cubes.energy_hours) return;
  const question = query("energyHours", ["hour"], ["green_by_hour", "hourly_mwh"], { without: ["period"] });
  panel(main, {
    id: "green_by_hour",
    title: say("Green share by hour of the day", "一日各时绿电占比"),
    question,
    note: say("Asia/Shanghai; all days of the release.", "Asia/Shanghai 时间；含发布版本全部日期。"),
    option: axisChart(question, { format: "share", from: 0, series: [{ measure: "green_by_hour", colour: "green" }] }),
  });
}
