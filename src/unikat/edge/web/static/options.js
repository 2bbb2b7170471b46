// Unikat: the shop page: each click asks what is still possible, then for a price and a date.

import { byId, call, make, onDay, onDate, atTime, lasting, price, ready, Problem, root } from "./common.js";

const form = byId("shop");
const picks = new Map(Object.entries(JSON.parse(form.dataset.picks)));
const kinds = JSON.parse(form.dataset.kinds);
const examples = JSON.parse(form.dataset.examples);
let shown = null;
let asked = null;
let tried = null;
let timer = 0;
let quote = null;
let preview;

document.documentElement.classList.add("js");
for (const element of document.querySelectorAll(".no-js")) element.hidden = true;

const wrapper = (name) => form.querySelector(`[data-feature="${CSS.escape(name)}"]`);
const input = (name) => form.querySelector(`[data-input="${CSS.escape(name)}"]`);
const title = (name) => kinds[name]?.title || name;

/* --- picks ------------------------------------------------------------------------------- */

function picked(name, value, before = new Map(picks)) {
  const kind = kinds[name];
  for (const rival of kind.rivals || []) before.delete(rival);
  before.delete(name);
  if (value !== null) before.set(name, value);
  return before;
}

/** Try a set of picks; a refused one changes nothing and says which picks stand in its way. */
function tryPicks(wanted, cause) {
  tried = askChoice(wanted, cause);
  return tried;
}

/** What a call about picks sends: the measures, too, once they are complete. */
function wish(wanted, more = {}) {
  const measurements = measures();
  return { picks: Object.fromEntries(wanted), ...(measurements ? { measurements } : {}), ...more };
}

async function askChoice(wanted, cause) {
  asked?.abort();
  asked = new AbortController();
  try {
    const body = wish(wanted);
    const reply = await call("POST", "/choices", body, { signal: asked.signal });
    byId("saved").hidden = true;
    picks.clear();
    for (const [name, value] of wanted) picks.set(name, value);
    show(reply);
    tell("");
    askQuote();
  } catch (error) {
    if (error.name === "AbortError") return;
    if (shown) show(shown);
    refuse(error, wanted, cause);
  }
}

/** Say why, and offer the nearest possible configuration that keeps the newest pick. */
async function refuse(error, wanted, cause) {
  const words = make("span", {}, error.message);
  tell(words);
  if (!(error instanceof Problem) || error.status !== 422 || !wanted.size) return;
  const body = wish(wanted, { goal: "nearest", ...(cause ? { newest: cause } : {}) });
  const reply = await call("POST", "/completions", body).catch(() => null);
  if (!reply?.changes.length || byId("told").firstChild !== words) return;
  const isTaken = cause && !reply.changes.some((change) => change.feature === cause);
  const repair = make("button", { type: "button", className: "button plain tight", id: "repair" },
    isTaken ? `Take ${title(cause)} and ${reply.text}` : `Repair my choice: ${reply.text}`);
  repair.addEventListener("click", () => tryPicks(new Map(Object.entries(reply.picks)), ""));
  tell(words, repair);
}

/** Complete the choice by a goal; what was picked before comes back by one click. */
async function completeBy(goal) {
  await tried;
  const before = new Map(picks);
  const body = wish(picks, { goal });
  try {
    const reply = await call("POST", "/completions", body);
    await tryPicks(new Map(Object.entries(reply.picks)), "");
    const undo = make("button", { type: "button", className: "button plain tight", id: "undo" }, "Undo");
    undo.addEventListener("click", () => tryPicks(before, ""));
    tell(make("span", {}, toldOf(reply)), undo);
  } catch (error) {
    if (error.name !== "AbortError") tell(make("span", {}, error.message));
  }
}

function toldOf(reply) {
  if (reply.goal === "fastest") return `Ready to ship by ${onDay(reply.due)}: the earliest of what was tried.`;
  if (!reply.saved_cents) return `${reply.is_optimal ? "Nothing" : "We found nothing that"} is cheaper with what you chose.`;
  const proven = reply.is_optimal ? "; nothing you could have with your choices costs less" : "";
  return `${price(reply.saved_cents)} cheaper${proven}.`;
}

function tell(...content) {
  const box = byId("told");
  const parts = content.filter((part) => part !== "");
  if (parts.length) {
    const close = make("button", { type: "button", className: "close", ariaLabel: "Close this message" }, "×");
    close.addEventListener("click", () => tell(""));
    parts.push(close);
  }
  box.replaceChildren(...parts);
  box.hidden = !parts.length;
}

/* --- saving ------------------------------------------------------------------------------------ */

