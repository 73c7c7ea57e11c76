// Charts: one way to draw bars, lines, a heat map and flows, in the colours of the page and without animation.
const drawn = [];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// Hatched: estimated. It differs by pattern and not by colour alone.
const hatched = () => ({
  symbol: "rect",
  dashArrayX: [1, 0],
  dashArrayY: [3, 4],
  rotation: -Math.PI / 4,
  color: colour("hatch"),
});

const tip = (more) => ({
  confine: true,
  backgroundColor: colour("raised"),
  borderColor: colour("line"),
  textStyle: { color: colour("ink"), fontSize: 13 },
  ...more,
});

function draw(element, option) {
  const chart = echarts.init(element, null, { renderer: "svg" });
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour("ink") },
    color: ["blue", "orange", "green", "purple", "red", "grey"].map(colour),
    tooltip: tip(),
    ...option,
  });
  const watcher = new ResizeObserver(() => chart.resize());
  watcher.observe(element);
  drawn.push({ chart, watcher });
}

// Paper has another width than the screen: drawings get a frame that scales.
function fitPaper() {
  for (const drawing of document.querySelectorAll(".chart svg")) {
    if (!drawing.hasAttribute("viewBox"))
      drawing.setAttribute("viewBox", `0 0 ${drawing.getAttribute("width")} ${drawing.getAttribute("height")}`);
  }
}

function clearCharts() {
  for (const { chart, watcher } of drawn.splice(0)) {
    watcher.disconnect();
    chart.dispose();
  }
}

const axisLook = () => ({
  axisLine: { lineStyle: { color: colour("line") } },
  axisTick: { show: false },
  axisLabel: { color: colour("quiet"), hideOverlap: true },
  splitLine: { lineStyle: { color: colour("faint") } },
});

// `series`: [{measure, colour, estimated, type, stack, axis}]; `category` is the place of the column along the axis.
function axisChart(
  question,
  {
    category = 0,
    series,
    format,
    horizontal = false,
    marks = [],
    top,
    legend = series.length > 1,
    from,
    names: room = 160,
  },
) {
  const rows = horizontal ? [...question.rows].reverse() : question.rows;
  const along = rows.map((row) => cell(question, row[category], question.columns[category]));
  const place = (id) => question.columns.findIndex((column) => column.name === id);
  const values = { type: "value", max: top && ((range) => Math.max(top, range.max)), min: from, ...axisLook() };
  if (STEPS[format]) Object.assign(values, stepped(question, series, format, from || 0));
  values.axisLabel = { ...values.axisLabel, formatter: (value) => short(value, format) };
  const categories = { type: "category", data: along, ...axisLook(), splitLine: { show: false } };
  if (horizontal)
    categories.axisLabel = {
      color: colour("ink"),
      lineHeight: 13,
      fontSize: 12,
      ...folding(along, Math.min(room, innerWidth / 3)),
    };
  return {
    legend: legend
      ? { top: 0, left: 0, itemWidth: 16, itemHeight: 10, textStyle: { color: colour("ink") } }
      : undefined,
    grid: {
      left: 8,
      right: 24,
      top: legend ? 44 : 20,
      bottom: 8,
      outerBounds: { left: 4, right: 8, top: legend ? 34 : 8, bottom: 4 },
    },
    tooltip: tip({ trigger: "axis", valueFormatter: (value) => formatted(value, format) }),
    xAxis: horizontal ? values : categories,
    yAxis: horizontal ? categories : values,
    series: series.map((each, number) =>
      oneSeries(
        each,
        rows.map((row) => row[place(each.measure)]),
        number === 0 ? marks : [],
        horizontal,
      ),
    ),
  };
}

// Steps that people count in, where the tens of numbers are not: at most six up to the greatest value.
const STEPS = {
  seconds: [10, 30, 60, 300, 600, 1800, 3600, 7200, 18000, 36000, 86400, 172800, 432000],
  ratio: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
};

function stepped(question, series, format, from) {
  const places = series.map((each) => question.columns.findIndex((column) => column.name === each.measure));
  const room = Math.max(0, ...question.rows.flatMap((row) => places.map((place) => (row[place] ?? from) - from)));
  const step = STEPS[format].find((each) => room / each <= 6);
  return step ? { interval: step, min: from, max: from + step * Math.max(1, Math.ceil(room / step - 1e-9)) } : {};
}

// Names that need more room than there is go on below, to two lines.
function folding(names, room) {
  const wide = (name) => [...name].reduce((sum, each) => sum + (each > "\u2e7f" ? 12.5 : 6.8), 0);
  if (names.every((name) => wide(name) <= room)) return {};
  return {
    width: room,
    overflow: "break",
    formatter: (name) => {
      let cut = name;
      while (wide(cut) > 1.75 * room) cut = cut.slice(0, -1);
      return cut === name ? name : `${cut}…`;
    },
  };
}

function oneSeries(each, data, marks, horizontal) {
  const line = each.type === "line";
  return {
    name: each.name || pick(MEASURES[each.measure].label),
    type: line ? "line" : "bar",
    data,
    stack: each.stack,
    barMaxWidth: 28,
    symbol: data.length > 60 ? "none" : "circle",
    symbolSize: 6,
    connectNulls: false,
    lineStyle: line ? { width: 2 } : undefined,
    itemStyle: { color: colour(each.colour), decal: each.estimated ? hatched() : undefined },
    markLine: marks.length
      ? {
          symbol: "none",
          silent: true,
          label: { formatter: "{b}", color: colour("quiet"), position: horizontal ? "end" : "insideEndTop" },
          lineStyle: { type: "dashed", color: colour("quiet") },
          data: marks.map((mark) => ({ name: mark.label, [horizontal ? "xAxis" : "yAxis"]: mark.value })),
        }
      : undefined,
  };
}

function heatChart(question, measureId) {
  const place = question.columns.findIndex((column) => column.name === measureId);
  const known = question.rows.map((row) => row[place]).filter((value) => value !== null);
  const low = Math.min(...known),
    high = Math.max(...known);
  return {
    grid: { left: 8, right: 12, top: 8, bottom: 56, outerBounds: { left: 4, right: 8, top: 4, bottom: 52 } },
    tooltip: tip({
      formatter: ({ value }) =>
        `${WEEKDAYS()[value[1]]} ${String(value[0]).padStart(2, "0")}:00 · ${FORMATS.share(value[2])}`,
    }),
    xAxis: {
      type: "category",
      data: Array.from({ length: 24 }, (_, hour) => `${hour}`),
      ...axisLook(),
      splitLine: { show: false },
    },
    yAxis: { type: "category", data: WEEKDAYS(), inverse: true, ...axisLook(), splitLine: { show: false } },
    visualMap: {
      min: low,
      max: high > low ? high : low + 0.001,
      orient: "horizontal",
      left: "center",
      bottom: 0,
      itemHeight: 160,
      itemWidth: 12,
      precision: 3,
      formatter: (value) => FORMATS.share(value),
      textStyle: { color: colour("ink") },
      calculable: false,
      text: [FORMATS.share(high), FORMATS.share(low)],
      inRange: { color: [colour("heat-low"), colour("heat-mid"), colour("heat-high")] },
    },
    series: [
      {
        type: "heatmap",
        data: question.rows.filter((row) => row[place] !== null).map((row) => [row[1], row[0] - 1, row[place]]),
        itemStyle: { borderColor: colour("paper"), borderWidth: 1 },
      },
    ],
  };
}
