// Unikat: the tracking page: asks for its own order again every few seconds and shows what changed.

import { atTime, byId, call, make, onDay, ready } from "./common.js";

const SVG = "http://www.w3.org/2000/svg";
const order = document.body.querySelector("[data-order]").dataset.order;
const EVERY = 3000;

function show(status) {
  byId("state").textContent = status.state_text;
  byId("state").className = `pill ${status.is_late ? "bad" : "good"}`;
  byId("happening").textContent = status.happening;
  byId("expected").textContent = status.expected ? atTime(status.expected) : "–";
  byId("expected-words").textContent = status.expected_text;
  byId("timeline").replaceChildren(...status.timeline.map((stage) => {
    const item = make("li", { className: stage.state }, make("strong", {}, stage.title));
    if (stage.state === "now") item.setAttribute("aria-current", "step");
    item.append(make("div", { className: "when" }, stage.at ? `${stage.text} ${atTime(stage.at)}` : stage.text));
    return item;
  }));
  showBand(status);
}

/** Draw the forecast: the span from early to late, its middle, the promised date, and now. */
function showBand(status) {
  const svg = byId("band");
  const marks = [["now", status.now], ["promised", status.due]];
  if (status.forecast) marks.push(["p10", status.forecast.p10], ["p50", status.forecast.p50], ["p90", status.forecast.p90]);
  svg.toggleAttribute("hidden", !status.forecast);
  if (!status.forecast) return;
  const times = marks.map(([, time]) => Date.parse(time));
  const low = Math.min(...times), high = Math.max(...times), wide = svg.clientWidth || 640;
  svg.setAttribute("viewBox", `0 0 ${wide} 96`);
  const at = (time) => 40 + ((Date.parse(time) - low) / Math.max(1, high - low)) * (wide - 80);
  const shape = (tag, attributes, text = "") => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  };
  const { p10, p50, p90 } = status.forecast;
  const label = (x, y, text) => shape("text", { x, y, "text-anchor": x < 60 ? "start" : x > wide - 60 ? "end" : "middle", "font-size": 13, fill: "#14191f" }, text);
  svg.replaceChildren(
    shape("line", { x1: 20, x2: wide - 20, y1: 50, y2: 50, stroke: "#cfd6dc", "stroke-width": 2 }),
    shape("rect", { x: at(p10), y: 40, width: Math.max(4, at(p90) - at(p10)), height: 20, rx: 6, fill: "#8cc9c2" }),
    shape("rect", { x: at(p50) - 2, y: 35, width: 4, height: 30, rx: 2, fill: "#0b6b64" }),
    shape("circle", { cx: at(status.now), cy: 50, r: 6, fill: "#14191f" }),
    shape("path", { d: `M${at(status.due)} 32v36`, stroke: "#b3261e", "stroke-width": 2.5, "stroke-dasharray": "4 3" }),
    label(at(status.now), 86, "now"),
    label(at(status.due), 22, `promised ${onDay(status.due)}`),
    label(Math.max(110, at(p50)), 86, `likely ${atTime(p50)}`),
  );
}

async function load() {
  const status = await call("GET", `/orders/${encodeURIComponent(order)}`);
  show(status);
  return status.is_ended;
}

async function keepLoading() {
  try {
    if (await load()) return;
    byId("live").textContent = "live";
    byId("live").classList.add("live");
  } catch (error) {
    byId("live").textContent = error.message.slice(0, 80);
    byId("live").classList.remove("live");
  }
  setTimeout(keepLoading, EVERY);
}

keepLoading().then(ready);
