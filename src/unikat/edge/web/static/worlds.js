// Unikat: two worlds side by side: their figures with the interval of the difference, and when orders finish in each.

import { atTime, byId, lasting, make } from "./common.js";

const WIDE = 640, HIGH = 150, FOOT = 18, SMALL = 160;

/** A length of time with its sign. */
export const delay = (seconds) => (Math.abs(seconds) < 30 ? "0 min" : `${seconds < 0 ? "−" : "+"}${lasting(Math.abs(seconds))}`);
const points = (share) => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(1)} points`;
const percent = (share) => `${(100 * share).toFixed(1)} %`;

const MEASURES = [
  { key: "kept", words: "Dates kept", show: percent, differ: points, isMoreBetter: true },
  { key: "lead_s", words: "Lead time", show: lasting, differ: delay, isMoreBetter: false },
  { key: "tardiness_s", words: "Tardiness", show: lasting, differ: delay, isMoreBetter: false },
];

export function showWorlds(found) {
  byId("what-if-worlds").hidden = !found.orders.length;
  byId("what-if-measures").replaceChildren(...MEASURES.map((each) => measure(each, found[each.key])));
  byId("what-if-plot").replaceChildren();
  if (found.orders.length) byId("what-if-plot").insertAdjacentHTML("beforeend", curves(found));
}

function measure({ words, show, differ, isMoreBetter }, { now, then, difference }) {
  const { mean, low, high } = difference;
  const cell = make("td", { className: "whisker" });
  cell.insertAdjacentHTML("beforeend", whisker(difference, isMoreBetter));
  return make("tr", {}, make("th", { scope: "row" }, words), make("td", { className: "num" }, show(now)), make("td", { className: "num" }, show(then)),
    make("td", { className: "num" }, `${differ(mean)} (${differ(low)} to ${differ(high)})`), cell);
}

/** The interval of a difference beside 0. */
function whisker({ mean, low, high }, isMoreBetter) {
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const x = (value) => (SMALL / 2 + (value / most) * (SMALL / 2 - 6)).toFixed(1);
  const isSure = low > 0 || high < 0;
  const kind = !isSure ? "" : mean > 0 === isMoreBetter ? "good" : "bad";
  return `<svg class="${kind}" viewBox="0 0 ${SMALL} 20" width="${SMALL}" height="20" role="img" aria-label="${isSure ? "surely" : "perhaps"} ${kind === "good" ? "better" : kind === "bad" ? "worse" : "different"}">`
    + `<line class="zero" x1="${SMALL / 2}" x2="${SMALL / 2}" y1="1" y2="19"/><line x1="${x(low)}" x2="${x(high)}" y1="10" y2="10"/>`
    + `${[low, high].map((value) => `<line x1="${x(value)}" x2="${x(value)}" y1="6" y2="14"/>`).join("")}<circle cx="${x(mean)}" cy="10" r="3.5"/></svg>`;
}

/** How many orders are finished by when: numbers and times only, so that no name can become markup. */
function curves(found) {
  const worlds = ["now", "then"].map((world) => ({ world, times: found.orders.map((order) => Date.parse(order[`p50_${world}`])).sort((a, b) => a - b) }));
  const from = Date.parse(found.now), to = Math.max(from + 1, ...worlds.map(({ times }) => times[times.length - 1]));
  const x = (time) => (Math.max(0, (time - from) / (to - from)) * (WIDE - 2)).toFixed(1);
  const y = (count) => (HIGH - (count / found.orders.length) * (HIGH - 6)).toFixed(1);
  const path = (times) => `M0 ${y(0)}${times.map((time, k) => `H${x(time)}V${y(k + 1)}`).join("")}H${WIDE}`;
  const names = [0, 1 / 3, 2 / 3].map((share) => `<text x="${(share * WIDE).toFixed(0)}" y="${HIGH + FOOT - 3}">${atTime(from + share * (to - from))}</text>`).join("");
  return `<svg viewBox="0 0 ${WIDE} ${HIGH + FOOT}" role="img" aria-label="How many of ${found.orders.length} orders are finished by when, in both worlds"><line x1="0" x2="${WIDE}" y1="${HIGH}" y2="${HIGH}"/>`
    + `<text x="4" y="12">${found.orders.length} orders</text>${names}${worlds.map(({ world, times }) => `<path class="${world}" d="${path(times)}"/>`).join("")}</svg>`;
}
