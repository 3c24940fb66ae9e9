// A mixture of Gaussians in the plane, its exact network, and particles that a step moves from noise to data.
"use strict";

const COUNT = 600;
const COMPONENTS = Array.from({ length: 5 }, (_, k) => {
  const angle = Math.PI / 2 + (2 * Math.PI * k) / 5;
  return { mean: [1.5 * Math.cos(angle), 1.5 * Math.sin(angle)], variance: k === 0 ? 0.09 : 0.03, weight: 1 / 5 };
});
const SPREAD = 1.6; // about the largest standard deviation of the data along an axis, with a margin

/** Numbers in (0, 1), the same for the same seed (mulberry32). */
function uniforms(seed) {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return (((x ^ (x >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
}

function normals(seed) {
  const uniform = uniforms(seed);
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** log p(z) and the noise that the exact network predicts, for the mixture seen through alpha and sigma. */
function network(z, now) {
  const parts = COMPONENTS.map((component) => {
    const [logX, epsX] = s2n.component(z[0], now.alpha, now.sigma, component.mean[0], component.variance);
    const [logY, epsY] = s2n.component(z[1], now.alpha, now.sigma, component.mean[1], component.variance);
    return { log: Math.log(component.weight) + logX + logY, eps: [epsX, epsY] };
  });
  const largest = Math.max(...parts.map((part) => part.log));
  const weights = parts.map((part) => Math.exp(part.log - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = (axis) => parts.reduce((sum, part, k) => sum + weights[k] * part.eps[axis], 0) / total;
  return { log: largest + Math.log(total), eps: [mean(0), mean(1)] };
}

/** Every state of the particles from the last time to the first, for one form of the step. */
function sample(state, form) {
  const times = model.grid(state).map((time) => model.at(state, time));
  const normal = normals(state.seed);
  let particles = Array.from({ length: COUNT }, () => [times[0].sigma * normal(), times[0].sigma * normal()]);
  const frames = [particles];
  for (let k = 1; k < times.length; k += 1) {
    const [aZ, aEps, aNoise] = model.step(state, times[k], times[k - 1])[form];
    particles = particles.map((z) => {
      const { eps } = network(z, times[k - 1]);
      return [aZ * z[0] + aEps * eps[0] + aNoise * normal(), aZ * z[1] + aEps * eps[1] + aNoise * normal()];
    });
    frames.push(particles);
  }
  return { times, frames };
}

/** The mean of log p over the particles: what a wrong step loses. */
function meanLogDensity(particles, now) {
  return particles.reduce((sum, z) => sum + network(z, now).log, 0) / particles.length;
}

function drawParticles(canvas, particles, now) {
  const ratio = window.devicePixelRatio || 1;
  const size = Math.max(1, Math.round(canvas.clientWidth * ratio));
  if (canvas.width !== size || canvas.height !== size) canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const scale = size / (6 * Math.hypot(now.alpha * SPREAD, now.sigma));
  const place = (z) => [size / 2 + z[0] * scale, size / 2 - z[1] * scale];
  context.clearRect(0, 0, size, size);
  context.strokeStyle = style.getPropertyValue("--dim");
  context.lineWidth = ratio;
  for (const component of COMPONENTS) {
    const [x, y] = place(component.mean.map((value) => value * now.alpha));
    context.beginPath();
    context.arc(x, y, 2 * scale * Math.sqrt(now.alpha ** 2 * component.variance + now.sigma ** 2), 0, 2 * Math.PI);
    context.stroke();
  }
  context.fillStyle = style.getPropertyValue("--accent");
  context.globalAlpha = 0.6;
  let outside = 0;
  for (const z of particles) {
    const [x, y] = place(z);
    if (!(x >= 0 && x <= size && y >= 0 && y <= size)) outside += 1;
    else context.fillRect(x - ratio, y - ratio, 2.2 * ratio, 2.2 * ratio);
  }
  context.globalAlpha = 1;
  return outside;
}

if (typeof module !== "undefined") module.exports = { network, uniforms, normals, COMPONENTS };
