// The page of kbuild: lists dashboards, shows one, and hands every choice of a person to the server, which draws.
// Text from dashboards and data is set as text; the only HTML that is set comes drawn and escaped from the server.

const QUICK = [
  ["now-15m", "now", "Last 15 minutes"], ["now-1h", "now", "Last hour"], ["now-24h", "now", "Last 24 hours"],
  ["now-7d", "now", "Last 7 days"], ["now-30d", "now", "Last 30 days"], ["now-90d", "now", "Last 90 days"],
  ["now-1y", "now", "Last year"], ["now/d", "now/d", "Today"], ["now/w", "now/w", "This week"],
];
const REFRESH = [[0, "Off"], [5000, "5 s"], [10000, "10 s"], [30000, "30 s"], [60000, "1 min"], [300000, "5 min"]];
const SPACE = (location.pathname.match(/^\/s\/[^/]+/) || [""])[0];
const COLUMNS = 48, ROW = 20, GAP = 8;

const main = document.getElementById("main");
const said = document.getElementById("said");
const state = { kind: null, id: null, settings: {}, drawn: null, timer: 0, version: null, asking: 0, pages: new Map() };

// ---- small helpers

function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    else if (key in element) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

async function call(name, body = {}) {
  const answer = await fetch(`${SPACE}/kbuild/api/${name}`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error || `the server answered ${answer.status}`);
  return value;
}

function tell(words) {
  said.textContent = words;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => { said.textContent = ""; }, 6000);
}

const request = (more = {}) => ({
  kind: state.kind, id: state.id, settings: { ...state.settings, width: main.clientWidth - 16 }, ...more,
});

// ---- where we are: #/ is the list, #/view/ID a dashboard and #/edit/ID a chart as in Kibana, #/visualization/ID too

