// Unikat: the planner page: the Gantt chart, its sortable twin as a table, and a new schedule on demand.

import { atTime, byId, call, lasting, make, onClock, openOrders, ready, refill, root } from "./common.js";
import { Gantt } from "./gantt.js";
import { MovePanel } from "./move.js";
import { follow, SiteClock } from "./live.js";
import { listStops, offerUnits } from "./stops.js";

const WEEK = 7 * 24 * 3600e3;
let clock = null;
let orders = [];
let sort = { key: "due", isUp: true };
let picked = null;
let pending = 0, tookMs = 0, jamsTimer = 0, jamsMs = 0;

const gantt = new Gantt(byId("gantt"), {
  zone: document.documentElement.dataset.zone,
  onPick: (order) => { picked = order; showOrders(); showPicked(); mover.offer(order); },
  onMove: (bar, row, time) => mover.ask(bar.step, gantt.rows[row].name, time),
  describe: (bar) => {
    const lines = [`${bar.order} · ${bar.step.replaceAll("_", " ")}`, `${bar.unit}: ${onClock(bar.start)}–${onClock(bar.finish)} (${lasting((bar.finish - bar.start) / 1000)})`];
    if (bar.family) lines.push(`setup family ${bar.family.replaceAll("_", " ")}`);
    if (bar.start > bar.setup) lines.push(`setup from ${onClock(bar.setup)}`);
    if (bar.build) lines.push(`build ${bar.build}, ${bar.num} order${bar.num > 1 ? "s" : ""}`);
    const order = orders.find((each) => each.id === bar.order);
    if (order) lines.push(`due ${atTime(order.due)}${order.is_late ? " · expected late" : ""}`);
    return lines.join("\n");
  },
});
const mover = new MovePanel(gantt, { zone: document.documentElement.dataset.zone, onPublished: () => load() });
gantt.now = () => (clock ? clock.now() : Date.now());

async function load() {
  const began = performance.now();
  const [schedule, listed, late, { changes }, { stops }] = await Promise.all([
    call("GET", "/schedule"), openOrders(), call("GET", "/schedule/late"), call("GET", "/schedule/changes"), call("GET", "/stops"),
  ]);
  if (clock) clock.update(schedule.now); else clock = new SiteClock(schedule.now);
  orders = listed;
  gantt.late = new Set(orders.filter((order) => order.is_late).map((order) => order.id));
  showSchedule(schedule, stops);
  offerUnits(schedule.units);
  listStops(stops, load);
  showOrders();
  showTiles(schedule);
  showLate(late.orders);
  showWorth(late);
  showChanges(changes);
  mover.offer(picked);
  tookMs = performance.now() - began;
  askJams();
  return schedule.seq;
}

function showSchedule(schedule, stops) {
  const epoch = Date.parse(schedule.epoch);
  const rows = [], places = new Map();
  let center = "";
  for (const unit of schedule.units) {
    places.set(unit.id, rows.length);
    rows.push({ name: unit.id, isFirst: unit.center !== center, open: schedule.calendars[unit.calendar] });
    center = unit.center;
  }
  const shared = new Map();
  for (const { build } of schedule.bookings) if (build) shared.set(build, (shared.get(build) || 0) + 1);
  const who = ({ build, order }) => (shared.get(build) > 1 ? `${shared.get(build)} orders:` : order.slice(-4));
  const bars = schedule.bookings.map((booking) => ({
    ...booking, row: places.get(booking.unit), label: `${who(booking)} ${booking.step.replaceAll("_", " ")}`, num: shared.get(booking.build) || 1,
    setup: Date.parse(booking.setup_start), start: Date.parse(booking.start), finish: Date.parse(booking.finish),
  }));
  const from = gantt.now() - WEEK, to = Math.max(gantt.now(), ...bars.map((bar) => bar.finish)) + WEEK;
  gantt.setData({ rows, bars, closed: rows.map((row) => [...closed(row.open, epoch, from, to), ...stopped(row.name, stops)]) });
  byId("gantt-words").textContent = `${bars.length} steps of ${new Set(bars.map((bar) => bar.order)).size} orders on ${rows.length} units.`;
}

/** When a unit is closed by planned stops. */
const stopped = (unit, stops) => stops.filter((stop) => stop.units.includes(unit)).map((stop) => [Date.parse(stop.start), Date.parse(stop.finish)]);

/** The closed stretches of a weekly calendar of [start, finish] seconds, between two times. */
function closed(open, epoch, from, to) {
  const list = [];
  if (!open || !open.length) return list;
  for (let week = Math.floor((from - epoch) / WEEK); epoch + week * WEEK < to; week += 1) {
    const base = epoch + week * WEEK;
    let end = base;
    for (const [start, finish] of open) {
      if (base + start * 1000 > end) list.push([end, base + start * 1000]);
      end = base + finish * 1000;
    }
    if (end < base + WEEK) list.push([end, base + WEEK]);
  }
  return list;
}