/** Keep the choice under an address of its own; what changes later is not in it. */
async function save() {
  await tried;
  const box = byId("saved");
  try {
    const reply = await call("POST", "/choices/saved", wish(picks));
    const link = make("a", { href: reply.page_url }, new URL(reply.page_url, location.href).href);
    const seen = measures() ? "your choice and measures" : "your choice";
    box.replaceChildren(make("span", {}, `Saved until ${onDate(reply.kept_until)}. Whoever has this link sees ${seen}: `), link, ...copier(link));
  } catch (error) {
    box.replaceChildren(make("span", {}, error.message));
  }
  box.hidden = false;
  box.scrollIntoView({ block: "nearest" });
}

/** Browsers lend the clipboard to secure pages only. */
function copier(link) {
  if (!navigator.clipboard) return [];
  const copy = make("button", { type: "button", className: "button plain tight" }, "Copy the link");
  copy.addEventListener("click", () => navigator.clipboard.writeText(link.href).then(
    () => { copy.textContent = "Copied"; },
    () => { copy.remove(); },
  ));
  return [copy];
}

/* --- what is possible ---------------------------------------------------------------------- */

function show(reply) {
  shown = reply;
  for (const [name, option] of Object.entries(reply.options)) showOption(name, option);
  for (const [name, number] of Object.entries(reply.numbers)) showNumber(name, number);
  for (const field of form.querySelectorAll("input[type=text][data-input]")) {
    if (document.activeElement !== field) field.value = reply.texts[field.dataset.input] ?? "";
  }
  history.replaceState(null, "", `?${query()}`);
}

function showOption(name, option) {
  const field = input(name);
  const box = wrapper(name);
  if (!field || !box || !field.matches("[type=radio], [type=checkbox]")) return;
  const isOff = option.status === "forbidden";
  field.checked = option.is_on;
  field.setAttribute("aria-disabled", String(isOff || (option.status === "forced" && field.type === "checkbox")));
  box.classList.toggle("on", option.is_on);
  box.classList.toggle("off", isOff);
  const why = byId(`why-${kinds[name].id}`);
  if (why) why.textContent = option.status === "open" || option.is_picked ? "" : (option.why || "");
  const delta = box.querySelector(":scope > .row .delta");
  if (delta) delta.textContent = option.is_on || !option.difference_cents ? "" : `${option.difference_cents > 0 ? "+" : "−"}${price(Math.abs(option.difference_cents))}`;
}

function showNumber(name, number) {
  const field = input(name);
  if (!field) return;
  if (number.low !== null) { field.min = number.low; field.max = number.high; }
  if (document.activeElement !== field || number.value !== null) field.value = number.value ?? "";
  const bounds = byId(`bounds-${kinds[name].id}`);
  if (bounds) bounds.textContent = number.low === null ? "not with your other choices" : `${number.low} to ${number.high} ${kinds[name].unit || ""}`;
}

/* --- measures, price, date -------------------------------------------------------------------- */

function measures() {
  const values = {};
  for (const field of form.querySelectorAll("[data-measure]")) {
    if (field.value === "" || !field.checkValidity()) return null;
    values[field.dataset.measure] = Number(field.value);
  }
  return values;
}

function askQuote() {
  quote = null;
  byId("offer").classList.add("stale");
  byId("order-button").setAttribute("aria-disabled", "true");
  clearTimeout(timer);
  timer = setTimeout(sendQuote, 350);
}

async function sendQuote() {
  const measurements = measures();
  if (!measurements) {
    byId("status-text").textContent = "Enter your measures to see the price and the date.";
    ready();
    return;
  }
  try {
    const reply = await call("POST", "/quotes", { picks: Object.fromEntries(picks), measurements, wished: byId("wished").value || null });
    quote = reply;
    showQuote(reply);
    if (reply.part_url) showPart(reply.part_url);
  } catch (error) {
    byId("status-text").textContent = error.message;
    byId("due").textContent = "–";
  }
  ready();
}

function showQuote(reply) {
  byId("offer").classList.remove("stale");
  byId("total").textContent = price(reply.price.total_cents);
  byId("due").textContent = onDay(reply.promise.due);
  byId("bar-total").textContent = price(reply.price.total_cents);
  byId("bar-due").textContent = `by ${onDay(reply.promise.due)}`;
  const wished = byId("wished").value, soonest = onDay(reply.promise.due);
  const late = wished && soonest !== onDay(`${wished}T12:00:00Z`) ? `It cannot be ready by then; ${soonest} is the earliest. ` : "";
  byId("status-text").textContent = `${late}Promised with ${Math.round(reply.promise.confidence * 100)} % confidence. The offer stands until ${atTime(reply.valid_until)}.`;
  byId("lines").replaceChildren(...reply.price.lines.map((line) => make("tr", {}, make("td", {}, line.text), make("td", {}, price(line.cents)))));
  byId("reasons").replaceChildren(...reply.promise.reasons.map((reason) => make("tr", {}, make("td", {}, reason.text), make("td", {}, lasting(reason.seconds)))));
  byId("order-button").setAttribute("aria-disabled", "false");
}

