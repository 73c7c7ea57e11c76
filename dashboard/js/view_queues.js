// Queues: how long jobs waited where, and what became of dispatch orders.

view(
  "queues",
  ["Queues", "排队"],
  (main) => {
    figures(main, [
      { id: "jobs", title: say("Jobs started", "启动作业数"), question: query("queue", [], ["jobs"]) },
      { id: "wait_mean", title: say("Mean wait", "平均等待"), question: query("queue", [], ["wait_mean"]) },
      {
        id: "wait_p95",
        title: say("95th percentile, worst site and day", "95 分位（最差节点与日）"),
        question: query("queue", [], ["wait_p95"]),
      },
      {
        id: "orders",
        title: say("Dispatch orders, all sites", "调度订单（全网）"),
        question: query("orders", [], ["orders"]),
      },
      { id: "refused", title: say("of which refused", "其中被拒绝"), question: query("orders", [], ["refused"]) },
    ]);
    const days = query("queue", ["day"], ["wait_mean", "wait_p50", "wait_p95", "jobs"]);
    panel(main, {
      id: "wait_by_day",
      title: say("Mean wait over time", "平均等待走势"),
      question: days,
      option: axisChart(days, {
        format: "seconds",
        from: 0,
        series: [{ measure: "wait_mean", type: "line", colour: "purple" }],
      }),
    });
    panel(main, {
      id: "jobs_by_day",
      title: say("Jobs started over time", "启动作业走势"),
      question: query("queue", ["day"], ["jobs"]),
      option: axisChart(days, { format: "count", series: [{ measure: "jobs", colour: "blue" }] }),
    });
    const sites = query("queue", ["site_id", "compute_class"], ["wait_mean", "wait_p50", "wait_p95", "jobs"]);
    panel(main, { id: "wait_by_site", title: say("By site and class", "按节点与类型"), question: sites, wide: true });
    const orders = query("orders", ["day"], ["placed", "refused", "cancelled"]);
    panel(main, {
      id: "orders_by_day",
      title: say("Dispatch orders over time, all sites", "调度订单走势（全网）"),
      question: orders,
      wide: true,
      option: axisChart(orders, {
        format: "count",
        series: [
          { measure: "placed", colour: "green", stack: "all" },
          { measure: "refused", colour: "red", stack: "all" },
          { measure: "cancelled", colour: "idle", stack: "all" },
        ],
      }),
    });
  },
  ["place", "class", "period"],
);
