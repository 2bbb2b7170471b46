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
  offer(state?.state === "down");
  panel.showModal();
}

/** What a unit does, and what a planned stop means for it. */
function sentences({ state, since, until, order, num_orders: count, step, reason }) {
  const isAway = state === "down" || state === "closed";
  const work = order ? ` on ${(step || "work").replaceAll("_", " ")} of ${order}${count > 1 ? ` and ${count - 1} more` : ""}` : "";
  const times = `${since ? ` since ${atTime(since)}` : ""}${until ? `, until ${atTime(until)}` : ""}`;
  return `It ${words[state] || state}${isAway ? "" : work}${times}${isAway && reason ? `: ${reason}` : ""}.${!isAway && reason ? ` After that it is closed: ${reason}.` : ""}`;
}

/** Offer to break it, or to mend it. */
function offer(isDown) {
  byId("unit-break").hidden = byId("unit-break-open").hidden = isDown;
  byId("unit-mend").hidden = !isDown;
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

/** Do something to the unit, and say what follows. */
async function change(act) {
  try {
    say(`${await act()} The schedule is repaired within a turn; `, "");
    said.append(Object.assign(document.createElement("a"), { href: `${root}/planner#changes-card`, textContent: "what moved, and why" }), ".");
    document.dispatchEvent(new Event("stopped"));
  } catch (error) {
    say(error.message, "bad");
  }
}

/** Break the unit down for so many hours; without hours until it is mended. */
function breakDown(length) {
  change(async () => {
    const { until } = await call("POST", "/breakdowns", { unit, hours: length });
    offer(true);
    byId("unit-mend").focus();
    return `${unit} broke down and is expected back ${atTime(until)}${length === null ? ", but not before it is mended" : ""}.`;
  });
}

byId("unit-break").addEventListener("click", () => {
  const length = readHours();
  if (length !== null) breakDown(length);
});

byId("unit-break-open").addEventListener("click", () => breakDown(null));

byId("unit-mend").addEventListener("click", () => change(async () => {
  await call("DELETE", `/breakdowns/${encodeURIComponent(unit)}`);
  offer(false);
  byId("unit-break").focus();
  return `${unit} is mended.`;
}));

byId("unit-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const length = readHours();
  if (length === null) return;
  const [start, finish] = [now, now + length * 3600e3].map((time) => new Date(time).toISOString());
  change(async () => {
    const stop = await call("POST", "/stops", { units: [unit], start, finish, reason: byId("unit-reason").value });
    return `${unit} is stopped until ${atTime(stop.finish)}.`;
  });
});
byId("unit-close").addEventListener("click", () => panel.close());
