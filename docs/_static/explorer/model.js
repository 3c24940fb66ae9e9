// The state of the page, and what follows from it; every formula is a function of kernels.js.
"use strict";

// Parts of the domain's ends that are left out: there sigma or alpha may be 0.
const MARGIN = 0.005;
// s is earlier than t by this fraction of the domain at least: a step has a length.
const GAP = 0.001;
const KNOBS = [
  { name: "t", label: "t, later time", range: [MARGIN + GAP, 1 - MARGIN], value: 0.5, step: GAP },
  { name: "s", label: "s, earlier time", range: [MARGIN, 1 - MARGIN - GAP], value: 0.4, step: GAP },
  { name: "gamma", label: "γ", range: [-1, 2], value: 0, step: 0.05 },
  { name: "delta", label: "δ", range: [0, 2], value: 0, step: 0.05 },
  { name: "rho", label: "ρ", range: [0, 1.5], value: 0, step: 0.05 },
  { name: "steps", label: "steps", range: [5, 200], value: 40, step: 1 },
  { name: "seed", label: "seed", range: [1, 100], value: 1, step: 1 },
];

const model = {
  /** The state that a fresh page has. */
  fresh(schedule = "vp") {
    const state = { schedule, printed: 0 };
    for (const knob of KNOBS) state[knob.name] = knob.value;
    for (const parameter of s2n.schedules[schedule].parameters) state[parameter.name] = parameter.value;
    return state;
  },

  /** The state in a link; what is missing or out of range is as in a fresh page, and s is moved below t. */
  fromLink(hash) {
    const given = new URLSearchParams(hash.replace(/^#/, ""));
    const schedule = Object.hasOwn(s2n.schedules, given.get("schedule") ?? "") ? given.get("schedule") : "vp";
    const state = model.fresh(schedule);
    for (const field of [...KNOBS, ...s2n.schedules[schedule].parameters]) {
      const value = Number.parseFloat(given.get(field.name));
      if (value >= field.range[0] && value <= field.range[1]) state[field.name] = value;
    }
    state.steps = Math.round(state.steps);
    state.seed = Math.round(state.seed);
    state.printed = given.get("printed") === "1" ? 1 : 0;
    return model.ordered(state, "t");
  },

  /** The state with s before t: the one that was not set gives way. */
  ordered(state, set) {
    if (state.s < state.t) return state;
    const digits = (value) => Number(value.toFixed(6)); // no 0.09900000000000002
    return set === "s" ? { ...state, t: digits(state.s + GAP) } : { ...state, s: digits(state.t - GAP) };
  },

  toLink(state) {
    return `#${new URLSearchParams(Object.entries(state).map(([name, value]) => [name, String(value)]))}`;
  },

  /** Whether times are spread on a logarithmic axis. */
  logarithmic(state) {
    const [start, end] = s2n.schedules[state.schedule].domain;
    return start > 0 && end / start > 100;
  },

  /** The time at a fraction of the domain, as the knobs of s and t have it. */
  chosen(state, fraction) {
    const [start, end] = s2n.schedules[state.schedule].domain;
    return model.logarithmic(state) ? start * (end / start) ** fraction : start + (end - start) * fraction;
  },

  /** The time at a fraction of what is left of the domain without the margins at both ends. */
  time(state, fraction) {
    return model.chosen(state, MARGIN + (1 - 2 * MARGIN) * fraction);
  },

  /** alpha, sigma, lambda, f and g^2 at a time. */
  at(state, time) {
    const schedule = s2n.schedules[state.schedule];
    const values = schedule.parameters.map((parameter) => state[parameter.name]);
    const [alpha, sigma, logSnr, f, gSquared] = ["alpha", "sigma", "log_snr", "f", "g_squared"].map(
      (name) => s2n[schedule.kernels[name]](time, ...values)[0],
    );
    return { time, alpha, sigma, logSnr, f, gSquared };
  },

  /** A step from t to s: the coefficients in the accurate form, as typed, and as printed; the transition. */
  step(state, early, late) {
    const letters = [early.alpha, late.alpha, early.sigma, late.sigma];
    const knobs = [state.gamma, state.delta, state.rho];
    const gap = (early.logSnr - late.logSnr) / 2;
    const [variance, factor] = s2n.accurate_transition(...letters, gap);
    return {
      accurate: s2n.accurate_step(...letters, gap, ...knobs),
      typed: s2n.typed_step(...letters, ...knobs),
      printed: s2n.printed_step(...letters, ...knobs),
      variance,
      factor,
    };
  },

  /** Times of the sampler, from the last to the first. */
  grid(state) {
    return Array.from({ length: state.steps + 1 }, (_, k) => model.time(state, 1 - k / state.steps));
  },
};

if (typeof module !== "undefined") module.exports = { model, KNOBS };
