// The plots: curves over time, redrawn whenever the state changes.
"use strict";

const COLOURS = ["#1f77b4", "#d1541f", "#2a9d55"];
const POINTS = 160;

const PLOTS = [
  { title: "Signal α and noise σ", series: ["α", "σ"], of: (row) => [row.now.alpha, row.now.sigma] },
  { title: "Log signal-to-noise ratio λ", series: ["λ"], of: (row) => [row.now.logSnr] },
  { title: "Drift f and diffusion g", series: ["f", "g"], of: (row) => [row.now.f, Math.sqrt(row.now.gSquared)] },
  { title: "Transition from s: variance Σ and factor", series: ["Σ", "factor"], of: (row) => (row.fromS ? [row.fromS.variance, row.fromS.factor] : [null, null]) },
  { title: "Step of the sampler", series: ["a_z", "a_ε", "a_ξ"], of: (row) => row.step.accurate },
  { title: "Relative error of the step as typed, float64", series: ["a_ε", "a_ξ"], log: true, of: (row) => [error(row, 1), error(row, 2)] },
];

function error(row, part) {
  const right = row.step.accurate[part];
  if (right === 0 || !Number.isFinite(row.step.typed[part])) return null;
  return Math.max(Math.abs(row.step.typed[part] - right) / Math.abs(right), 2 ** -53);
}

class Plots {
  constructor(place) {
    this.place = place;
    this.charts = [];
  }

  /** All curves of a state. */
  static data(state) {
    const early = model.at(state, model.chosen(state, state.s));
    const rows = Array.from({ length: POINTS }, (_, k) => {
      const fraction = (k + 1) / POINTS;
      const now = model.at(state, model.time(state, fraction));
      const before = model.at(state, model.time(state, fraction - fraction / POINTS / 2 < 1 / state.steps ? fraction / 2 : fraction - 1 / state.steps));
      return {
        now,
        step: model.step(state, before, now),
        fromS: now.time > early.time ? model.step(state, early, now) : null,
      };
    });
    const times = rows.map((row) => row.now.time);
    return PLOTS.map((plot) => {
      const values = rows.map(plot.of);
      return [times, ...plot.series.map((_, i) => values.map((value) => finite(value[i])))];
    });
  }

  draw(state) {
    const data = Plots.data(state);
    const key = `${model.logarithmic(state)}|${document.documentElement.dataset.theme ?? ""}|${matchMedia("(prefers-color-scheme: dark)").matches}`;
    if (key !== this.key) this.make(key, state, data);
    else this.charts.forEach((chart, i) => chart.setData(data[i]));
  }

  make(key, state, data) {
    this.key = key;
    for (const chart of this.charts) chart.destroy();
    this.place.replaceChildren();
    const style = getComputedStyle(document.documentElement);
    const axis = { stroke: style.getPropertyValue("--fore"), grid: { stroke: style.getPropertyValue("--grid"), width: 1 }, ticks: { show: false } };
    this.charts = PLOTS.map((plot, i) => {
      const box = document.createElement("div");
      box.className = "plot";
      const title = document.createElement("h3");
      title.textContent = plot.title;
      box.append(title);
      this.place.append(box);
      return new uPlot(
        {
          width: Math.max(260, box.clientWidth),
          height: 220,
          scales: { x: { time: false, distr: model.logarithmic(state) ? 3 : 1 }, y: { distr: plot.log ? 3 : 1 } },
          axes: [
            { ...axis, label: "t", size: 30, labelSize: 16, labelGap: 0 },
            { ...axis, size: 62, label: plot.series.join(", "), labelSize: 18, values: (_, ticks) => ticks.map(short) },
          ],
          series: [
            { label: "t", value: (_, value) => short(value) },
            ...plot.series.map((label, n) => ({ label, stroke: COLOURS[n], width: plot.log ? 0 : 2, points: { show: plot.log === true, size: 4, fill: COLOURS[n] }, value: (_, value) => short(value) })),
          ],
          cursor: { drag: { x: false, y: false } },
        },
        data[i],
        box,
      );
    });
  }

  resize() {
    for (const chart of this.charts) chart.setSize({ width: Math.max(260, chart.root.parentElement.clientWidth), height: 220 });
  }
}

function finite(value) {
  return Number.isFinite(value) ? value : null;
}

function short(value) {
  if (value === null || value === undefined) return "";
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(1) : String(Number(value.toPrecision(4)));
}