function showTiles(schedule) {
  byId("tile-open").textContent = orders.length;
  byId("tile-late").textContent = orders.filter((order) => order.is_late).length;
  byId("tile-steps").textContent = schedule.bookings.length;
  byId("tile-published").textContent = schedule.published_at ? onClock(schedule.published_at) : "never";
  byId("published").textContent = schedule.published_at
    ? `Published ${atTime(schedule.published_at)}: ${schedule.published_cause}.${schedule.disturbed ? ` Since then: ${schedule.disturbed}.` : ""}`
    : "No schedule was published yet; the bars are the promised bookings.";
}

/** What the schedule is worth as things stand, and how much better any could be. */
function showWorth({ cost, worth }) {
  byId("worth").hidden = worth.value === 0;
  byId("worth").textContent = `As things stand: ${cost.broken || "no"} promise${cost.broken === 1 ? "" : "s"} broken, tardiness ${lasting(cost.tardiness)}, setups ${lasting(cost.setup)}. ${weighing(worth)}`;
}

/** A schedule's value in seconds of tardiness, and what none can be below. */
const weighing = (worth) => `By the planner's prices it weighs as much as ${lasting(worth.value_s)} of tardiness; no schedule can weigh less than ${lasting(worth.lower_bound_s)}, ${worth.gap_percent} % less.`;

/** Each late order with what it waits for; what takes longest stands out. */
function showLate(late) {
  byId("late-card").hidden = late.length === 0;
  const open = new Set([...byId("late").querySelectorAll("details[open]")].map((each) => each.dataset.order));
  refill(byId("late"), late.map((order) => {
    const most = Math.max(...order.links.map((link) => link.seconds));
    const items = order.links.map((link) => make("li", {}, `${atTime(link.start)} · `,
      make(link.seconds === most ? "b" : "span", {}, link.words), ` · ${lasting(link.seconds)}`));
    const details = make("details", { open: open.has(order.order) },
      make("summary", {}, `${order.order}: ${lasting(order.late_s)} late, expected ${atTime(order.finish)}, promised ${atTime(order.due)}`),
      make("p", { className: "small muted" }, roots[order.root]), make("ol", {}, ...items));
    details.dataset.order = order.order;
    details.firstChild.dataset.hold = order.order;
    return details;
  }));
}
/** Where parts will find no room; asked apart, and seldom where it takes long: nothing waits for it. */
function askJams() {
  jamsTimer ||= setTimeout(async () => {
    const began = performance.now();
    jamsTimer = 0;
    try {
      showJams((await call("GET", "/schedule/jams")).jams);
    } catch (error) {
      byId("jams-card").hidden = false;
      refill(byId("jams"), [make("li", {}, `This could not be found out: ${error.message}`)]);
    }
    jamsMs = performance.now() - began;
  }, 10 * jamsMs);
}

/** Each jam with the orders that wait in it; choosing one shows its steps in the chart. */
function showJams(jams) {
  byId("jams-card").hidden = jams.length === 0;
  refill(byId("jams"), jams.slice(0, MOST_MOVED).map((jam) => {
    const buttons = jam.steps.flatMap((key) => {
      const [order, step] = key.split("/");
      const button = make("button", { type: "button", className: "link" }, order);
      button.dataset.hold = `${jam.start} ${key}`;
      button.addEventListener("click", () => { gantt.pick(order); gantt.reveal(); });
      return [", ", button, ` (${step.replaceAll("_", " ")})`];
    });
    return make("li", {}, make("b", {}, `${atTime(jam.start)} – ${atTime(jam.finish)}`), ` · ${jam.words}: `, ...buttons.slice(1));
  }));
  if (jams.length > MOST_MOVED) byId("jams").append(make("li", { className: "muted" }, `and ${jams.length - MOST_MOVED} more`));
}

/** What each of the last schedules moved; choosing an order shows it in the chart. */
function showChanges(listed) {
  const changes = listed.map((change) => ({ ...change, orders: change.orders.filter((each) => Math.abs(each.later_s) >= 60 || each.is_broken) })).filter((change) => change.orders.length);
  byId("changes-card").hidden = changes.length === 0;
  const open = new Set([...byId("changes").querySelectorAll("details[open]")].map((each) => each.dataset.at));
  refill(byId("changes"), changes.map((change) => {
    const later = change.orders.filter((each) => each.later_s > 0), late = change.orders.filter((each) => each.is_broken);
    const words = [`${later.length} later`, `${change.orders.length - later.length} sooner`, late.length ? `${late.length} beyond the promised date` : "no promise broken"];
    const items = change.orders.slice(0, MOST_MOVED).map((each) => {
      const button = make("button", { type: "button", className: "link" }, each.order);
      button.dataset.hold = `${each.order} ${change.at} ${change.cause}`;
      button.addEventListener("click", () => { gantt.pick(each.order); gantt.reveal(); });
      return make("li", {}, button, `, ${each.customer}: ${atTime(each.before)} → ${atTime(each.after)} (${each.later_s < 0 ? "−" : "+"}${lasting(Math.abs(each.later_s))}) `,
        each.is_broken ? make("span", { className: "pill bad" }, "late") : "");
    });
    const rest = change.orders.length - items.length;
    const details = make("details", { open: open.has(change.at + change.cause) },
      make("summary", {}, `${atTime(change.at)}, ${change.cause}: ${words.join(", ")}`), make("ul", {}, ...items),
      make("p", { className: "small muted", hidden: rest <= 0 }, `and ${rest} more`));
    details.dataset.at = change.at + change.cause;
    details.firstChild.dataset.hold = details.dataset.at;
    return details;
  }));
}
const MOST_MOVED = 30, MOST_ORDERS = 300;
const roots = {
  now: "Nothing of this could begin before now.", release: "It could not begin before its release.",
  material: "It waited for bought material.", running: "It begins with what is at work now.",
};

