// The page: controls to state, state to plots, particles, values and link.
"use strict";

const byId = (id) => document.getElementById(id);
let state = model.fromLink(location.hash);
let runs = null; // frames of the particles, made when first needed
let frame = 0;
let timer = null;
const plots = new Plots(byId("plots"));

function slider(field, place) {
  const label = document.createElement("label");
  const output = document.createElement("output");
  const input = document.createElement("input");
  const wide = field.range[1] / field.range[0] > 50 && field.range[0] > 0;
  Object.assign(input, { type: "range", id: `input-${field.name}`, min: 0, max: 1000, step: 1 });
  if (field.step) Object.assign(input, { min: field.range[0], max: field.range[1], step: field.step });
  const [low, high] = field.range;
  const value = () => {
    if (field.step) return input.valueAsNumber;
    const u = input.valueAsNumber / 1000;
    return Number((wide ? low * (high / low) ** u : low + (high - low) * u).toPrecision(4));
  };
  label.htmlFor = input.id;
  label.textContent = field.label ?? field.name;
  output.htmlFor = input.id;
  label.append(output);
  const show = () => {
    const now = state[field.name];
    if (field.step) input.value = now;
    else input.value = 1000 * (wide ? Math.log(now / low) / Math.log(high / low) : (now - low) / (high - low));
    const time = field.name === "s" || field.name === "t" ? model.chosen(state, now) : now;
    output.textContent = short(time);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    state[field.name] = value();
    state = model.ordered(state, field.name);
    changed(field.name);
  });
  place.append(label, input);
  return show;
}

let shows = [];

function controls() {
  byId("parameters").replaceChildren();
  byId("knobs").replaceChildren();
  shows = [
    ...s2n.schedules[state.schedule].parameters.map((field) => slider(field, byId("parameters"))),
    ...KNOBS.map((field) => slider(field, byId("knobs"))),
  ];
  byId("schedule").value = state.schedule;
  byId("printed").checked = state.printed === 1;
}

function changed(what) {
  for (const show of shows) show();
  if (what !== "s" && what !== "t") {
    runs = null;
    frame = Math.min(frame, state.steps);
  }
  plots.draw(state);
  values();
  particlesSoon();
  remember();
}

// A slider sends more events than a whole run of the sampler can follow: one run a frame of the screen.
let waiting = false;
function particlesSoon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    particles();
  });
}

function remember() {
  try {
    history.replaceState(null, "", model.toLink(state));
  } catch {
    location.hash = model.toLink(state); // some browsers forbid it for local files
  }
}

function particles() {
  byId("figure-printed").hidden = state.printed !== 1;
  const forms = state.printed === 1 ? ["derived", "printed"] : ["derived"];
  runs ??= {};
  for (const form of forms) {
    runs[form] ??= sample(state, form === "derived" ? "accurate" : "printed");
    const now = runs[form].times[frame];
    const outside = drawParticles(byId(`canvas-${form}`), runs[form].frames[frame], now);
    const score = meanLogDensity(runs[form].frames[frame], now);
    byId(`score-${form}`).textContent =
      `mean log density ${Number.isFinite(score) ? (Math.abs(score) < 1e4 ? score.toFixed(2) : score.toExponential(1)) : "none"}${outside ? `, ${outside} particles outside` : ""}`;
    byId("clock").textContent = `t = ${short(now.time)}, step ${frame} of ${state.steps}`;
  }
}

function values() {
  const early = model.at(state, model.chosen(state, state.s));
  const late = model.at(state, model.chosen(state, state.t));
  const step = model.step(state, early, late);
  const digits = (value) => (Number.isFinite(value) ? value.toPrecision(10) : "not finite");
  const rows = [
    ["", `s = ${short(early.time)}`, `t = ${short(late.time)}`],
    ["α", digits(early.alpha), digits(late.alpha)],
    ["σ", digits(early.sigma), digits(late.sigma)],
    ["λ", digits(early.logSnr), digits(late.logSnr)],
    ["f", digits(early.f), digits(late.f)],
    ["g²", digits(early.gSquared), digits(late.gSquared)],
    ["from t to s", "derived", "as printed"],
    ...["a_z", "a_ε", "a_ξ"].map((name, i) => [name, digits(step.accurate[i]), digits(step.printed[i])]),
    ["from s to t", "", ""],
    ["factor", digits(step.factor), ""],
    ["Σ", digits(step.variance), ""],
  ];
  byId("values").replaceChildren(
    ...rows.map((cells, n) => {
      const row = document.createElement("tr");
      cells.forEach((text, k) => {
        const head = k === 0 || n === 0 || cells[0].startsWith("from");
        const cell = document.createElement(head ? "th" : "td");
        if (head) cell.scope = k === 0 ? "row" : "col";
        cell.textContent = text;
        row.append(cell);
      });
      return row;
    }),
  );
}

function move(to) {
  frame = Math.max(0, Math.min(state.steps, to));
  particles();
}

function stop() {
  clearInterval(timer);
  timer = null;
  byId("play").textContent = "Play";
}

function play() {
  if (timer !== null) {
    stop();
    return;
  }
  if (frame >= state.steps) frame = 0;
  byId("play").textContent = "Pause";
  timer = setInterval(() => {
    move(frame + 1);
    if (frame >= state.steps) stop();
  }, Math.max(30, 2500 / state.steps));
}

function start() {
  for (const name of Object.keys(s2n.schedules)) byId("schedule").add(new Option(name, name));
  byId("schedule").addEventListener("change", (event) => {
    const kept = Object.fromEntries(KNOBS.map((knob) => [knob.name, state[knob.name]]));
    state = { ...model.fresh(event.target.value), ...kept, printed: state.printed };
    controls();
    changed("schedule");
  });
  byId("printed").addEventListener("change", (event) => {
    state.printed = event.target.checked ? 1 : 0;
    particles();
    remember();
  });
  byId("play").addEventListener("click", play);
  byId("back").addEventListener("click", () => { stop(); move(frame - 1); });
  byId("forward").addEventListener("click", () => { stop(); move(frame + 1); });
  byId("reset").addEventListener("click", () => {
    stop();
    state = model.fresh(state.schedule);
    frame = state.steps;
    controls();
    changed("reset");
  });
  byId("link").addEventListener("click", async () => {
    remember();
    try {
      await navigator.clipboard.writeText(location.href);
      byId("said").textContent = "Copied.";
    } catch {
      byId("said").textContent = location.href;
    }
  });
  byId("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    plots.draw(state);
    particles();
  });
  window.addEventListener("hashchange", () => {
    if (location.hash === model.toLink(state)) return;
    state = model.fromLink(location.hash);
    controls();
    changed("link");
  });
  window.addEventListener("resize", () => { plots.resize(); particles(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { plots.draw(state); particles(); });
  controls();
  frame = state.steps;
  changed("start");
}

start();
