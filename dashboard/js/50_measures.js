// The figures: each is a formula over the sums of a cube, and the same formula in SQL over the published table.
const SOURCES = {
  use: { cube: "use", table: "utilisation_daily", place: "site_id", class: "compute_class", kind: true, day: "day" },
  hours: {
    cube: "hours",
    table: "utilisation_hourly",
    place: "site_id",
    class: "compute_class",
    kind: true,
    hours: true,
    where: ["idle_unit_seconds is not null"],
  },
  energy: { cube: "energy", table: "energy_daily", place: "site_id", day: "day" },
  circles: { cube: "circles", table: "latency_circles_daily", place: "path", day: "day" },
  queue: { cube: "queue", table: "queue_daily", place: "site_id", class: "compute_class", day: "day" },
  orders: { cube: "orders", table: "dispatch_daily", class: "requested_class", day: "day" },
  segments: {
    cube: "segments",
    table: "usage_by_segment",
    place: "region",
    class: "compute_class",
    kind: true,
    day: "day",
  },
  arrivals: { cube: "arrivals", table: "data_quality_daily", place: "source_id", day: "received_day" },
  declared: { cube: "declared", table: "completeness_daily", place: "source_id", day: "day" },
};
const GREATEST = new Set(["p50", "p95", "p99"]);

// Columns to group by, where SQL spells them otherwise than the cube.
const SPELT = {
  day: (source) =>
    page.meta.grain === "day"
      ? source.day
      : `greatest(date_trunc('week', ${source.day}), date_trunc('month', ${source.day}))::date`,
  weekday: () => "isodow(timezone('Asia/Shanghai', hour))",
  hour: () => "hour(timezone('Asia/Shanghai', hour))",
  circle_ms: () => "circle_ms",
  compute_class: (source) => source.class || "compute_class",
};

const ratio = (part, whole) => (part === null || !whole ? null : part / whole);
const less = (whole, part) => (whole === null || part === null ? null : whole - part);
const unitHours = (value) => (value === null ? null : value / (state.kind === "accelerator" ? 3600000 : 3600));
const KNOWN = "filter (where idle_unit_seconds is not null)";
const MEASURES = {};

function measure(id, format, label, columns, sql, of) {
  MEASURES[id] = { id, format, label, columns, sql, of };
}

function hoursOf(id, label, cubeColumn) {
  measure(id, "hours", label, [id], `sum(${id})`, (s) => unitHours(s[cubeColumn]));
}
hoursOf("installed_hours", ["installed", "装机"], "installed");
hoursOf("down_hours", ["down", "停用"], "down");
hoursOf("allocated_hours", ["allocated", "分配"], "allocated");
measure("idle_hours", "hours", ["idle", "空闲"], ["idle_hours"], "sum(idle_hours)", (s) =>
  unitHours(less(less(s.known_installed, s.known_down), s.known_allocated)),
);
hoursOf("active_hours", ["active", "活跃"], "active");
const perHour = () => (state.kind === "accelerator" ? "3600000" : "3600");
measure(
  "observed",
  "hours",
  ["watched by telemetry", "遥测观测"],
  ["observed_unit_seconds"],
  () => `sum(observed_unit_seconds) / ${perHour()}`,
  (s) => unitHours(s.observed),
);
measure(
  "estimated",
  "hours",
  ["allocated, estimated", "分配（估算）"],
  ["estimated_unit_seconds"],
  () => `sum(estimated_unit_seconds) / ${perHour()}`,
  (s) => unitHours(s.estimated),
);
measure(
  "measured",
  "hours",
  ["allocated, measured", "分配（计量）"],
  ["allocated_unit_seconds", "estimated_unit_seconds"],
  () => `(sum(allocated_unit_seconds) - coalesce(sum(estimated_unit_seconds), 0)) / ${perHour()}`,
  (s) => unitHours(less(s.allocated, s.estimated ?? 0)),
);
measure(
  "in_service",
  "hours",
  ["in service", "在用可供"],
  ["installed_unit_seconds", "down_unit_seconds"],
  () => `(sum(installed_unit_seconds) ${KNOWN} - sum(down_unit_seconds) ${KNOWN}) / ${perHour()}`,
  (s) => unitHours(less(s.known_installed, s.known_down)),
);
measure(
  "known_installed",
  "hours",
  ["installed", "装机"],
  ["installed_unit_seconds"],
  () => `sum(installed_unit_seconds) ${KNOWN} / ${perHour()}`,
  (s) => unitHours(s.known_installed),
);
measure(
  "known_allocated",
  "hours",
  ["allocated", "分配"],
  ["allocated_unit_seconds"],
  () => `sum(allocated_unit_seconds) ${KNOWN} / ${perHour()}`,
  (s) => unitHours(s.known_allocated),
);
measure(
  "of_installed",
  "share",
  ["of installed", "占装机"],
  ["utilisation_installed"],
  `sum(allocated_unit_seconds) ${KNOWN} / nullif(sum(installed_unit_seconds) ${KNOWN}, 0)`,
  (s) => ratio(s.known_allocated, s.known_installed),
);
measure(
  "of_available",
  "share",
  ["of available", "占可用"],
  ["utilisation_available"],
  `sum(allocated_unit_seconds) ${KNOWN} / nullif(sum(installed_unit_seconds - down_unit_seconds) ${KNOWN}, 0)`,
  (s) => ratio(s.known_allocated, less(s.known_installed, s.known_down)),
);
for (const part of ["sellable", "reserved"]) {
  const both = `filter (where idle_unit_seconds is not null and ${part}_unit_seconds is not null)`;
  measure(
    `of_${part}`,
    "share",
    part === "sellable" ? ["of sellable", "占可售"] : ["of reserved", "占预留"],
    [`utilisation_${part}`],
    `sum(allocated_unit_seconds) ${both} / nullif(sum(${part}_unit_seconds) ${KNOWN}, 0)`,
    (s) => ratio(s[`${part}_allocated`], s[`known_${part}`]),
  );
}
measure(
  "active_of_observed",
  "share",
  ["active, of what was watched", "活跃（占被观测）"],
  ["active_of_observed"],
  "sum(active_unit_seconds) / nullif(sum(observed_unit_seconds), 0)",
  (s) => ratio(s.active, s.observed),
);
measure(
  "estimated_share",
  "share",
  ["estimated part of allocated", "分配中估算占比"],
  ["estimated_unit_seconds"],
  "sum(estimated_unit_seconds) / nullif(sum(allocated_unit_seconds), 0)",
  (s) => ratio(s.estimated, s.allocated),
);
measure("use_rows", "count", ["rows", "行数"], ["quality"], "count(*)", (s) => s.rows);
measure(
  "unknown_rows",
  "count",
  ["rows not fully known", "未完全获知的行"],
  ["quality"],
  "count(*) - count(idle_unit_seconds)",
  (s) => less(s.rows, s.known_rows),
);
measure(
  "open_rows",
  "count",
  ["rows with jobs still running", "作业仍在运行的行"],
  ["quality"],
  "count(*) filter (where quality = 'open')",
  (s) => s.open_rows,
);
measure(
  "estimated_rows",
  "count",
  ["rows estimated in part", "部分估算的行"],
  ["quality"],
  "count(*) filter (where quality = 'estimated')",
  (s) => s.estimated_rows,
);

