// The grid of panels: what the server drew, and what a click in it does.

import { timesInWords } from "./bar.js";
import { button, call, make, menu, putAt, roving, tell } from "./dom.js";
import { inspect } from "./inspect.js";
import { paged } from "./table.js";

const COLUMNS = 48, ROW = 20, GAP = 8;

export function makeGrid(app) {
  const element = make("div", { className: "grid" });
  const kept = new Map();  // page and order of tables, by panel
  const update = (drawn) => {
    const before = new Map([...element.children].map((panel) => [panel.dataset.id, panel]));
    const column = (document.getElementById("main").clientWidth - GAP) / COLUMNS;
    let bottom = 0;
    // Tab goes through them in the order in which they are read.
    const inOrder = [...drawn.panels].sort((one, other) => one.grid.y - other.grid.y || one.grid.x - other.grid.x);
    for (const [index, panel] of inOrder.entries()) {
      const section = before.get(panel.id) || frame(panel.id);
      before.delete(panel.id);
      putAt(element, index, section);
      const { x, y, w, h } = panel.grid;
      Object.assign(section.style, {
        left: `${x * column}px`, top: `${y * (ROW + GAP)}px`, width: `${w * column - GAP}px`, height: `${h * (ROW + GAP) - GAP}px`,
      });
      if (!kept.has(panel.id)) kept.set(panel.id, { page: 0, sort: null });
      fill(app, section, panel, drawn, kept.get(panel.id));
      bottom = Math.max(bottom, y + h);
    }
    before.forEach((section) => section.remove());
    element.style.height = `${bottom * (ROW + GAP)}px`;
  };
  return { element, update };
}

function frame(id) {
  const section = make("section", { className: "panel" },
    make("div", { className: "title" }, make("h2", {}), make("span", { className: "about" }), make("span", { className: "tools" })),
    make("div", { className: "inside" }));
  section.dataset.id = id;
  return section;
}

function fill(app, section, panel, drawn, kept) {
  const name = panel.title || panel.chart || "panel";
  section.classList.toggle("untitled", panel.title === null);
  section.setAttribute("aria-label", name);
  section.querySelector("h2").textContent = panel.title || "";
  section.querySelector(".about").replaceChildren(
    ...(panel.description ? [make("span", { className: "info", title: panel.description, tabIndex: 0, role: "note", "aria-label": panel.description }, "i")] : []),
    ...(panel.time_range ? [make("span", { className: "badge", title: "This panel has times of its own" }, timesInWords(panel.time_range))] : []));
  tools(app, section.querySelector(".tools"), panel, drawn, name);
  const clicks = JSON.stringify([panel.filters_by, panel.drilldowns, panel.time_span]);
  if (section.html === panel.html && section.clicks === clicks) return;
  Object.assign(section, { html: panel.html, clicks });
  const inside = section.querySelector(".inside");
  const place = placeIn(inside), scrolled = [inside.scrollTop, inside.scrollLeft];
  inside.innerHTML = panel.html;
  inside.classList.toggle("drawn", inside.firstElementChild?.tagName === "svg");
  inside.classList.toggle("full", panel.full);
  for (const one of inside.querySelectorAll("[data-background]")) one.style.background = one.dataset.background;
  for (const one of inside.querySelectorAll("[data-ink]")) one.style.color = one.dataset.ink;
  for (const head of inside.querySelectorAll("[data-width]")) head.style.width = `${head.dataset.width}px`;
  clickable(app, inside, panel);
  if (panel.time_span) brushable(app, inside, panel);
  // Words upon a mark say where they stand and in which colour, which nobody wants to be read aloud.
  for (const one of inside.querySelectorAll('svg [aria-roledescription="text mark"]:not(.clickable)')) one.setAttribute("aria-hidden", "true");
  const table = inside.querySelector("table.data");
  if (table) {
    rowButtons(app, table, panel);
    paged(table, kept);
  }
  [inside.scrollTop, inside.scrollLeft] = scrolled;
  if (place) [...inside.querySelectorAll("[tabindex], button")].find((one) => sayOf(one) === place)?.focus();
}