async function showPart(address) {
  preview ??= openLazily();
  const show = await preview;
  if (show) await show(address).catch(() => {});
}

async function openLazily() {
  const { openPreview } = await import("./preview3d.js");
  const show = await openPreview(byId("preview"));
  if (!show) byId("preview-hint").textContent = "3D preview is not available here";
  else byId("preview-hint").textContent = "drag to turn";
  return show;
}

/* --- order ---------------------------------------------------------------------------------- */

async function order(event) {
  event.preventDefault();
  if (!quote) return;
  const button = byId("order-button");
  button.setAttribute("aria-disabled", "true");
  try {
    const placed = await place(quote).catch((error) => placeAgain(error, quote));
    location.assign(`${root}/orders/${placed.id}`);
  } catch (error) {
    tell(make("span", {}, error.message));
    button.setAttribute("aria-disabled", String(!quote));
  }
}

const place = (offer) => call("POST", "/orders", { quote_id: offer.id, customer: byId("customer").value.trim() }, { headers: { "Idempotency-Key": offer.id } });

/** An offer that ran out while she read it is asked for again, and taken only if the price and the day she saw still stand. */
async function placeAgain(error, seen) {
  if (error.status !== 409 && error.status !== 410) throw error;
  quote = null;
  await sendQuote();
  if (quote && quote.price.total_cents === seen.price.total_cents && onDay(quote.promise.due) === onDay(seen.promise.due)) return place(quote);
  throw new Error(quote ? `The offer had run out. It can now be ready by ${onDay(quote.promise.due)}: press Order again to take it.` : error.message);
}

/* --- the page ----------------------------------------------------------------------------------- */

function query() {
  const words = new URLSearchParams();
  for (const [name, value] of picks) words.set(`p:${name}`, String(value));
  for (const field of form.querySelectorAll("[data-measure]")) if (field.value) words.set(field.name, field.value);
  if (byId("wished").value) words.set("wished", byId("wished").value);
  return words;
}

form.addEventListener("click", (event) => {
  const field = event.target.closest("input[aria-disabled=true]");
  if (!field) return;
  event.preventDefault();
  const name = field.dataset.input;
  const option = shown?.options[name];
  if (option?.status === "forbidden") {
    refuse(new Problem({ detail: `${title(name)}: ${option.why.charAt(0).toLowerCase()}${option.why.slice(1)}` }, 422), picked(name, true), name);
  } else if (option) {
    tell(make("span", {}, `${title(name)}: ${option.why || "follows from your other choices."}`));
  }
});

form.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("[data-measure]")) return tryPicks(new Map(picks), "");
  if (field.id === "example") return useExample(field.value);
  const name = field.dataset.input;
  if (!name) return undefined;
  if (field.getAttribute("aria-disabled") === "true") return shown && show(shown);
  if (field.type === "radio") return tryPicks(picked(name, true), name);
  if (field.type === "checkbox") return tryPicks(picked(name, field.checked), name);
  if (field.value.trim() === "") return tryPicks(picked(name, null), name);
  return tryPicks(picked(name, field.type === "number" ? Number(field.value) : field.value), name);
});

function useExample(index) {
  const example = examples[index];
  if (!example) return;
  for (const field of form.querySelectorAll("[data-measure]")) {
    const value = example[field.dataset.measure];
    if (value !== undefined) field.value = value;
  }
  tryPicks(new Map(picks), "");
}

byId("wished").addEventListener("change", askQuote);
form.addEventListener("submit", (event) => { event.preventDefault(); sendQuote(); });
byId("order-form").addEventListener("submit", order);
byId("goals").hidden = false;
byId("goals").addEventListener("click", (event) => {
  const goal = event.target.closest("[data-goal]")?.dataset.goal;
  if (goal) completeBy(goal);
});
byId("save").hidden = false;
byId("save").addEventListener("click", save);
byId("restart").addEventListener("click", (event) => { event.preventDefault(); tryPicks(new Map(), ""); });
tryPicks(new Map(picks), "");