measure(
  "ipue",
  "ratio",
  ["iPUE", "iPUE"],
  ["ipue"],
  "sum(facility_wh) filter (where it_wh is not null) / nullif(sum(it_wh) filter (where facility_wh is not null), 0)",
  (s) => ratio(s.known_facility, s.known_it),
);
measure(
  "green_share",
  "share",
  ["green share", "绿电占比"],
  ["green_share", "green_wh"],
  "sum(green_wh) filter (where facility_wh is not null) / nullif(sum(facility_wh) filter (where green_wh is not null), 0)",
  (s) => ratio(s.green, s.green_facility),
);
const mega = (value) => (value === null ? null : value / 1e6);
measure(
  "facility_mwh",
  "mwh",
  ["facility energy, MWh", "设施用电（MWh）"],
  ["facility_wh"],
  "sum(facility_wh) / 1e6",
  (s) => mega(s.facility),
);
measure("it_mwh", "mwh", ["IT energy, MWh", "IT 用电（MWh）"], ["it_wh"], "sum(it_wh) / 1e6", (s) => mega(s.it));
measure(
  "energy_estimated",
  "share",
  ["estimated part", "估算占比"],
  ["facility_estimated_wh"],
  "sum(facility_estimated_wh) / nullif(sum(facility_wh), 0)",
  (s) => ratio(s.estimated, s.facility),
);
measure("carbon_t", "mwh", ["carbon dioxide, t", "二氧化碳（吨）"], ["carbon_g"], "sum(carbon_g) / 1e6", (s) =>
  mega(s.carbon),
);
measure(
  "incomplete_days",
  "count",
  ["days not fully read", "未完整读取的日数"],
  ["quality"],
  "count(*) filter (where quality = 'incomplete')",
  (s) => s.incomplete_rows,
);

measure("pair_days", "count", ["pair-days", "节点对日数"], ["met"], "count(*)", (s) => s.days);
SOURCES.energyHours = { cube: "energy_hours", table: "energy_hourly", place: "site_id" };
measure(
  "green_by_hour",
  "share",
  ["green share", "绿电占比"],
  ["green_wh", "facility_wh"],
  "sum(green_wh) filter (where facility_wh is not null) / nullif(sum(facility_wh) filter (where green_wh is not null), 0)",
  (s) => ratio(s.green, s.green_facility),
);
measure(
  "hourly_mwh",
  "mwh",
  ["facility energy, MWh", "设施用电（MWh）"],
  ["facility_wh"],
  "sum(facility_wh) / 1e6",
  (s) => mega(s.facility),
);
SOURCES.reasons = { cube: "reasons", table: "quarantine_reasons", place: "source_id", day: "received_day" };
measure("rejected", "count", ["records", "记录数"], ["records"], "sum(records)", (s) => s.records);

