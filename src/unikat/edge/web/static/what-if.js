// Unikat: what-if on the planner and floor pages: a question of one or more changes, answered surer and surer, before anything is published.

import { atTime, byId, call, make, stream } from "./common.js";
import { delay, showWorlds } from "./worlds.js";

const MOST_ROWS = 30, PLAYED = 1000;
const said = byId("what-if-said"), changes = byId("what-if-changes");
const chance = (share) => `${Math.round(share * 100)} %`;
let names, count = 0, playing = null;

const number = (label, value, min, max, step) => ({ label, make: () => make("input", { type: "number", value, min, max, step, required: true }) });
const choice = (label, options) => ({ label, make: () => make("select", {}, ...options()) });
const option = (value, words = value) => make("option", { value }, words);
const centers = () => Object.keys(names.centers).map((id) => option(id, id.replaceAll("_", " ")));
const units = (isAlsoAll) => Object.entries(names.centers).map(([center, ids]) => make("optgroup", { label: center },
  ...ids.map((id) => option(id)), ...(isAlsoAll && ids.length > 1 ? [option(center, `all of ${center}`)] : [])));
const rules = { finish: "its promised finish", due: "the date the customer was told", arrival: "who came first" };

/** Every kind of change: its words, its fields, and what it adds to a question (or why it cannot). */
const kinds = {
  stop: {
    words: "a unit stops", fields: [choice("Unit", () => units(true)), number("for (hours)", 8, 0.5, 1440, 0.5), number("beginning in (hours)", 0, 0, 1000, 0.5)],
    add: (wish, unit, hours, after) => { wish.stops.push({ unit, hours: Number(hours), after_hours: Number(after) }); },
  },
  rush: {
    words: "an order is rushed", isThere: () => names.orders.length, fields: [choice("Order", () => names.orders.map(({ id, customer }) => option(id, `${id}, ${customer}`)))],
    add: (wish, order) => { wish.rush.push(order); },
  },
  extra: {
    words: "there are more units", fields: [choice("Work center", centers), number("more units", 1, 1, 20, 1)],
    add: (wish, center, more) => { wish.extra[center] = (wish.extra[center] || 0) + Number(more); },
  },
  robots: {
    words: "there are more robots", isThere: () => names.robots.length, fields: [number("more robots", 1, 1, 20, 1)],
    add: (wish, more) => { wish.robots += Number(more); },
  },
  pace: {
    words: "a unit is faster or slower", fields: [choice("Unit", () => units(false)), number("times as fast", 1.2, 0.1, 10, 0.1)],
    add: (wish, unit, pace) => once(wish.pace, unit, Number(pace)),
  },
  hours: {
    words: "there is another shift", fields: [choice("Calendar", () => names.calendars.map((id) => option(id, id.replaceAll("_", " ")))),
      { label: "open too, every week", make: () => make("input", { type: "text", value: "sat 06:00-14:00", required: true }) }],
    add: (wish, calendar, span) => once(wish.hours, calendar, span.trim()),
  },
  rule: {
    words: "another rule is used", fields: [choice("Schedule each order by", () => Object.entries(rules).reverse().map(([id, words]) => option(id, words)))],
    add: (wish, rule) => { wish.priority = rule; },
  },
  travel: {
    words: "the layout is another", isThere: () => Object.keys(names.centers).length > 1, fields: [choice("From", centers), choice("to", centers), number("seconds", 15, 0, 86400, 1)],
    add: (wish, from, to, seconds) => (from === to ? "Choose two work centers." : once(wish.travel, `${from}-${to}`, Number(seconds))),
  },
};

function once(listed, key, value) {
  if (key in listed) return `${key} is asked about twice.`;
  listed[key] = value;
  return undefined;
}

function say(text, kind = "") {
  said.hidden = false;
  said.className = `notice ${kind}`;
  said.textContent = text;
}

