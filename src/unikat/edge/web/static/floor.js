// Unikat: the floor page: work centers, units, queues and robots as they are now.

import { byId, call, make, onClock, ready } from "./common.js";
import { follow, SiteClock } from "./live.js";
import { load as loadQuality, showQuality } from "./quality.js";
import { Replay } from "./replay.js";
import { openUnit } from "./unit.js";

const MOST_EVENTS = 60;
const units = new Map(), centers = new Map(), robots = new Map(), seen = new Set();
const words = { idle: "idle", setup: "setup", busy: "working", blocked: "blocked", down: "down", closed: "closed" };
let clock;
const replay = new Replay({ show: showPast, toLive: () => load(), now: () => clock.now() });

const key = (id) => `c-${id}`;

function draw(floor) {
  const plan = byId("plan");
  plan.replaceChildren(...floor.centers.map((center) => {
    const box = make("section", { className: "center", id: key(center.id) });
    const queue = make("div", { className: "queue" });
    const list = make("div", { className: "units" });
    box.append(make("h2", {}, center.id.replaceAll("_", " "), make("span", {}, center.area)), queue, list);
    centers.set(center.id, { box, queue, center });
    for (const unit of center.units) {
      const name = make("button", { type: "button", className: "name", title: `More about ${unit}` }, unit);
      name.addEventListener("click", () => openUnit(unit, center, units.get(unit).now, clock.now()));
      const element = make("div", { className: "unit" }, name, make("span", { className: "state" }), make("span", { className: "work" }));
      const bar = make("progress", { max: 1, value: 0 });
      bar.setAttribute("aria-label", `work on ${unit}`);
      element.append(bar);
      list.append(element);
      units.set(unit, { element, center: center.id, now: null });
    }
    return box;
  }), make("div", { className: "dock", id: "dock" }, "Store and dock"));
  robots.clear();
  for (const robot of Object.values(floor.transporters)) {
    const element = make("span", { className: "robot" }, robot.id);
    plan.append(element);
    robots.set(robot.id, { element, at: robot.at });
  }
}

function apply(change) {
  for (const unit of Object.values(change.units)) showUnit(unit);
  for (const [center, queue] of Object.entries(change.queues)) showQueue(center, queue);
  for (const robot of Object.values(change.transporters)) showRobot(robot);
  const blind = change.blind.map(({ source, missing }) => `${missing} ${missing > 1 ? "messages" : "message"} of ${source}`);
  byId("blind").hidden = !blind.length;
  byId("blind").textContent = `Missing: ${blind.join(", ")}. What is shown may be wrong until they come.`;
}

function showUnit(unit) {
  const place = units.get(unit.id);
  if (!place) return;
  place.now = unit;
  const { element } = place;
  element.className = `unit ${unit.state}`;
  element.querySelector(".work").title = unit.reason;
  element.querySelector(".state").textContent = words[unit.state] || unit.state;
  element.querySelector(".work").textContent = unit.order ? `${(unit.step || "").replaceAll("_", " ")} ${unit.order.slice(-4)}${unit.num_orders > 1 ? ` + ${unit.num_orders - 1} more` : ""}` : unit.reason || "";
  element.querySelector("progress").hidden = !(unit.until && unit.state !== "idle");
}

function showQueue(center, queue) {
  const place = centers.get(center);
  if (!place) return;
  const slots = Math.min(24, Math.max(place.center.places, queue.length));
  place.queue.replaceChildren(...Array.from({ length: slots }, (_, k) => make("i", { className: k < queue.length ? "full" : "", title: queue[k] || "free place" })),
    make("span", { className: "small muted" }, queue.length ? ` ${queue.length} waiting` : " no queue"));
}

function showRobot(robot) {
  const place = robots.get(robot.id);
  if (!place) return;
  place.at = robot.at;
  place.element.title = robot.order ? `brought ${robot.order}` : "";
  place.element.textContent = robot.order ? `${robot.id} · ${robot.order.slice(-4)}` : robot.id;
  moveRobots();
}

/** Put each robot at the top right of where it is; several share a place one below the other. */
function moveRobots() {
  const plan = byId("plan").getBoundingClientRect();
  const taken = new Map();
  for (const { element, at } of robots.values()) {
    const box = (byId(key(at)) || byId("dock"))?.getBoundingClientRect();
    if (!box) continue;
    const rank = taken.get(at) || 0;
    taken.set(at, rank + 1);
    const isDock = !byId(key(at));
    const x = isDock ? box.left - plan.left + 130 + rank * 90 : box.right - plan.left - element.offsetWidth - 8 - rank * 12;
    const y = isDock ? box.top - plan.top + 13 : box.top - plan.top - 10 + rank * 24;
    element.style.transform = `translate(${Math.round(Math.max(0, x))}px, ${Math.round(y)}px)`;
  }
}

/** Show the floor as it was known at a past time. */
function showPast(floor) {
  apply(floor);
  tiles(floor.totals);
  showEvents(floor.events);
  tick();
}

function tick() {
  const now = replay.at ?? clock.now();
  byId("clock").textContent = onClock(now);
  for (const { element, now: unit } of units.values()) {
    if (!unit?.until) continue;
    const [from, to] = [Date.parse(unit.since), Date.parse(unit.until)];
    element.querySelector("progress").value = Math.min(1, Math.max(0, (now - from) / Math.max(1, to - from)));
  }
}

const line = (event) => make("li", {}, make("time", { dateTime: event.at }, onClock(event.at)), make("span", {}, event.text));

/** Show these events and no others, the newest first. */
function showEvents(events) {
  seen.clear();
  for (const event of events) seen.add(event.seq);
  byId("ticker").replaceChildren(...events.map(line).reverse());
}

function tellEvents(events) {
  const fresh = events.filter((event) => !seen.has(event.seq));
  for (const event of fresh) seen.add(event.seq);
  const list = byId("ticker");
  list.prepend(...fresh.reverse().map(line));
  while (list.children.length > MOST_EVENTS) list.lastChild.remove();
}

function tiles(totals) {
  for (const [name, value] of Object.entries(totals)) if (byId(`tile-${name}`)) byId(`tile-${name}`).textContent = value;
}

async function load() {
  const floor = await call("GET", "/floor");
  if (clock) clock.update(floor.now); else clock = new SiteClock(floor.now);
  if (!units.size) draw(floor);
  apply(floor);
  tiles(floor.totals);
  showEvents(floor.events);
  moveRobots();
  return floor.seq;
}

const seq = await load();
loadQuality().catch(() => {});
await replay.open();
new ResizeObserver(moveRobots).observe(byId("plan"));
setInterval(tick, 250);
tick();
ready();
follow(seq, {
  onDelta: (delta) => {
    clock.update(delta.now);
    replay.grow();
    if (delta.events.some((event) => event.type === "PartMeasured")) showQuality();
    if (replay.isLive) { apply(delta.floor); tiles(delta.totals); tellEvents(delta.events); }
  },
  onResync: () => { if (replay.isLive) load().catch(() => {}); },
  onState: (text, isLive) => { byId("live").textContent = text; byId("live").classList.toggle("live", isLive); },
});
