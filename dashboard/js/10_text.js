// Words in two languages: which one is shown, and how codes, sites and columns are called in it.
const page = JSON.parse(document.getElementById("data").textContent);

function say(en, zh) {
  return state.lang === "zh" ? zh : en;
}

function pick(pair) {
  return pair ? say(pair[0], pair[1]) : "";
}

// The meaning of a code of a table's column; the code itself where the contract gives none.
function word(table, column, code) {
  if (code === null || code === undefined) return say("none", "无");
  const codes = (page.tables[table] || { codes: {} }).codes[column] || {};
  return SHORT[code] ? pick(SHORT[code]) : codes[code] ? pick(codes[code]) : String(code);
}

// Short forms for charts; the contracts' definitions stand in the dialog of every figure.
const SHORT = {
  general: ["general", "通算"],
  intelligent: ["AI", "智算"],
  super: ["super", "超算"],
  all: ["all classes", "全部类型"],
  quantum: ["quantum", "量子"],
  unknown: ["unknown", "未知"],
  cpu_core: ["CPU cores", "CPU 核"],
  accelerator: ["accelerator cards", "加速卡"],
  rack: ["standard racks", "标准机架"],
  park: ["parks", "园区"],
  enterprise: ["enterprises", "企业"],
  campus: ["campuses", "校园"],
  household: ["households", "家庭"],
  unattributed: ["no known tenant", "归属未知"],
  met: ["met", "达标"],
  not_met: ["not met", "未达标"],
  flagged: ["flagged", "须论证"],
  not_flagged: ["not flagged", "无须论证"],
  cannot_be_computed: ["cannot be computed", "无法计算"],
  reached_figure: ["as reached", "来源称已达到"],
  expected_figure: ["as expected", "来源称预计"],
  planned_figure: ["as planned", "来源称规划"],
};

const siteRows = new Map(page.lists.sites.rows.map((row) => [row[0], row]));

function siteName(id) {
  const row = siteRows.get(id);
  return row ? say(row[1] || id, row[2] || id) : id;
}

function regionName(id) {
  return page.regions[id] ? pick(page.regions[id]) : String(id ?? say("none", "无"));
}

// Names for what a page makes of columns, or where two columns of a table share an element's name.
const OWN_NAMES = {
  gross_yuan: ["billed, yuan", "计费（元）"],
  late_yuan: ["late, yuan", "迟到（元）"],
  receivable_yuan: ["receivable, yuan", "应收（元）"],
  payable_yuan: ["payable, yuan", "应付（元）"],
  net_yuan: ["net, yuan", "净额（元）"],
  proposed_by: ["proposed by", "提议人"],
  approved_by: ["approved by", "批准人"],
  cutoff: ["cut off (UTC)", "截止时刻（UTC）"],
  from_site_id: ["from", "自"],
  to_site_id: ["to", "至"],
  circle_ms: ["bound, ms", "上限（ms）"],
  last_day: ["newest arrival", "最近到达日"],
};

function columnName(table, column) {
  if (OWN_NAMES[column]) return pick(OWN_NAMES[column]);
  const found = page.tables[table] && page.tables[table].columns[column];
  return found ? say(found[0], found[1]) : column;
}
