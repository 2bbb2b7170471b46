// Unikat: the control charts on the floor page: every part against its own order, in sigmas.

import { atTime, byId, call, make } from "./common.js";

const WIDTH = 300, HEIGHT = 84, MOST = 4;
const kinds = { act: "bad", look: "warn", "in control": "good" };
let due = null;

/** Load the charts; several calls within two seconds load once. */
export function showQuality() {
  due ??= setTimeout(() => { due = null; load().catch(() => {}); }, 2000);
}

export async function load() {
  const { charts, limit, ewma_limit: ewma } = await call("GET", "/quality?limit=50");
  byId("quality").hidden = !charts.length;
  byId("charts").replaceChildren(...charts.map((chart) => figure(chart, limit, ewma)));
}

function figure(chart, limit, ewma) {
  const told = chart.alarms.filter((alarm) => alarm.is_act).at(-1);
  const words = `${chart.num} parts, ${chart.num_out} out of tolerance, mean ${signed(chart.mean)}${chart.spread === null ? "" : `, spread ${chart.spread.toFixed(2)}`}`;
  const caption = make("figcaption", {}, make("b", {}, chart.characteristic.replaceAll("_", " ")), " ",
    make("span", { className: `pill ${kinds[chart.state]}` }, chart.state), make("span", { className: "small muted" }, ` ${words}`));
  if (told) caption.append(make("span", { className: "small" }, ` Last alarm ${atTime(told.at)}, ${told.serial}: ${told.signal}.`));
  const box = make("figure", {}, caption);
  box.insertAdjacentHTML("beforeend", drawing(chart, limit, ewma));
  return box;
}

const signed = (value) => `${value <= -0.005 ? "−" : value < 0.005 ? "" : "+"}${Math.abs(value).toFixed(2)}`;

/** Draw numbers only, so that nothing of a name can become markup. */
function drawing({ points }, limit, ewma) {
  const x = (k) => ((k + 0.5) / points.length) * WIDTH;
  const y = (z) => HEIGHT / 2 - (Math.max(-MOST, Math.min(MOST, z)) / MOST) * (HEIGHT / 2 - 4);
  const level = (z, kind) => `<line class="${kind}" x1="0" x2="${WIDTH}" y1="${y(z)}" y2="${y(z)}"/>`;
  const line = points.map((point, k) => `${x(k).toFixed(1)},${y(point.ewma).toFixed(1)}`).join(" ");
  const dots = points.map((point, k) => `<circle class="${point.signals.length || !point.is_within ? "out" : ""}" cx="${x(k).toFixed(1)}" cy="${y(point.z).toFixed(1)}" r="2.2"/>`).join("");
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="The last ${points.length} parts: deviations and their weighted mean, in sigmas">${[0, limit, -limit].map((z) => level(z, z ? "limit" : "")).join("")}${[ewma, -ewma].map((z) => level(z, "weak")).join("")}<polyline points="${line}"/>${dots}</svg>`;
}