measure("met_days", "count", ["days met", "达标日数"], ["met"], "count(*) filter (where met)", (s) => s.met);
measure("judged_days", "count", ["days judged", "可判定日数"], ["met"], "count(met)", (s) => s.judged);
measure(
  "met_share",
  "share",
  ["days met", "达标日占比"],
  ["met"],
  "count(*) filter (where met) / nullif(count(met), 0)",
  (s) => ratio(s.met, s.judged),
);
measure(
  "within_share",
  "share",
  ["results within the circle", "圈内结果占比"],
  ["within_share"],
  "sum(within) / nullif(sum(measured) + sum(lost_probes), 0)",
  (s) => ratio(s.within, s.measured + s.lost),
);
measure(
  "lost_share",
  "share",
  ["results lost", "丢失占比"],
  ["lost_probes"],
  "sum(lost_probes) / nullif(sum(measured) + sum(lost_probes), 0)",
  (s) => ratio(s.lost, s.measured + s.lost),
);
for (const rank of ["p50", "p95", "p99"]) {
  measure(
    `${rank}_ms`,
    "ms",
    [`worst day's ${rank}, ms`, `最差日 ${rank}（ms）`],
    [`${rank}_ms`],
    `max(${rank}_us) / 1000`,
    (s) => (s[rank] === null ? null : s[rank] / 1000),
  );
}

measure("jobs", "count", ["jobs started", "启动作业数"], ["jobs"], "sum(jobs)", (s) => s.jobs);
measure(
  "wait_mean",
  "seconds",
  ["mean wait", "平均等待"],
  ["wait_mean_s"],
  "sum(wait_mean_s * waits) / nullif(sum(waits), 0)",
  (s) => ratio(s.waited, s.waits),
);
measure(
  "wait_p50",
  "seconds",
  ["median wait, worst day", "中位等待（最差日）"],
  ["wait_p50_s"],
  "max(wait_p50_s)",
  (s) => s.p50,
);
measure(
  "wait_p95",
  "seconds",
  ["95th percentile wait, worst day", "95 分位等待（最差日）"],
  ["wait_p95_s"],
  "max(wait_p95_s)",
  (s) => s.p95,
);
for (const [id, label] of [
  ["orders", ["orders", "订单"]],
  ["placed", ["placed", "已放置"]],
  ["refused", ["refused", "被拒绝"]],
  ["cancelled", ["cancelled", "已取消"]],
]) {
  measure(id, "count", label, [id], `sum(${id})`, (s) => s[id]);
}
measure("used_hours", "hours", ["hours told", "可公布用量（小时）"], ["usage_hours"], "sum(usage_hours)", (s) =>
  unitHours(s.used),
);
measure(
  "hidden_cells",
  "count",
  ["cells suppressed", "隐去单元数"],
  ["suppressed"],
  "count(*) filter (where suppressed)",
  (s) => s.hidden,
);
measure("cells", "count", ["cells", "单元数"], ["suppressed"], "count(*)", (s) => s.cells);

for (const [id, label] of [
  ["deliveries", ["deliveries", "交付数"]],
  ["rows_in", ["rows in", "入库行数"]],
  ["accepted", ["accepted", "接收"]],
  ["quarantined", ["quarantined", "隔离"]],
  ["duplicates", ["duplicates", "重复"]],
  ["late", ["late deliveries", "迟到交付"]],
]) {
  measure(id, "count", label, [id], `sum(${id})`, (s) => s[id]);
}
measure(
  "quarantine_share",
  "fine",
  ["quarantined", "隔离占比"],
  ["quarantined"],
  "sum(quarantined) / nullif(sum(rows_in), 0)",
  (s) => ratio(s.quarantined, s.rows_in),
);
measure(
  "declared_days",
  "count",
  ["feed-days declared", "已申报的供给日数"],
  ["complete"],
  "count(complete)",
  (s) => s.declared_days,
);
measure(
  "complete_days",
  "count",
  ["feed-days complete", "完整的供给日数"],
  ["complete"],
  "count(*) filter (where complete)",
  (s) => s.complete_days,
);
measure(
  "complete_share",
  "share",
  ["complete, of feed-days declared", "完整日占申报日"],
  ["complete"],
  "count(*) filter (where complete) / nullif(count(complete), 0)",
  (s) => ratio(s.complete_days, s.declared_days),
);
