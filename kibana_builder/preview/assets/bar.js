// The bar above a dashboard: query, times, refreshing.

import { button, make, refill } from "./dom.js";

// Kibana's setting timepicker:quickRanges.
const QUICK = [
  ["now/d", "now/d", "Today"], ["now/w", "now/w", "This week"], ["now-15m", "now", "Last 15 minutes"],
  ["now-30m", "now", "Last 30 minutes"], ["now-1h", "now", "Last 1 hour"], ["now-24h", "now", "Last 24 hours"],
  ["now-7d", "now", "Last 7 days"], ["now-30d", "now", "Last 30 days"], ["now-90d", "now", "Last 90 days"],
  ["now-1y", "now", "Last 1 year"],
];
const REFRESH = [[0, "Off"], [5000, "5 s"], [10000, "10 s"], [30000, "30 s"], [60000, "1 min"], [300000, "5 min"], [900000, "15 min"]];
const UNITS = { s: "second", m: "minute", h: "hour", d: "day", w: "week", M: "month", y: "year" };
const MOMENTS = "A moment such as 2026-11-24T09:30 (UTC), or relative to now: now-24h, now/d";

/** Writes times as a person says them: "Last 12 hours", else both ends. */
export function timesInWords({ from, to }) {
  const known = QUICK.find(([a, b]) => a === from && b === to);
  if (known) return known[2];
  const back = to === "now" && from.match(/^now-(\d+)([smhdwMy])$/);
  return back ? `Last ${back[1]} ${UNITS[back[2]]}${back[1] === "1" ? "" : "s"}` : `${from} → ${to}`;
}

export function makeBar(app) {
  const query = make("input", { type: "text", name: "query", spellcheck: false, autocomplete: "off",
    placeholder: "Filter your data using KQL syntax", "aria-label": "KQL query" });
  const language = make("span", { className: "language" });
  const ask = (event) => {
    event.preventDefault();
    app.change({ query: { expression: query.value } });
  };
  const quick = make("select", { on: { change: () => {
    const chosen = QUICK[Number(quick.value)];
    if (quick.value !== "" && chosen) setTimes(chosen[0], chosen[1]);
  } } }, make("option", { value: "" }, "Absolute or other"), ...QUICK.map(([, , words], index) => make("option", { value: String(index) }, words)));
  const from = make("input", { type: "text", name: "from", spellcheck: false, autocomplete: "off", title: MOMENTS });
  const to = make("input", { type: "text", name: "to", spellcheck: false, autocomplete: "off", title: MOMENTS });
  const setTimes = (start, end) => app.change({ time_range: { from: start.trim(), to: end.trim() } });
  const refresh = make("select", { on: { change: () => app.change({ refresh_ms: Number(refresh.value) }) } });
  const element = make("div", { className: "bar" },
    make("form", { className: "query", role: "search", on: { submit: ask } }, query, language, make("button", { type: "submit" }, "Filter")),
    make("label", {}, "Quick range", quick),
    make("form", { className: "times", on: { submit: (event) => { event.preventDefault(); setTimes(from.value, to.value); } } },
      make("label", {}, "From (UTC)", from), make("label", {}, "To (UTC)", to), make("button", { type: "submit" }, "Set times")),
    make("label", {}, "Refresh every", refresh),
    button("Refresh", () => app.draw(), { className: "primary" }));

  const update = (drawn) => {
    refill(query, drawn.query.expression);
    const { language: other } = drawn.query;
    language.textContent = other && other !== "kql" && query.value === drawn.query.expression ? other : "";
    const range = drawn.time_range;
    refill(from, range.from);
    refill(to, range.to);
    const at = QUICK.findIndex(([a, b]) => a === range.from && b === range.to);
    quick.value = at < 0 ? "" : String(at);
    const every = drawn.settings.refresh_ms ?? drawn.refresh_ms;
    const choices = REFRESH.some(([ms]) => ms === every) ? REFRESH : [...REFRESH, [every, `${every / 1000} s`]];
    refresh.replaceChildren(...choices.map(([ms, words]) => make("option", { value: String(ms) }, words)));
    refresh.value = String(every);
    for (const input of [from, to]) input.removeAttribute("aria-invalid");
    query.toggleAttribute("aria-invalid", Boolean(drawn.query_error));
    if (drawn.query_error_at !== null && document.activeElement === query) query.setSelectionRange(drawn.query_error_at, drawn.query_error_at + 1);
  };
  const timesAreWrong = () => { for (const input of [from, to]) input.setAttribute("aria-invalid", "true"); };
  return { element, update, timesAreWrong };
}