// What has the focus is drawn anew; who stands on a slice stays on the slice of the same name.
const sayOf = (element) => element.dataset.value ?? element.getAttribute("aria-label")?.split(":")[0] ?? element.textContent;
const placeIn = (inside) => inside.contains(document.activeElement) && document.activeElement !== inside ? sayOf(document.activeElement) : null;

function tools(app, place, panel, drawn, name) {
  const focused = [...place.children].indexOf(document.activeElement);
  const expanded = drawn.settings.expanded === panel.id;
  place.replaceChildren(
    ...leads(app, panel, ["on_open_panel_menu"], {}).map(([words, act]) => button(words, act)),
    ...(drawn.panels.length > 1 || expanded ? [button(expanded ? "Minimize" : "Maximize", () => app.change({ expanded: expanded ? undefined : panel.id }), { "aria-label": `${expanded ? "Minimize" : "Maximize"} ${name}` })] : []),
    button("Inspect", () => inspect(app, panel.id), { "aria-label": `Inspect ${name}` }));
  if (focused >= 0) place.children[Math.min(focused, place.children.length - 1)].focus();
}

// ---- clicks

function clickable(app, inside, panel) {
  const found = [];
  const answers = (element, pairs) => {
    found.push(element);
    element.classList.add("clickable");
    element.addEventListener("click", (event) => clicked(app, panel, pairs, event.detail ? { x: event.clientX, y: event.clientY } : below(element)));
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      clicked(app, panel, pairs, below(element));
    });
  };
  for (const cell of inside.querySelectorAll("[data-field]")) {
    answers(cell, [{ field: cell.dataset.field, value: cell.dataset.value }]);
  }
  // A mark says its category first; of two that fit, the longer is meant.
  const marks = Object.entries(panel.filters_by || {}).sort(([one], [other]) => other.length - one.length);
  for (const mark of inside.querySelectorAll("svg [aria-label]")) {
    const words = mark.getAttribute("aria-label");
    if (mark.getAttribute("aria-roledescription")?.match(/axis|legend|title/)) continue;
    const pairs = marks.find(([one]) => words === one || words.startsWith(`${one}: `) || words.startsWith(`${one} · `))?.[1];
    if (pairs) answers(mark, pairs);
  }
  roving(found);
}

const below = (element) => {
  const { left, bottom, width } = element.getBoundingClientRect();
  return { x: left + Math.min(width / 2, 40), y: bottom };
};

function clicked(app, panel, pairs, at) {
  const filters = pairs.map(({ field, value }) => ({ type: "condition", condition: { field, operator: "is", value } }));
  const points = pairs.map(({ field, value }) => ({ key: field, value }));
  const event = { key: points[0].key, value: points[0].value, negate: false, points };
  choose(leads(app, panel, ["on_apply_filter", "on_click_value"], event, filters), () => app.addFilters(filters), at, "What to do with the click");
}

/** With drilldowns on the panel a click or a drag has several meanings; Kibana asks, and so does this. */
function choose(links, apply, at, label) {
  if (!links.length) return apply();
  menu([...links, ["Apply filter to current view", apply]], at, label);
}

// A drag over a chart of time chooses the times, as in Kibana.
const LEAST_DRAG = 5;

