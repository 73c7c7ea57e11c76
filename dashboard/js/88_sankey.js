// Flows of money from left to right, as wide as the amounts; columns of names that one after the other pay on.

// `links`: [[from, to, fen]] between names; `labels`: name → what is shown. What is not above zero cannot be drawn.
function sankeyChart(links, labels, colours) {
  const shown = links.filter(([, , fen]) => fen > 0),
    names = [...new Set(shown.flatMap(([from, to]) => [from, to]))];
  return {
    tooltip: tip({
      formatter: ({ dataType, data, name, value }) =>
        dataType === "edge"
          ? `${labels(data.source)} → ${labels(data.target)}<br>${FORMATS.yuan(data.value)} 元`
          : `${labels(name)}<br>${FORMATS.yuan(value)} 元`,
    }),
    series: [
      {
        type: "sankey",
        left: 4,
        right: Math.min(170, innerWidth / 4),
        top: 8,
        bottom: 8,
        nodeGap: 14,
        nodeWidth: 14,
        draggable: false,
        emphasis: { focus: "adjacency" },
        data: names.map((name) => ({ name, itemStyle: { color: colour(colours(name)) } })),
        links: shown.map(([source, target, fen]) => ({ source, target, value: fen / 100 })),
        label: {
          color: colour("ink"),
          formatter: ({ name }) => labels(name),
          width: Math.min(160, innerWidth / 4 - 10),
          overflow: "truncate",
        },
        lineStyle: { color: "source", opacity: 0.3 },
      },
    ],
  };
}

// Sums of a question's last column by two of its columns.
function linked(question, from, to) {
  const sums = new Map(),
    last = question.columns.length - 1;
  for (const row of question.rows) {
    const key = JSON.stringify([from(row), to(row)]);
    sums.set(key, (sums.get(key) || 0) + Math.round(row[last] * 100));
  }
  return [...sums].map(([key, fen]) => [...JSON.parse(key), fen]);
}
