// Unikat: one unit on the floor page: what it does, how well it is, and what can be done about it.

import { atTime, byId, call, root } from "./common.js";
import { healthOf } from "./health.js";
import { askStop } from "./what-if.js";

const panel = byId("unit"), hours = byId("unit-hours"), said = byId("unit-said");
const words = { idle: "is idle", setup: "is being set up", busy: "works", blocked: "is blocked, its load cannot move on,", down: "is down", closed: "is closed" };
let unit, now;

/** Show a unit at a time of the site in ms. */
export function openUnit(id, center, state, at) {
  [unit, now] = [id, at];
  byId("unit-title").textContent = `${id}, ${center.id.replaceAll("_", " ")}`;
  byId("unit-now").textContent = state ? sentences(state) : "";
  const health = healthOf(id);
  byId("unit-health").textContent = health ? `Health ${health.figure} of 100${health.reasons.length ? `: ${health.reasons.join("; ").replaceAll("_", " ")}` : ""}.` : "";
  said.hidden = true;
  panel.showModal();
}

/** What a unit does, and what a planned stop means for it. */
function sentences({ state, since, until, order, num_orders: count, step, reason }) {
  const isAway = state === "down" || state === "closed";
  const work = order ? ` on ${(step || "work").replaceAll("_", " ")} of ${order}${count > 1 ? ` and ${count - 1} more` : ""}` : "";
  const times = `${since ? ` since ${atTime(since)}` : ""}${until ? `, until ${atTime(until)}` : ""}`;
  return `It ${words[state] || state}${isAway ? "" : work}${times}${isAway && reason ? `: ${reason}` : ""}.${!isAway && reason ? ` After that it is closed: ${reason}.` : ""}`;
}

function say(text, kind) {
  said.hidden = false;
  said.className = `notice ${kind}`;
  said.replaceChildren(text);
}

function readHours() {
  if (hours.checkValidity()) return hours.valueAsNumber;
  say(`${hours.labels[0].textContent}: ${hours.validationMessage}`, "bad");
  hours.focus();
  return null;
}

byId("unit-ask").addEventListener("click", () => {
  const length = readHours();
  if (length === null) return;
  panel.close();
  askStop(unit, length);
});

byId("unit-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const length = readHours();
  if (length === null) return;
  const [start, finish] = [now, now + length * 3600e3].map((time) => new Date(time).toISOString());
  try {
    const stop = await call("POST", "/stops", { units: [unit], start, finish, reason: byId("unit-reason").value });
    say(`${unit} is stopped until ${atTime(stop.finish)}. The schedule is repaired within a turn; `, "");
    said.append(Object.assign(document.createElement("a"), { href: `${root}/planner#changes-card`, textContent: "what moved, and why" }), ".");
    document.dispatchEvent(new Event("stopped"));
  } catch (error) {
    say(error.message, "bad");
  }
});
byId("unit-close").addEventListener("click", () => panel.close());
