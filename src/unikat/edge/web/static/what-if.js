// Unikat: the planner's what-if panel: which orders a stop or a rush order would make late, before anything is published.

import { atTime, byId, call, lasting, make } from "./common.js";

const MOST_ROWS = 30;
const unit = byId("what-if-unit"), rush = byId("what-if-rush"), said = byId("what-if-said");

/** A delay with its sign: orders may also finish sooner. */
const delay = (seconds) => (Math.abs(seconds) < 30 ? "0 min" : `${seconds < 0 ? "−" : "+"}${lasting(Math.abs(seconds))}`);
const chance = (share) => `${Math.round(share * 100)} %`;

function say(text, kind = "") {
  said.hidden = false;
  said.className = `notice ${kind}`;
  said.textContent = text;
}

/** Offer all units, by work center, and the open orders. */
async function offer() {
  const [schedule, listed] = await Promise.all([call("GET", "/schedule"), call("GET", "/orders?state=open&limit=500")]);
  const centers = new Map();
  for (const each of schedule.units) centers.set(each.center, [...(centers.get(each.center) || []), each.id]);
  unit.append(...[...centers].map(([center, units]) => {
    const all = units.length > 1 ? [make("option", { value: center }, `all of ${center}`)] : [];
    return make("optgroup", { label: center }, ...units.map((id) => make("option", { value: id }, id)), ...all);
  }));
  rush.append(...listed.orders.map(({ id, customer }) => make("option", { value: id }, `${id}, ${customer}`)));
}

/** What is asked, or the first field that is wrong. */
function read() {
  const wrong = ["what-if-hours", "what-if-after"].map(byId).find((field) => !field.checkValidity());
  if (!unit.value && !rush.value) return { wrong: unit, why: "Choose a unit to stop or an order to rush." };
  if (unit.value && wrong) return { wrong, why: `${wrong.labels[0].textContent}: ${wrong.validationMessage}` };
  const stops = unit.value ? [{ unit: unit.value, hours: byId("what-if-hours").valueAsNumber, after_hours: byId("what-if-after").valueAsNumber }] : [];
  return { wish: { stops, rush: rush.value ? [rush.value] : [] } };
}

function row(each) {
  const pill = each.is_late_then ? make("span", { className: "pill bad" }, each.is_late_now ? "late anyway" : "becomes late") : "";
  return make("tr", {},
    make("td", { className: "mono" }, each.order), make("td", {}, each.customer), make("td", {}, atTime(each.due)),
    make("td", {}, atTime(each.p50_now)), make("td", {}, atTime(each.p50_then)), make("td", { className: "num" }, delay(each.delay.mean)),
    make("td", {}, `${chance(each.p_on_time_now)} → ${chance(each.p_on_time_then)} `, pill));
}

function show(found) {
  const moved = found.orders.filter((each) => Math.abs(each.delay.mean) >= 30 || each.is_late_then !== each.is_late_now);
  const late = found.newly_late.length;
  const words = [
    late ? `${late} more order${late > 1 ? "s" : ""} would be late: ${found.newly_late.join(", ")}.` : "No more orders would be late.",
    found.no_longer_late.length ? `No longer late: ${found.no_longer_late.join(", ")}.` : "",
    `Mean delay of ${found.orders.length} open orders ${delay(found.delay.mean)}, between ${delay(found.delay.low)} and ${delay(found.delay.high)}.`,
    moved.length > MOST_ROWS ? `The ${MOST_ROWS} most delayed of ${moved.length} that move are listed.` : "",
    "Nothing was published.",
  ];
  say(words.filter(Boolean).join(" "), late ? "warn" : "");
  byId("what-if-orders").replaceChildren(...moved.slice(0, MOST_ROWS).map(row));
  byId("what-if-region").hidden = !moved.length;
}

byId("what-if").addEventListener("submit", async (event) => {
  event.preventDefault();
  for (const field of event.target.elements) field.removeAttribute("aria-invalid");
  const { wish, wrong, why } = read();
  byId("what-if-region").hidden = true;
  if (wrong) {
    say(why, "bad");
    wrong.setAttribute("aria-invalid", "true");
    wrong.focus();
    return;
  }
  const button = byId("what-if-ask");
  button.disabled = true;
  say("Playing both worlds …");
  try {
    show(await call("POST", "/what-if", wish));
  } catch (error) {
    say(error.message, "bad");
  }
  button.disabled = false;
  button.focus();
});

offer().catch((error) => say(error.message, "bad"));
