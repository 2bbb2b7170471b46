// Unikat: planned stops on the planner page: what is closed when, and a form to plan one more.

import { atTime, byId, call, make, refill } from "./common.js";

const units = byId("stop-units"), said = byId("stop-said");
let reload = async () => {};

function say(text, kind = "") {
  said.hidden = !text;
  said.className = `notice ${kind}`;
  said.textContent = text;
}

/** Offer every unit, by work center, once. */
export function offerUnits(listed) {
  if (units.options.length > 1) return;
  const centers = new Map();
  for (const each of listed) centers.set(each.center, [...(centers.get(each.center) || []), each.id]);
  units.append(...[...centers].map(([center, ids]) => make("optgroup", { label: center },
    ...ids.map((id) => make("option", { value: id }, id)), ...(ids.length > 1 ? [make("option", { value: center }, `all of ${center}`)] : []))));
}

/** List the planned stops; `load()` loads the page's data anew. */
export function listStops(stops, load) {
  reload = load;
  refill(byId("stops"), stops.map((stop) => {
    const names = stop.units.length > 4 ? `${stop.units.length} units` : stop.units.join(", ");
    const button = make("button", { type: "button", className: "link" }, "withdraw");
    button.dataset.hold = stop.id;
    button.setAttribute("aria-label", `Withdraw the stop of ${names} from ${atTime(stop.start)}`);
    button.addEventListener("click", () => send("DELETE", `/stops/${stop.id}`, undefined, "The stop is withdrawn."));
    return make("li", {}, `${names}: ${atTime(stop.start)} to ${atTime(stop.finish)}${stop.reason ? `, ${stop.reason}` : ""} `, button);
  }));
}

async function send(method, path, body, words) {
  try {
    await call(method, path, body);
    say(words);
    await reload();
  } catch (error) {
    say(error.message, "bad");
  }
}

byId("stop").addEventListener("submit", (event) => {
  event.preventDefault();
  const empty = [byId("stop-start"), byId("stop-finish")].find((field) => !field.value);
  if (empty) { say("Say from when until when.", "bad"); empty.focus(); return; }
  const body = { units: [units.value], start: byId("stop-start").value, finish: byId("stop-finish").value, reason: byId("stop-reason").value };
  send("POST", "/stops", body, "The stop is planned; what is booked there moves with the next schedule.");
});
