// Unikat: the health of the units on the floor page, why, and the maintenance that is planned or has room.

import { atTime, byId, call, lasting, make, refill } from "./common.js";

const FEW = 5;
let isAll = false, latest = null;

/** The health of a unit as last loaded. */
export const healthOf = (unit) => latest?.health.find((each) => each.unit === unit);

/** Show the units that lack something, or all; the worst first. */
export function showHealth(health, stops) {
  latest = { health, stops };
  const sorted = [...health].sort((a, b) => a.figure - b.figure || a.unit.localeCompare(b.unit, "en", { numeric: true }));
  const lacking = sorted.filter((each) => each.reasons.length).length;
  const due = sorted.filter((each) => each.is_due).length;
  byId("health-card").hidden = !sorted.length;
  byId("health-words").textContent = [
    "100 is as planned: it fails no more often than the plant file says, and its steps take no longer than the model says.",
    lacking ? `${lacking} of ${sorted.length} units fall short.` : `No unit of ${sorted.length} falls short.`,
    due ? `${due} should be maintained: below 30.` : "None is due for maintenance (below 30).",
  ].join(" ");
  const shown = isAll ? sorted : sorted.slice(0, Math.max(FEW, due));
  refill(byId("health"), shown.map((each) => row(each, planned(each, stops))));
  byId("health-all").hidden = sorted.length <= shown.length && !isAll;
  byId("health-all").textContent = isAll ? "Fewer units" : `All ${sorted.length} units`;
  byId("health-all").setAttribute("aria-expanded", String(isAll));
}

const planned = (each, stops) => stops.find((stop) => stop.units.includes(each.unit));

function row(each, stop) {
  const meter = make("meter", { min: 0, max: 100, low: 30, high: 60, optimum: 100, value: each.figure });
  meter.setAttribute("aria-label", `health of ${each.unit}`);
  return make("tr", {}, make("th", { scope: "row" }, each.unit), make("td", {}, meter, ` ${each.figure}`),
    make("td", { className: "why-not" }, each.reasons.join("; ").replaceAll("_", " ") || "–"),
    make("td", { className: "num" }, each.mtbf_s ? lasting(each.mtbf_s) : "–"), make("td", { className: "num" }, each.mtbf_s ? lasting(each.mttr_s) : "–"),
    make("td", {}, ...maintenance(each, stop)));
}

function maintenance(each, stop) {
  if (stop) return [`${stop.reason || "a stop"} is planned: ${atTime(stop.start)} to ${atTime(stop.finish)}`];
  if (!each.is_due) return ["not due"];
  if (!each.start) return ["due, and there is no room for it"];
  const button = make("button", { type: "button", className: "button plain tight" }, "Plan it");
  button.dataset.hold = each.unit;
  button.setAttribute("aria-label", `Plan the maintenance of ${each.unit}`);
  button.addEventListener("click", () => plan(each, button));
  return [`room from ${atTime(each.start)} to ${atTime(each.finish)} `, button];
}

async function plan({ unit, start, finish }, button) {
  button.disabled = true;
  try {
    await call("POST", "/stops", { units: [unit], start, finish, reason: "maintenance" });
    byId("health-said").textContent = `${unit} is maintained from ${atTime(start)} to ${atTime(finish)}; promises and schedules keep clear of it.`;
    document.dispatchEvent(new Event("stopped"));
  } catch (error) {
    byId("health-said").textContent = error.message;
    button.disabled = false;
  }
}

byId("health-all").addEventListener("click", () => { isAll = !isAll; showHealth(latest.health, latest.stops); });
