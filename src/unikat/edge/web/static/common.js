// Unikat: what every page shares: addresses, money, dates, and calls of the API.

const html = document.documentElement;
export const root = html.dataset.root;
const zone = { timeZone: html.dataset.zone };
const money = new Intl.NumberFormat("en", { style: "currency", currency: html.dataset.currency });
const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", ...zone });
const moment = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", ...zone });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", ...zone });
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", ...zone });

export const price = (cents) => money.format(cents / 100);
export const onDay = (time) => day.format(new Date(time));
export const onDate = (time) => date.format(new Date(time));
export const atTime = (time) => moment.format(new Date(time));
export const onClock = (time) => clock.format(new Date(time));

/** A length of time in words of at most two units. */
export function lasting(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = seconds / 3600;
  return hours < 36 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} days`;
}

export class Problem extends Error {
  constructor(content, status) {
    super(content.detail || content.title || `status ${status}`);
    this.status = status;
    this.title = content.title;
    this.picks = content.picks || [];
    this.rules = content.rules || [];
  }
}

async function send(method, path, body, { signal, headers = {} }) {
  const options = { method, signal, headers: { Accept: "application/json", ...headers } };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  const response = await fetch(`${root}/api/v1${path}`, options);
  if (!response.ok) throw new Problem(parse(await response.text()), response.status);
  return response;
}

function parse(text) {
  try { return text ? JSON.parse(text) : {}; } catch { return { detail: text.slice(0, 200) }; }
}

/** Call the API; a problem+json answer is thrown as a Problem. */
export async function call(method, path, body, options = {}) {
  return parse(await (await send(method, path, body, options)).text());
}

/** Call the API and yield each line of its answer as it comes; abort the signal to hang up. */
export async function* stream(method, path, body, { signal }) {
  const response = await send(method, path, body, { signal, headers: { Accept: "application/x-ndjson" } });
  let rest = "";
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      signal.throwIfAborted();
      yield JSON.parse(line);
    }
  }
}

/** All open orders, however many pages of them there are; one that ends between two pages ends the list early. */
export async function openOrders() {
  const orders = [];
  let after = "";
  do {
    const page = await call("GET", `/orders?state=open&limit=500${after && `&after=${encodeURIComponent(after)}`}`).catch((error) => {
      if (!orders.length) throw error;
      return { orders: [], next: null };
    });
    orders.push(...page.orders);
    after = page.next;
  } while (after);
  return orders;
}

/** Make an element: `make("li", {className: "now"}, "text", child)`. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Replace what a box holds; the focus stays with the element of the same `data-hold`. */
export function refill(box, elements) {
  const held = box.contains(document.activeElement) ? document.activeElement.dataset.hold : undefined;
  box.replaceChildren(...elements);
  if (held) [...box.querySelectorAll("[data-hold]")].find((each) => each.dataset.hold === held)?.focus({ preventScroll: true });
}

export const byId = (id) => document.getElementById(id);

/** Say that a page's first contents stand: tests and screenshots wait for it. */
export function ready() { document.body.dataset.ready = "yes"; }