/** Add a change to the question, a stop at first. */
function addChange() {
  const row = make("fieldset", { className: "what-if" }, make("legend", { className: "unseen" }, `Change ${changes.children.length + 1}`));
  const kind = field({ label: changes.children.length ? "and also" : "What if", make: () => make("select", {}, ...Object.entries(kinds).filter(([, each]) => each.isThere?.() ?? true).map(([id, { words }]) => option(id, words))) });
  const select = kind.querySelector("select");
  const remove = make("button", { type: "button", className: "button plain" }, "Remove");
  remove.addEventListener("click", () => { row.remove(); byId("what-if-add").focus(); });
  const fill = () => row.replaceChildren(row.firstChild, kind, ...kinds[select.value].fields.map(field), ...(changes.firstChild === row || !changes.firstChild ? [] : [remove]));
  row.kind = () => kinds[select.value];
  select.addEventListener("change", fill);
  fill();
  changes.append(row);
  return select;
}

function field({ label, make: build }) {
  const input = build();
  input.id = `what-if-${count += 1}`;
  input.setAttribute("aria-describedby", "what-if-said");
  return make("div", { className: "field" }, make("label", { htmlFor: input.id }, label), input);
}

/** What is asked, or the first field that is wrong and why. */
function read() {
  const wish = { stops: [], rush: [], extra: {}, pace: {}, hours: {}, travel: {}, robots: 0, replications: PLAYED };
  for (const row of changes.children) {
    const [, ...fields] = row.querySelectorAll("input, select");
    const wrong = fields.find((each) => !each.checkValidity());
    if (wrong) return { wrong, why: `${wrong.labels[0].textContent}: ${wrong.validationMessage}` };
    const why = row.kind().add(wish, ...fields.map((each) => each.value));
    if (why) return { wrong: fields[0], why };
  }
  return { wish };
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
  say([
    found.replications < PLAYED ? `After ${found.replications} of ${PLAYED} replications:` : `After ${PLAYED} replications:`,
    !found.orders.length ? "there is no open order." : late ? `${late} more order${late > 1 ? "s" : ""} would be late: ${found.newly_late.join(", ")}.` : "no more orders would be late.",
    found.no_longer_late.length ? `No longer late: ${found.no_longer_late.join(", ")}.` : "",
    moved.length > MOST_ROWS ? `The ${MOST_ROWS} most delayed of ${moved.length} that move are listed.` : "",
    "Nothing was published.",
  ].filter(Boolean).join(" "), late ? "warn" : "");
  showWorlds(found);
  byId("what-if-orders").replaceChildren(...moved.slice(0, MOST_ROWS).map(row));
  byId("what-if-region").hidden = !moved.length;
}

async function ask() {
  for (const each of changes.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
  const { wish, wrong, why } = read();
  byId("what-if-region").hidden = true; byId("what-if-worlds").hidden = true;
  if (wrong) {
    say(why, "bad");
    wrong.setAttribute("aria-invalid", "true");
    wrong.focus();
    return;
  }
  playing = new AbortController();
  setPlaying(true);
  say("Playing both worlds …");
  try {
    for await (const found of stream("POST", "/what-if/looks", wish, playing)) show(found);
  } catch (error) {
    if (error.name === "AbortError") said.append(" Stopped."); else say(error.message, "bad");
  }
  playing = null;
  setPlaying(false);
}

/** The focus goes with the button that one can press, unless it went elsewhere meanwhile. */
function setPlaying(isPlaying) {
  const [from, to] = isPlaying ? [byId("what-if-ask"), byId("what-if-cancel")] : [byId("what-if-cancel"), byId("what-if-ask")];
  const isHere = document.activeElement === from;
  to.hidden = false; to.disabled = false;
  if (isHere) to.focus();
  byId("what-if-cancel").hidden = !isPlaying;
  byId("what-if-ask").disabled = isPlaying;
}

/** Ask what a stop of a unit from now would do. */
export async function askStop(unit, hours) {
  if (!names) return;
  changes.replaceChildren();
  addChange();
  const [, ...fields] = changes.querySelectorAll("input, select");
  [unit, hours, 0].forEach((value, k) => { fields[k].value = value; });
  byId("what-if-card").scrollIntoView({ block: "start" });
  byId("what-if-ask").focus({ preventScroll: true });
  if (!playing) await ask();
}

byId("what-if").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
byId("what-if-cancel").addEventListener("click", () => playing.abort());
byId("what-if-add").addEventListener("click", () => addChange().focus());

/** Whose key may not ask does not see the question. */
try {
  names = await call("GET", "/what-if");
  addChange();
  byId("what-if-card").hidden = false;
} catch (error) {
  if (error.status !== 403) { byId("what-if-card").hidden = false; say(error.message, "bad"); }
}
