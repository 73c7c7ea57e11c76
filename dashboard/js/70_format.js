// How numbers, days and codes are written: thousands separators, units, and what is unknown as unknown.
const UNKNOWN_TEXT = () => say("unknown", "未知");

const writers = [0, 1, 2, 3].map(
  (digits) => new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

function number(value, digits = 0) {
  return writers[digits].format(value);
}

const FORMATS = {
  share: (value) => `${number(value * 100, 1)} %`,
  fine: (value) => `${number(value * 100, 3)} %`,
  hours: (value) => number(value, Math.abs(value) < 100 ? 1 : 0),
  count: (value) => number(value),
  ratio: (value) => number(value, 3),
  mwh: (value) => number(value, Math.abs(value) < 100 ? 2 : 0),
  ms: (value) => number(value, 3),
  seconds: (value) => duration(value),
  yuan: (value) => number(value, 2),
  figure: (value) => (typeof value === "number" ? number(value, Number.isInteger(value) ? 0 : 3) : String(value)),
  day: (value) => String(value),
  key: (value) => String(value),
  truth: (value) => (value ? say("yes", "是") : say("no", "否")),
};

const UNITS = {
  hours: () =>
    ({
      accelerator: say("card-hours", "卡时"),
      cpu_core: say("core-hours", "核时"),
      rack: say("rack-hours", "机架时"),
    })[state.kind],
  mwh: () => "",
  ms: () => "ms",
  yuan: () => "元",
};

function formatted(value, format) {
  return value === null || value === undefined ? UNKNOWN_TEXT() : FORMATS[format](value);
}

function duration(seconds) {
  if (seconds < 100) return say(`${number(seconds)} s`, `${number(seconds)} 秒`);
  if (seconds < 6000) return say(`${number(seconds / 60, 1)} min`, `${number(seconds / 60, 1)} 分`);
  return say(`${number(seconds / 3600, 1)} h`, `${number(seconds / 3600, 1)} 小时`);
}

// A number for an axis: short, with the scale words of the language.
function short(value, format) {
  if (format === "share") return `${number(value * 100)} %`;
  if (format === "fine") return `${number(value * 100, 2)} %`;
  if (format === "seconds") return duration(value);
  if (format === "ratio" || format === "ms") return number(value, value < 10 && value % 1 ? 2 : 0);
  return new Intl.NumberFormat(say("en-US", "zh-CN"), { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

// A cell of a table: codes and names in words, figures with their separators.
function cell(question, value, column) {
  if (value === null || value === undefined) return column.format === "key" ? "–" : UNKNOWN_TEXT();
  if (column.format !== "key") return FORMATS[column.format](value);
  if (["site_id", "from_site_id", "to_site_id", "source_id"].includes(column.name)) return siteName(value);
  if (["party_id", "counterparty_id", "issuer_party_id", "tenant_id"].includes(column.name))
    return typeof partyName === "function" ? partyName(value) : value;
  if (column.name === "region") return regionName(value);
  if (column.name === "weekday") return WEEKDAYS()[value - 1];
  return word(question.table, column.name, value);
}

const WEEKDAYS = () => say("Mon Tue Wed Thu Fri Sat Sun", "周一 周二 周三 周四 周五 周六 周日").split(" ");