function route() {
  clearTimeout(state.timer);
  document.querySelector(".tip")?.remove();
  const [path, query] = location.hash.replace(/^#/, "").split("?");
  const [, kind, ...rest] = path.split("/");
  const id = rest.length ? decodeURIComponent(rest.join("/")) : null;
  const kinds = { view: "dashboard", visualization: "visualization", edit: "visualization" };
  if (!(kind in kinds) || !id) return list();
  state.kind = kinds[kind];
  state.id = id;
  state.settings = handedOver(new URLSearchParams(query || ""));
  state.drawn = null;
  state.pages.clear();
  main.replaceChildren();
  return draw();
}

// Drilldowns hand their filters and times on in the address, so that a reload and a new tab show the same.
function handedOver(parameters) {
  try {
    const settings = JSON.parse(parameters.get("kbuild") || "{}");
    return settings && typeof settings === "object" && !Array.isArray(settings) ? settings : {};
  } catch { return {}; }
}

async function list() {
  state.kind = state.id = null;
  document.getElementById("crumb").textContent = "";
  document.title = "Dashboards – kbuild";
  try {
    const found = await call("overview");
    state.version = found.version;
    document.getElementById("notes").textContent = found.notes;
    const items = (kind, entries, words) => make("ul", { className: "list" }, ...entries.map((entry) => make("li", {},
      make("a", { href: `#/${kind}/${encodeURIComponent(entry.id)}` }, entry.title || entry.id), make("small", {}, words(entry)))));
    main.replaceChildren(
      ...found.problems.map((problem) => make("p", { className: "wrong" }, problem)),
      make("h1", {}, "Dashboards"),
      found.dashboards.length ? items("view", found.dashboards, (one) => one.description || `${one.panels} panels`)
        : make("p", { className: "nothing" }, "There is no dashboard here yet: kbuild apply brings some."),
      make("h2", {}, "Visualizations"),
      items("visualization", found.visualizations, (one) => one.type),
    );
  } catch (error) { main.replaceChildren(make("p", { className: "wrong" }, error.message)); }
  watch();
}

// ---- a dashboard

async function draw(quiet = false) {
  const asking = ++state.asking;
  clearTimeout(state.timer);
  main.setAttribute("aria-busy", "true");
  try {
    const drawn = await call("draw", request());
    if (asking !== state.asking) return;
    state.drawn = drawn;
    state.version = drawn.version;
    document.title = `${drawn.title} – kbuild`;
    document.getElementById("crumb").textContent = drawn.title;
    show(quiet);
  } catch (error) {
    if (asking !== state.asking) return;
    if (quiet && state.drawn) tell(error.message);
    else main.replaceChildren(make("p", { className: "wrong", role: "alert" }, error.message));
  } finally {
    if (asking === state.asking) main.removeAttribute("aria-busy");
  }
  watch();
}

function show(quiet) {
  const { drawn } = state;
  let grid = main.querySelector(".grid");
  if (!quiet || !grid) {
    main.replaceChildren(bar(), controls(), pills(), make("div", { className: "grid" }));
    grid = main.querySelector(".grid");
  }
  main.querySelector(".query-wrong")?.remove();
  if (drawn.query_error) grid.before(make("p", { className: "wrong query-wrong", role: "alert" }, drawn.query_error));
  const before = new Map([...grid.children].map((panel) => [panel.dataset.id, panel]));
  const column = (main.clientWidth - 16 + GAP) / COLUMNS;
  let bottom = 0;
  for (const panel of drawn.panels) {
    let element = before.get(panel.id);
    before.delete(panel.id);
    if (!element) {
      element = frame(panel);
      grid.append(element);
    }
    fill(element, panel);
    const { x, y, w, h } = panel.grid;
    Object.assign(element.style, {
      left: `${x * column}px`, top: `${y * (ROW + GAP)}px`, width: `${w * column - GAP}px`, height: `${h * (ROW + GAP) - GAP}px`,
    });
    bottom = Math.max(bottom, y + h);
  }
  before.forEach((element) => element.remove());
  grid.style.height = `${bottom * (ROW + GAP)}px`;
}

function frame(panel) {
  const menu = make("button", { className: "menu", type: "button", on: { click: () => inspect(panel.id) } }, "Inspect");
  const title = make("div", { className: "title" }, make("h3", {}), make("span", {}, ...drilldownButtons(panel), menu));
  const element = make("section", { className: "panel" }, title, make("div", { className: "inside" }));
  element.dataset.id = panel.id;
  return element;
}

function fill(element, panel) {
  element.classList.toggle("untitled", panel.title === null);
  element.setAttribute("aria-label", panel.title || panel.chart || "panel");
  element.querySelector("h3").textContent = panel.title || "";
  element.querySelector(".menu").setAttribute("aria-label", `Inspect ${panel.title || panel.id}`);
  if (element.html === panel.html) return;
  element.html = panel.html;
  const inside = element.querySelector(".inside");
  inside.innerHTML = panel.html;
  inside.classList.toggle("drawn", inside.firstElementChild?.tagName === "svg");
  for (const one of inside.querySelectorAll("[data-background]")) one.style.background = one.dataset.background;
  for (const one of inside.querySelectorAll("[data-ink]")) one.style.color = one.dataset.ink;
  for (const head of inside.querySelectorAll("[data-width]")) head.style.width = `${head.dataset.width}px`;
  const tiles = inside.querySelector(".tiles");
  if (tiles) tiles.style.gridTemplateColumns = `repeat(${tiles.dataset.columns}, 1fr)`;
  const table = inside.querySelector("table.data");
  if (table) paged(table, panel);
  clickable(inside, panel);
}

// ---- tables

function paged(table, panel) {
  const rows = [...table.tBodies[0].rows];
  const kept = state.pages.get(panel.id) || { page: 0, sort: null };
  state.pages.set(panel.id, kept);
  const size = Number(table.dataset.page) || rows.length;
  const foot = make("div", { className: "pages" });
  const value = (row, index) => {
    const cell = row.cells[index];
    return cell.dataset.sort !== undefined ? Number(cell.dataset.sort) : cell.textContent.toLowerCase();
  };
  const render = () => {
    const order = [...rows];
    if (kept.sort) {
      const { index, down } = kept.sort;
      order.sort((one, other) => {
        const [a, b] = [value(one, index), value(other, index)];
        const result = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
        return down ? -result : result;
      });
      [...table.tHead.rows[0].cells].forEach((head, at) => {
        if (at === index) head.setAttribute("aria-sort", down ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      });
    }
    const pages = Math.max(1, Math.ceil(rows.length / size));
    kept.page = Math.min(kept.page, pages - 1);
    table.tBodies[0].replaceChildren(...order.slice(kept.page * size, (kept.page + 1) * size));
    foot.replaceChildren(make("span", {}, `Rows per page: ${size}`), make("span", {}, ...[...Array(Math.min(pages, 20)).keys()].map((page) => {
      const button = make("button", { type: "button", on: { click: () => { kept.page = page; render(); } } }, String(page + 1));
      if (page === kept.page) button.setAttribute("aria-current", "page");
      return button;
    })));
  };
  [...table.tHead.rows[0].cells].forEach((head, index) => head.querySelector("button").addEventListener("click", () => {
    kept.sort = { index, down: !(kept.sort?.index === index && kept.sort.down) };
    render();
  }));
  if (table.dataset.page) table.after(foot);
  render();
}

// ---- clicks, words beside the pointer, drilldowns

function clickable(inside, panel) {
  const answers = (element, pairs) => {
    element.classList.add("clickable");
    element.setAttribute("tabindex", "0");
    element.addEventListener("click", () => clicked(panel, pairs));
    element.addEventListener("keydown", (event) => { if (event.key === "Enter") clicked(panel, pairs); });
  };
  for (const cell of inside.querySelectorAll("[data-field]")) {
    answers(cell, [{ field: cell.dataset.field, value: cell.dataset.value }]);
  }
  const marks = panel.filters_by || {};
  for (const mark of inside.querySelectorAll("svg [aria-label]")) {
    const words = mark.getAttribute("aria-label");
    if (mark.getAttribute("aria-roledescription")?.match(/axis|legend|title/)) continue;
    const key = Object.keys(marks).find((one) => words === one || words.startsWith(`${one}: `) || words.startsWith(`${one} · `));
    if (key) answers(mark, marks[key]);
  }
}

function clicked(panel, pairs) {
  const filters = pairs.map(({ field, value }) => ({ type: "condition", condition: { field, operator: "is", value } }));
  const leads = panel.drilldowns.filter((one) => one.type === "dashboard_drilldown");
  if (leads.length) return lead(leads[0], filters, pairs);
  const links = panel.drilldowns.filter((one) => one.type === "url_drilldown" && one.trigger !== "on_open_panel_menu");
  if (links.length) return lead(links[0], filters, pairs);
  state.settings.filters = [...current(), ...filters];
  return draw();
}

const current = () => state.settings.filters || state.drawn?.filters || [];

function lead(drilldown, filters, pairs) {
  if (drilldown.type === "url_drilldown") {
    const address = filled(drilldown, pairs);
    if (!address) return tell(`This drilldown leads nowhere: ${drilldown.url}`);
    return void window.open(address, "_blank", "noopener,noreferrer");
  }
  const settings = {};
  if (drilldown.use_filters !== false) settings.filters = [...current(), ...filters];
  if (drilldown.use_filters !== false && state.settings.query) settings.query = state.settings.query;
  if (drilldown.use_time_range !== false) settings.time_range = state.settings.time_range || state.drawn.time_range;
  const hash = `#/view/${encodeURIComponent(drilldown.dashboard_id)}?kbuild=${encodeURIComponent(JSON.stringify(settings))}`;
  if (drilldown.open_in_new_tab) window.open(location.pathname + hash, "_blank", "noopener");
  else location.hash = hash;
}

// Kibana's own templates of addresses know more; {{event.value}}, {{event.key}} and {{context.panel.title}} are filled.
function filled(drilldown, pairs) {
  const known = { "event.value": pairs[0]?.value ?? "", "event.key": pairs[0]?.field ?? "", "context.panel.title": "" };
  const encode = drilldown.encode_url === false ? String : encodeURIComponent;
  const address = drilldown.url.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (_, name) => encode(String(known[name] ?? "")));
  try {
    const url = new URL(address, location.href);
    return ["http:", "https:"].includes(url.protocol) ? url.href : "";
  } catch { return ""; }
}

function drilldownButtons(panel) {
  return panel.drilldowns.filter((one) => one.type === "url_drilldown" && one.trigger === "on_open_panel_menu").map((one) =>
    make("button", { className: "menu", type: "button", on: { click: () => lead(one, [], []) } }, one.label));
}

document.addEventListener("pointermove", (event) => {
  const mark = event.target instanceof Element ? event.target.closest("svg [aria-label]") : null;
  const tip = document.querySelector(".tip") || document.body.appendChild(make("div", { className: "tip" }));
  const role = mark?.getAttribute("aria-roledescription") || "";
  if (!mark || role.match(/axis|legend|title|group/) || mark.getAttribute("role") === "graphics-object") return tip.remove();
  tip.textContent = mark.getAttribute("aria-label");
  tip.style.left = `${Math.min(event.clientX + 12, innerWidth - 280)}px`;
  tip.style.top = `${Math.max(4, event.clientY - 32)}px`;
});

// ---- the bar: times, query, refreshing

function bar() {
  const { drawn } = state;
  const range = state.settings.time_range || drawn.time_range;
  const apply = (from, to) => { state.settings.time_range = { from, to }; draw(); };
  const from = make("input", { type: "text", name: "from", value: range.from, spellcheck: false });
  const to = make("input", { type: "text", name: "to", value: range.to, spellcheck: false });
  const quick = make("select", { on: { change: () => {
    const chosen = QUICK[Number(quick.value)];
    if (chosen) { [from.value, to.value] = chosen; apply(chosen[0], chosen[1]); }
  } } }, make("option", { value: "" }, "Absolute or other"), ...QUICK.map(([, , words], index) => make("option", { value: String(index) }, words)));
  const at = QUICK.findIndex(([a, b]) => a === range.from && b === range.to);
  quick.value = at < 0 ? "" : String(at);
  const query = make("input", { type: "text", name: "query", value: drawn.query, spellcheck: false,
    placeholder: "Filter your data using KQL syntax", "aria-label": "KQL query" });
  const interval = state.settings.refresh_ms ?? drawn.refresh_ms;
  const choices = REFRESH.some(([ms]) => ms === interval) ? REFRESH : [...REFRESH, [interval, `${interval / 1000} s`]];
  const refresh = make("select", { on: { change: () => { state.settings.refresh_ms = Number(refresh.value); watch(); } } },
    ...choices.map(([ms, words]) => make("option", { value: String(ms) }, words)));
  refresh.value = String(interval);
  return make("div", { className: "bar" },
    make("form", { className: "query", on: { submit: (event) => {
      event.preventDefault();
      state.settings.query = query.value;
      draw();
    } } }, query, make("button", { type: "submit" }, "Filter")),
    make("label", {}, "Quick range", quick),
    make("form", { className: "times", on: { submit: (event) => { event.preventDefault(); apply(from.value, to.value); } } },
      make("label", {}, "From", from), make("label", {}, "To", to), make("button", { type: "submit" }, "Set times")),
    make("label", {}, "Refresh every", refresh),
    make("button", { type: "button", className: "primary", on: { click: () => draw(true) } }, "Refresh"));
}

// ---- filters

function pills() {
  const words = (filter) => {
    if (filter.label) return filter.label;
    const { field, operator, value } = filter.condition || {};
    if (!field) return filter.type;
    if (operator === "exists") return `${field}: exists`;
    if (operator === "range") return `${field}: ${Object.entries(value).map(([name, end]) => `${{ gte: "≥", gt: ">", lte: "≤", lt: "<" }[name] || name} ${end}`).join(" and ")}`;
    return `${field}: ${Array.isArray(value) ? value.join(", ") : value}`;
  };
  const change = (index, by) => {
    const filters = current().map((filter) => ({ ...filter }));
    if (by) Object.assign(filters[index], by(filters[index]));
    else filters.splice(index, 1);
    state.settings.filters = filters;
    draw();
  };
  return make("ul", { className: "pills", "aria-label": "Filters" }, ...current().map((filter, index) => make("li",
    { className: `${filter.disabled ? "off" : ""} ${filter.negate ? "not" : ""}` },
    make("button", { type: "button", title: "Switch on or off", on: { click: () => change(index, (one) => ({ disabled: !one.disabled })) } },
      `${filter.negate ? "NOT " : ""}${words(filter)}`),
    make("button", { type: "button", title: "Turn round", "aria-label": "Turn round", on: { click: () => change(index, (one) => ({ negate: !one.negate })) } }, "¬"),
    make("button", { type: "button", title: "Remove", "aria-label": "Remove", on: { click: () => change(index, null) } }, "×"))));
}

// ---- controls

function controls() {
  const row = make("div", { className: "controls" });
  for (const control of state.drawn.controls) {
    const name = control.config.title || control.config.field_name || "Time slider";
    const set = (config) => {
      state.settings.controls = { ...state.settings.controls, [control.id]: { ...(state.settings.controls || {})[control.id], ...config } };
      draw(true);
    };
    if (control.type === "options_list_control") row.append(optionsList(control, name, set));
    else if (control.type === "range_slider_control") row.append(rangeSlider(control, name, set));
  }
  return row;
}

function optionsList(control, name, set) {
  const chosen = new Set((control.config.selected_options || []).map(String));
  const choices = make("div", { className: "choices", role: "group", "aria-label": name });
  const summary = make("summary", {});
  const label = () => { summary.textContent = `${name}: ${chosen.size ? [...chosen].join(", ") : "Any"}`; };
  label();
  const element = make("details", { className: "control", on: { toggle: async () => {
    if (!element.open) return;
    try {
      const found = await call("options", request({ control: control.id }));
      if (found.error) throw new Error(found.error);
      choices.replaceChildren(...found.options.map(({ value, count }) => {
        const box = make("input", { type: "checkbox", checked: chosen.has(String(value)), on: { change: () => {
          if (control.config.single_select) chosen.clear();
          if (box.checked) chosen.add(String(value)); else chosen.delete(String(value));
          label();
          set({ selected_options: found.options.map((one) => one.value).filter((one) => chosen.has(String(one))) });
        } } });
        return make("label", {}, box, String(value), make("small", {}, String(count)));
      }));
    } catch (error) { choices.replaceChildren(make("p", { className: "error" }, error.message)); }
  } } }, summary, choices);
  return element;
}

function rangeSlider(control, name, set) {
  const [low, high] = control.config.value || ["", ""];
  const from = make("input", { type: "number", step: "any", value: low, "aria-label": `${name} from` });
  const to = make("input", { type: "number", step: "any", value: high, "aria-label": `${name} to` });
  call("options", request({ control: control.id })).then((found) => {
    if (found.min !== null && found.min !== undefined) { from.placeholder = found.min; to.placeholder = found.max; }
  }).catch(() => {});
  return make("div", { className: "control range" }, make("form", { on: { submit: (event) => {
    event.preventDefault();
    set({ value: [from.value, to.value] });
  } } }, make("label", {}, name, from), to, make("button", { type: "submit" }, "Set")));
}

// ---- inspecting a panel

async function inspect(id) {
  const dialog = document.getElementById("inspector");
  try {
    const found = await call("inspect", request({ panel: id }));
    const tabs = [["Data", data(found)], ["Request", pre(found.request)], ["YAML", pre(found.yaml, true)], ["Saved object", pre(found.saved_object)]];
    const body = make("div", { role: "tabpanel" });
    const buttons = tabs.map(([name, content], index) => make("button", { type: "button", role: "tab", on: { click: () => choose(index) } }, name));
    const choose = (index) => {
      buttons.forEach((button, at) => button.setAttribute("aria-selected", String(at === index)));
      body.replaceChildren(tabs[index][1]);
    };
    dialog.replaceChildren(make("h2", {}, found.title || "Panel"), make("div", { role: "tablist" }, ...buttons,
      make("button", { type: "button", on: { click: () => dialog.close() } }, "Close")), body);
    choose(0);
    dialog.showModal();
  } catch (error) { tell(error.message); }
}

const pre = (value, plain = false) => make("pre", { tabIndex: 0 }, plain ? value || "" : value === undefined || value === null ? "nothing" : JSON.stringify(value, null, 2));

function data(found) {
  if (found.error) return make("p", { className: "error" }, found.error);
  return make("div", { className: "rows", tabIndex: 0 }, ...(found.layers || []).map((layer) => layer.error
    ? make("p", { className: "error" }, layer.error)
    : make("table", { className: "data" }, make("thead", {}, make("tr", {}, ...layer.columns.map((name) => make("th", {}, name)))),
      make("tbody", {}, ...layer.rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell === null ? "-" : typeof cell === "object" ? JSON.stringify(cell) : String(cell)))))))),
  make("p", {}, found.took_ms === undefined ? "" : `answered in ${Math.round(found.took_ms)} ms`));
}

// ---- living: refreshing by the clock, and as soon as what is shown changes

function watch() {
  clearTimeout(state.timer);
  const due = state.kind ? (state.settings.refresh_ms ?? state.drawn?.refresh_ms ?? 0) : 0;
  const begun = Date.now();
  const look = async () => {
    try {
      const { version } = await call("version");
      if (version !== state.version) return state.kind ? draw(false) : list();
    } catch { /* the server is away; the next look may find it */ }
    if (due && Date.now() - begun >= due && !document.hidden) return draw(true);
    state.timer = setTimeout(look, 500);
  };
  state.timer = setTimeout(look, 500);
}

addEventListener("hashchange", route);
addEventListener("resize", () => {
  clearTimeout(state.resize);
  state.resize = setTimeout(() => { if (state.drawn && state.kind) draw(true); }, 250);
});
route();
