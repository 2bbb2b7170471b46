// Unikat: the sizing page: a question, alternatives as they are tried, and the cheapest that serves.

import { byId, call, make, price, ready, stream } from "./common.js";

const HIGH = 220, FOOT = 20, LEFT = 44, MOST_ROWS = 30;
const fields = ["demand", "within", "goal", "most", "alternatives"];
const count = (number) => `${number} alternative${number === 1 ? "" : "s"}`;
const percent = (value) => `${value.toFixed(1)} %`;
let trying = null, trials = [];

function say(text, kind = "") {
  byId("said").hidden = !text;
  byId("said").className = `notice ${kind}`;
  byId("said").textContent = text;
}

/** Say what is wrong beside the field it is about. */
function blame(name, text) {
  byId(`${name}-said`).textContent = text;
  byId(name).setAttribute("aria-invalid", "true");
  byId(name).focus();
}

function forgive() {
  for (const name of fields) {
    byId(`${name}-said`).textContent = "";
    byId(name).removeAttribute("aria-invalid");
  }
  say("");
}

/** The question, or undefined if a field is wrong. */
function read() {
  for (const name of fields) if (!byId(name).checkValidity()) return void blame(name, byId(name).validationMessage);
  const numbers = Object.fromEntries(["demand", "goal", "most"].map((name) => [name, byId(name).valueAsNumber]));
  return { ...numbers, within: byId("within").value, alternatives: byId("alternatives").value };
}

/** The cheapest so far that meets the goal. */
const bestOf = (listed) => listed.filter((each) => each.meets).sort((a, b) => a.cost_cents - b.cost_cents)[0];

/** Cost against service: numbers only, so that no name can become markup. */
function plot(goal, best) {
  const wide = Math.max(260, byId("plot").clientWidth);
  const costs = trials.map((each) => each.cost_cents);
  const from = Math.min(...costs), to = Math.max(from + 1, ...costs), least = Math.min(goal, ...trials.map((each) => each.low_percent)) - 1;
  const x = (cost) => (LEFT + 8 + ((cost - from) / (to - from)) * (wide - LEFT - 20)).toFixed(1);
  const y = (share) => (HIGH - ((share - least) / (101 - least)) * (HIGH - 8)).toFixed(1);
  const dots = trials.map((each) => {
    const at = x(each.cost_cents), kind = each.meets ? "meets" : "fails";
    return `<g class="${kind}"><line x1="${at}" x2="${at}" y1="${y(each.low_percent)}" y2="${y(each.high_percent)}"/><circle cx="${at}" cy="${y(each.service_percent)}" r="${each === best ? 7 : 4}"/></g>`;
  });
  const labels = [goal, 100].map((share) => `<text x="0" y="${Number(y(share)) + 4}">${share.toFixed(0)} %</text>`).join("");
  byId("plot").innerHTML = `<svg viewBox="0 0 ${wide} ${HIGH + FOOT}" role="img" aria-label="Cost against service of ${count(trials.length)}"><line x1="${LEFT}" x2="${wide}" y1="${HIGH}" y2="${HIGH}"/>`
    + `<line class="goal" x1="${LEFT}" x2="${wide}" y1="${y(goal)}" y2="${y(goal)}"/>${labels}<text x="${LEFT}" y="${HIGH + FOOT - 3}">${price(from)}</text><text x="${wide}" y="${HIGH + FOOT - 3}" text-anchor="end">${price(to)}</text>${dots.join("")}</svg>`;
}

function row(each, best) {
  const verdict = each === best ? make("span", { className: "pill" }, "cheapest") : each.meets ? "meets the goal" : "fails";
  const choice = Object.entries(each.choice).map(([name, value]) => `${name.replace(/^units /, "").replaceAll("_", " ")} ${value}`).join(", ");
  return make("tr", {}, make("td", {}, verdict), make("td", { className: "num" }, price(each.cost_cents)), make("td", { className: "num" }, percent(each.service_percent)),
    make("td", { className: "num" }, `${percent(each.low_percent)} – ${percent(each.high_percent)}`), make("td", { className: "why-not" }, choice),
    make("td", {}, `${each.busiest.replaceAll("_", " ")}, ${each.load_percent.toFixed(0)} %`));
}

function show(goal, listed, best) {
  byId("found").hidden = !trials.length;
  if (!trials.length) return;
  plot(goal, best);
  byId("trials").replaceChildren(...listed.slice(0, MOST_ROWS).map((each) => row(each, best)));
  const rest = listed.length - MOST_ROWS;
  byId("rest").textContent = rest > 0 ? `and ${rest} more` : "";
}

/** The alternative that was found, as the one among all that were tried. */
const same = (best) => trials.find((each) => each.cost_cents === best.cost_cents && JSON.stringify(each.choice) === JSON.stringify(best.choice)) || best;

function conclude(goal, { best, cheaper = [], is_least: isLeast, fault, tried }) {
  if (fault) {
    show(goal, [...trials].sort((a, b) => b.service_percent - a.service_percent), undefined);
    say(fault, "warn");
    return;
  }
  const found = same(best);
  show(goal, [found, ...cheaper], found);
  say(`After ${count(tried)}: ${price(best.cost_cents)} serves it${isLeast ? "; nothing cheaper was left untried." : ". Something cheaper may be left: try more."}`);
}

async function ask() {
  forgive();
  const wish = read();
  if (!wish) return;
  trials = [];
  show(wish.goal, [], undefined);
  trying = new AbortController();
  setTrying(true);
  say("Trying the first alternatives …");
  let drawn = 0;
  try {
    for await (const line of stream("POST", "/plant/size", wish, trying)) {
      if (!line.trial) conclude(wish.goal, line);
      else {
        trials.push(line.trial);
        if (performance.now() - drawn < 250) continue;
        const best = bestOf(trials);
        show(wish.goal, best ? [best] : [], best);
        say(`${count(line.tried)} tried; ${best ? `${price(best.cost_cents)} would serve it` : "none serves it yet"}.`);
        drawn = performance.now();
      }
    }
  } catch (error) {
    if (error.name === "AbortError") say(`Stopped after ${count(trials.length)}.`);
    else if (error.status === 422) { say(""); blame(fields.find((name) => new RegExp(`^-*${name}\\b`).test(error.message)) || "alternatives", error.message); }
    else say(error.message, "bad");
  }
  trying = null;
  setTrying(false);
}

/** The focus goes with the button that one can press, unless it went elsewhere meanwhile. */
function setTrying(isTrying) {
  const [from, to] = isTrying ? [byId("ask"), byId("cancel")] : [byId("cancel"), byId("ask")];
  const isHere = document.activeElement === from;
  to.hidden = false; to.disabled = false;
  if (isHere) to.focus();
  byId("cancel").hidden = !isTrying;
  byId("ask").disabled = isTrying;
}

byId("sizing").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
byId("cancel").addEventListener("click", () => trying.abort());

try {
  byId("alternatives").value = (await call("GET", "/plant/size")).alternatives;
} catch (error) {
  say(error.message, "bad");
}
ready();