function brushable(app, inside, panel) {
  const svg = inside.querySelector("svg"), plot = svg?.querySelector(".role-frame.root > g > path.background");
  if (!plot) return;
  svg.addEventListener("pointerdown", (down) => {
    const area = plot.getBoundingClientRect();
    if (down.button !== 0 || down.clientX < area.left || down.clientX > area.right || down.clientY < area.top || down.clientY > area.bottom) return;
    const within = (x) => Math.min(area.right, Math.max(area.left, x));
    const band = make("div", { className: "band" });
    const ends = (event) => [down.clientX, within(event.clientX)].sort((one, other) => one - other);
    const drag = (event) => {
      const [left, right] = ends(event);
      if (right - left < LEAST_DRAG && !band.isConnected) return;
      Object.assign(band.style, { left: `${left}px`, width: `${right - left}px`, top: `${area.top}px`, height: `${area.height}px` });
      if (!band.isConnected) document.body.append(band);
    };
    const stop = (event) => {
      for (const [name, act] of listeners) document.removeEventListener(name, act);
      if (!band.isConnected) return;
      band.remove();
      if (event.type !== "pointerup") return;
      // The click that ends the drag is none on the mark below it.
      document.addEventListener("click", (click) => click.stopPropagation(), { capture: true, once: true });
      const { from, to, field } = panel.time_span;
      const [start, end] = ends(event).map((x) => Math.round(from + (x - area.left) / area.width * (to - from)));
      if (end - start >= 1) brushed(app, panel, { key: field, from: start, to: end }, { x: event.clientX, y: event.clientY });
    };
    const escape = (event) => { if (event.key === "Escape") stop(event); };
    const listeners = [["pointermove", drag], ["pointerup", stop], ["pointercancel", stop], ["keydown", escape]];
    for (const [name, act] of listeners) document.addEventListener(name, act);
    down.preventDefault();
  });
}

function brushed(app, panel, event, at) {
  const apply = () => app.change({ time_range: { from: new Date(event.from).toISOString(), to: new Date(event.to).toISOString() } });
  choose(leads(app, panel, ["on_select_range"], event), apply, at, "What to do with the times");
}

function rowButtons(app, table, panel) {
  if (!panel.drilldowns.some((one) => one.trigger === "on_click_row")) return;
  const names = [...table.tHead.rows[0].cells].map((head) => head.textContent);
  [...table.tBodies[0].rows].forEach((row, rowIndex) => {
    const cells = [...row.cells];
    const event = { rowIndex, columnNames: names, keys: cells.map((one) => one.dataset.field || ""),
      values: cells.map((one) => one.dataset.sort !== undefined ? Number(one.dataset.sort) : one.dataset.value ?? one.textContent) };
    row.append(make("td", {}, ...leads(app, panel, ["on_click_row"], event).map(([words, act]) => button(words, act, { className: "row-link" }))));
  });
  table.tHead.rows[0].append(make("th", { scope: "col" }));
  table.tFoot?.rows[0].append(make("td", {}));
}

/** The drilldowns of a panel with one of these triggers, each as [words, act]. */
function leads(app, panel, triggers, event, filters = []) {
  return panel.drilldowns.flatMap((one, index) => (triggers.includes(one.trigger) ? [[one.label, () => lead(app, panel, index, event, filters)]] : []));
}

async function lead(app, panel, drilldown, event, filters) {
  let found, target;
  try {
    found = await call("lead", app.request({ panel: panel.id, drilldown, event, filters, host: location.origin }));
    target = new URL(found.address, location.href);
  } catch (error) { return tell(found ? `This drilldown leads nowhere: ${found.address}` : error.message); }
  if (!["http:", "https:"].includes(target.protocol)) return tell(`This drilldown leads nowhere: ${found.address}`);
  if (found.new_tab) window.open(target, "_blank", "noopener,noreferrer");
  else location.assign(target);
}

// ---- words beside the pointer, or beside what has the focus

function tip(target, x, y) {
  const mark = target instanceof Element ? target.closest("svg [aria-label]") : null;
  const shown = document.querySelector(".tip") || document.body.appendChild(make("div", { className: "tip" }));
  const role = mark?.getAttribute("aria-roledescription") || "";
  if (!mark || role.match(/axis|legend|title|group/) || mark.getAttribute("role") === "graphics-object") return shown.remove();
  shown.textContent = mark.getAttribute("aria-label");
  shown.style.left = `${Math.max(4, Math.min(x + 12, innerWidth - shown.offsetWidth - 8))}px`;
  shown.style.top = `${Math.max(4, y - 32)}px`;
}

document.addEventListener("pointermove", (event) => tip(event.target, event.clientX, event.clientY));
document.addEventListener("focusin", (event) => {
  if (!event.target.matches(":focus-visible")) return;
  const { left, top, width } = event.target.getBoundingClientRect();
  tip(event.target, left + width / 2, top);
});
