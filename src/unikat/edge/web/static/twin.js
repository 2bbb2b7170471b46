// Unikat: the twin on the floor page: forecasts against promises, alarms of drift, a proposed model.

import { atTime, byId, call, lasting, make, openOrders } from "./common.js";
import { showHealth } from "./health.js";

const EVERY = 15e3, MOST_ORDERS = 12, ALARM = 11.5;
const share = (value) => `${Math.round(value * 100)} %`;

function showForecast(orders) {
  const known = orders.filter((order) => order.expected && order.p_on_time !== null);
  byId("forecast-card").hidden = !known.length;
  const late = known.filter((order) => order.is_late).length;
  byId("forecast-words").textContent = `${known.length} orders are forecast, ${late || "none"} of them expected late. The least likely to be on time come first.`;
  known.sort((a, b) => a.p_on_time - b.p_on_time || Date.parse(a.due) - Date.parse(b.due));
  byId("forecast").replaceChildren(...known.slice(0, MOST_ORDERS).map((order) => {
    const reserve = (Date.parse(order.due) - Date.parse(order.expected)) / 1000;
    return make("tr", {}, make("td", { className: "mono" }, order.id), make("td", {}, order.customer), make("td", {}, atTime(order.due)),
      make("td", {}, atTime(order.expected)), make("td", { className: "num" }, `${reserve < 0 ? "−" : ""}${lasting(Math.abs(reserve))}`),
      make("td", { className: "num" }, share(order.p_on_time)));
  }));
}

function showTwin(twin, stops) {
  byId("twin-card").hidden = false;
  const scored = twin.scores.filter((row) => row.model_version === twin.model_version);
  const count = scored.reduce((sum, row) => sum + row.num_orders, 0);
  const covered = scored.reduce((sum, row) => sum + row.covered * row.num_orders, 0) / Math.max(1, count);
  byId("twin-words").textContent = [
    twin.model_version ? `Model version ${twin.model_version}, in use since ${atTime(twin.accepted_at)}.` : "The model of the plant file is in use.",
    count ? `${count} finished orders: ${share(covered)} came between P5 and P95 (90 % should).` : "No forecast is scored yet.",
    twin.corrected_from ? `Forecasts are corrected by ${twin.corrected_from} orders.` : "",
  ].filter(Boolean).join(" ");
  const drifts = twin.classes.filter((each) => each.is_alarmed);
  const alarms = drifts.map((each) => `${words(each.capability)} on ${each.unit} takes ${share(each.factor ?? each.mean)} of what the model says${each.since ? ` since ${atTime(each.since)}` : ""}.`);
  byId("alarms").hidden = !alarms.length;
  byId("alarms").replaceChildren(...alarms.map((text) => make("div", {}, text)));
  showProposal(twin.proposal);
  showHealth(twin.health, stops);
  showSources(twin.sources);
  const ranked = [...twin.classes].sort((a, b) => b.cusum - a.cusum);
  byId("classes").replaceChildren(...ranked.map((each) => make("tr", {},
    make("td", {}, words(each.capability)), make("td", {}, each.unit), make("td", { className: "num" }, each.num_steps), make("td", { className: "num" }, share(each.mean)),
    make("td", {}, meter(each), each.is_alarmed ? " drift" : each.is_odd ? " look" : ""))));
}

function showSources(sources) {
  const lacking = sources.filter((each) => each.missing).length;
  const wrong = sources.filter((each) => each.clock_fast_s).length;
  byId("sources-title").textContent = `Who speaks for the floor: ${sources.length} source${sources.length === 1 ? "" : "s"}, ${lacking || "none"} blind${wrong ? `, ${wrong} with a wrong clock` : ""}`;
  byId("sources").replaceChildren(...[...sources].sort((a, b) => b.missing - a.missing || Math.abs(b.clock_fast_s) - Math.abs(a.clock_fast_s)).map((each) => make("tr", {},
    make("td", { className: "mono" }, each.source), make("td", {}, atTime(each.last_seen)), make("td", { className: "num" }, each.missing),
    make("td", {}, each.clock_fast_s ? `${Math.abs(each.clock_fast_s)} s ${each.clock_fast_s > 0 ? "fast" : "slow"}, corrected` : "right"))));
}

const words = (name) => name.replaceAll("_", " ");

function meter(each) {
  const element = make("meter", { min: 0, max: ALARM, high: ALARM * 0.8, value: Math.min(ALARM, each.cusum) });
  element.setAttribute("aria-label", `CUSUM ${each.cusum.toFixed(1)} of ${ALARM}`);
  return element;
}

function showProposal(proposal) {
  byId("proposal").hidden = !proposal;
  if (!proposal) return;
  const { before, after } = proposal;
  byId("proposal-words").textContent = `Version ${proposal.version} is proposed: on ${after.num_orders} finished orders, played again, its mean error is ${share(after.error)} instead of ${share(before.error)}, and it covers ${share(after.covered)} instead of ${share(before.covered)}.`;
  byId("proposal-changes").replaceChildren(...proposal.changes.map((text) => make("li", {}, text)));
  byId("proposal-accept").dataset.version = proposal.version;
}

byId("proposal-accept").addEventListener("click", async ({ target }) => {
  target.disabled = true;
  try {
    await call("POST", "/twin/accept", { version: Number(target.dataset.version) });
    await load();
    byId("twin-said").textContent = "The new version is in use.";
  } catch (error) {
    byId("twin-said").textContent = error.message;
  }
  target.disabled = false;
});

/** A key that may not see orders still sees the twin. */
async function load() {
  const [twin, listed, stopped] = await Promise.allSettled([call("GET", "/twin"), openOrders(), call("GET", "/stops")]);
  if (twin.status === "fulfilled") showTwin(twin.value, stopped.value?.stops || []);
  if (listed.status === "fulfilled") showForecast(listed.value);
}

document.addEventListener("stopped", load);
await load();
setInterval(() => { if (!document.hidden) load(); }, EVERY);