const values = {
  id: (order) => order.id, customer: (order) => order.customer, state: (order) => order.state,
  due: (order) => Date.parse(order.due), finish: (order) => Date.parse(order.expected || order.finish),
  chance: (order) => order.p_on_time ?? 2, price: (order) => order.total_cents,
};

function showOrders() {
  const value = values[sort.key];
  const wanted = byId("find").value.trim().toLowerCase();
  const found = orders.filter((order) => order.id === picked || !wanted || `${order.id} ${order.customer} ${order.state}${order.is_late ? " late" : ""}`.toLowerCase().includes(wanted));
  const sorted = found.sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0) * (sort.isUp ? 1 : -1));
  refill(byId("orders"), sorted.slice(0, MOST_ORDERS).map((order) => {
    const button = make("button", { type: "button", className: "link" }, order.id);
    button.addEventListener("click", () => { gantt.pick(picked === order.id ? null : order.id); gantt.reveal(); });
    button.setAttribute("aria-pressed", String(order.id === picked));
    button.dataset.hold = order.id;
    const pill = make("span", { className: `pill ${order.is_late ? "bad" : order.state === "placed" ? "" : "good"}` }, order.is_late ? `${order.state}, late` : order.state);
    return make("tr", { className: order.id === picked ? "picked" : "" },
      make("td", {}, button), make("td", {}, order.customer), make("td", {}, pill), make("td", {}, atTime(order.due)),
      make("td", {}, atTime(order.expected || order.finish)),
      make("td", { className: "num" }, order.p_on_time === null ? "–" : `${Math.round(order.p_on_time * 100)} %`),
      make("td", { className: "num" }, (order.total_cents / 100).toFixed(2)));
  }));
  byId("no-orders").hidden = found.length > 0 && found.length <= MOST_ORDERS;
  byId("no-orders").textContent = !orders.length ? "No open orders." : !found.length ? `None of ${orders.length} open orders is like that.`
    : `The first ${MOST_ORDERS} of ${found.length} are listed: find others by number, customer or state.`;
}

function showPicked() {
  const link = byId("picked");
  link.hidden = !picked;
  link.href = `${root}/orders/${picked}`;
  link.textContent = picked ? `Open ${picked}` : "";
}

for (const head of document.querySelectorAll("th[data-key]")) {
  head.querySelector("button").addEventListener("click", () => {
    sort = { key: head.dataset.key, isUp: sort.key === head.dataset.key ? !sort.isUp : true };
    for (const other of document.querySelectorAll("th[data-key]")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", sort.isUp ? "ascending" : "descending");
    showOrders();
  });
}

byId("find").addEventListener("input", showOrders);
byId("colour").addEventListener("change", (event) => gantt.paintBy(event.target.value));

const tools = { "zoom-in": () => gantt.zoom(1 / 1.4), "zoom-out": () => gantt.zoom(1.4), fit: () => gantt.fit(), now: () => gantt.toNow() };
for (const [id, act] of Object.entries(tools)) byId(id).addEventListener("click", act);

byId("reschedule").addEventListener("click", async () => {
  const button = byId("reschedule");
  button.setAttribute("aria-disabled", "true");
  byId("said").textContent = "Making a new schedule …";
  try {
    const made = await call("POST", "/schedule", { seconds: 2 });
    byId("said").textContent = `New schedule: ${made.num_steps} steps, tardiness ${lasting(made.cost.tardiness)}, setup ${lasting(made.cost.setup)}. ${weighing(made.worth)}`;
    await load();
  } catch (error) {
    byId("said").textContent = error.message;
  }
  button.setAttribute("aria-disabled", "false");
});

/** What changed is loaded again at most every two seconds, and a large schedule no oftener than its loading allows. */
function soon() {
  pending ||= setTimeout(() => { pending = 0; load().catch(() => {}); }, Math.max(2000, 10 * tookMs));
}

const seq = await load();
ready();
follow(seq, {
  onDelta: (delta) => {
    clock.update(delta.now);
    gantt.paintTop();
    if (delta.is_replanned || delta.orders.length || delta.events.length) soon();
  },
  onResync: soon,
  onState: (text, isLive) => { byId("live").textContent = text; byId("live").classList.toggle("live", isLive); },
});
