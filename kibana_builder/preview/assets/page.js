// The page of kbuild: lists dashboards, shows one, and hands every choice of a person to the server, which draws.
// Text from dashboards and data is set as text; the only HTML that is set comes drawn and escaped from the server.

import { makeBar } from "./bar.js";
import { makeControls } from "./controls.js";
import { call, make } from "./dom.js";
import { makePills } from "./filters.js";
import { makeGrid } from "./panels.js";

const KINDS = { view: "dashboard", visualization: "visualization", edit: "visualization" };
const LOOK_MS = 500, LONGEST_LOOK_MS = 8000;

const main = document.getElementById("main");
// `turn` counts what was asked for: an answer to anything but the last is not shown. `settings` are what is wanted,
// `drawn` is the last answer, `parts` are what stands on the page for it.
const state = { turn: 0, kind: null, id: null, settings: {}, drawn: null, parts: null, version: null, away: false, timer: 0, look: LOOK_MS, sought: "" };

const app = {
  draw,
  busy: () => main.hasAttribute("aria-busy"),
  request: (more = {}) => ({ kind: state.kind, id: state.id, settings: state.settings, width: main.clientWidth, height: room(), ...more }),
  change(changed) {
    state.settings = { ...state.settings, ...changed };
    for (const key of Object.keys(changed)) if (changed[key] === undefined) delete state.settings[key];
    draw({ push: true });
  },
  changeControl(id, changed) {
    const said = state.drawn.controls.find((one) => one.id === id)?.config || {};
    const kept = Object.fromEntries(Object.entries({ ...said, ...changed }).filter(([, value]) => value !== undefined));
    app.change({ controls: { ...state.settings.controls, [id]: kept } });
  },
  addFilters(filters) {
    const current = state.drawn.filters;
    const text = (one) => JSON.stringify([one.condition, one.negate || false]);
    const fresh = filters.filter((one) => !current.some((other) => !other.disabled && text(other) === text(one)));
    app.change({ filters: [...current, ...fresh] });
  },
};

/** How many pixels a panel has that fills the window. */
function room() {
  const top = state.parts ? state.parts.grid.element.getBoundingClientRect().top + scrollY : 140;
  return Math.round(innerHeight - top - document.querySelector("footer").offsetHeight - 16);
}

// ---- where we are: #/ is the list, #/view/ID a dashboard and #/edit/ID a chart as in Kibana, #/visualization/ID too

function where() {
  const [path, ...rest] = location.hash.replace(/^#/, "").split("?");
  const [, word, ...names] = path.split("/");
  let id = names.join("/");
  try { id = decodeURIComponent(id); } catch { /* a sign of per cent that stands for itself */ }
  const kind = (id && Object.hasOwn(KINDS, word) && KINDS[word]) || null;
  return { kind, id: kind && id, state: rest.join("?") };
}

function route(event) {
  const { kind, id, state: address } = where();
  document.querySelector(".tip")?.remove();
  document.querySelector(".menu-box")?.remove();
  if (kind !== state.kind || id !== state.id) {
    leave();
    if (event) main.focus();
  }
  if (!kind) return list();
  Object.assign(state, { kind, id });
  return draw({ address });
}

function leave() {
  takeDown();
  Object.assign(state, { kind: null, id: null });
  document.getElementById("inspector").close();
}

/** Takes away what stands on the page for a dashboard; something else may stand there instead. */
function takeDown(...instead) {
  state.parts?.controls.stop();
  Object.assign(state, { drawn: null, parts: null });
  document.getElementById("crumb").textContent = "";
  main.replaceChildren(...instead);
}

async function list() {
  const turn = begin();
  document.title = "Dashboards – kbuild";
  try {
    const found = await call("overview");
    if (turn !== state.turn) return;
    reached(found);
    main.replaceChildren(
      ...found.problems.map((problem) => make("p", { className: "wrong" }, problem)),
      make("h1", {}, "Dashboards"),
      ...(found.dashboards.length + found.visualizations.length > 1 ? [finder()] : []),
      found.dashboards.length ? entries("view", found.dashboards, (one) => one.description || counted(one.panels, "panel"))
        : make("p", { className: "nothing" }, "There is no dashboard here yet: kbuild apply brings some."),
      ...(found.visualizations.length ? [make("h2", {}, "Visualizations"), entries("visualization", found.visualizations, (one) => one.type)] : []));
  } catch (error) {
    if (turn !== state.turn) return;
    failed(error);
    main.replaceChildren(make("p", { className: "wrong", role: "alert" }, error.message));
  }
  end();
}

/** A field that leaves in the lists only what has the words typed into it. */
function finder() {
  const field = make("input", { type: "search", className: "finder", placeholder: "Search", "aria-label": "Search the lists", value: state.sought, on: { input: () => {
    state.sought = field.value;
    const words = field.value.toLowerCase().split(/\s+/);
    for (const item of main.querySelectorAll(".list li")) item.hidden = !words.every((word) => item.textContent.toLowerCase().includes(word));
  } } });
  queueMicrotask(() => field.dispatchEvent(new Event("input")));
  return field;
}

const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

function entries(kind, found, words) {
  return make("ul", { className: "list" }, ...found.map((entry) => make("li", {},
    make("a", { href: `#/${kind}/${encodeURIComponent(entry.id)}` }, entry.title || entry.id), make("small", {}, words(entry)),
    ...(entry.tags || []).map((tag) => make("span", { className: "badge" }, tag)))));
}

// ---- a dashboard

/** Draws what is wanted. `address` is the state in Kibana's way; `push` makes a step that the back button undoes. */
async function draw({ address = state.drawn ? null : where().state, push = false } = {}) {
  const turn = begin();
  try {
    const drawn = await call("draw", app.request(address === null ? {} : { address }));
    if (turn !== state.turn) return;
    reached(drawn);
    Object.assign(state, { drawn, settings: drawn.settings });
    remember(drawn, push);
    show(drawn);
  } catch (error) {
    if (turn !== state.turn) return;
    failed(error);
    refuse(error);
  }
  end();
}

/** Keeps in the address what was chosen, so that a reload, a link and the back button find it. */
function remember(drawn, push) {
  const path = location.hash.split("?")[0];
  const hash = drawn.address ? `${path}?${drawn.address}` : path;
  if (hash !== location.hash) history[push ? "pushState" : "replaceState"](null, "", hash);
}

function show(drawn) {
  document.title = `${drawn.title} – kbuild`;
  document.getElementById("crumb").textContent = drawn.title;
  if (!state.parts) {
    const alert = make("p", { className: "wrong", role: "alert" });
    state.parts = { bar: makeBar(app), pills: makePills(app), controls: makeControls(app), grid: makeGrid(app), alert };
    const { bar, pills, controls, grid } = state.parts;
    main.replaceChildren(make("h1", { className: "unseen" }), bar.element, pills.element, controls.element, alert, grid.element);
  }
  const { alert, ...parts } = state.parts;
  main.querySelector("h1").textContent = drawn.title;
  alert.textContent = drawn.query_error || drawn.problem;
  alert.classList.toggle("query-wrong", Boolean(drawn.query_error));
  for (const part of Object.values(parts)) part.update(drawn);
}

/** What was wanted is refused: what was shown stays, with the reason, and what was typed stays to be mended. */
function refuse(error) {
  const gone = error.status === 404;
  if (state.parts && !gone) {
    const { alert, bar } = state.parts;
    alert.textContent = error.message;
    alert.classList.remove("query-wrong");
    if (error.status === 400) {
      if (JSON.stringify(state.settings.time_range) !== JSON.stringify(state.drawn.settings.time_range)) bar.timesAreWrong();
      state.settings = state.drawn.settings;
    }
    return;
  }
  document.title = "kbuild";
  takeDown(make("p", { className: "wrong", role: "alert" }, error.message),
    make("p", {}, ...(location.hash.includes("?") && !gone ? [make("a", { href: location.hash.split("?")[0] }, "Open it as it is saved"), " · "] : []),
      make("a", { href: "#/" }, "All dashboards")));
}

// ---- asking, and looking whether what is shown has changed

function begin() {
  clearTimeout(state.timer);
  main.setAttribute("aria-busy", "true");
  return ++state.turn;
}

function end() {
  main.removeAttribute("aria-busy");
  watch();
}

function reached({ version, notes }) {
  Object.assign(state, { version, away: false, look: LOOK_MS });
  document.getElementById("notes").textContent = notes;
}

// What was refused would be refused again until what is shown changes; a server that is away is asked less and less often.
function failed(error) {
  if (error.status) state.version = error.version ?? state.version;
  else setAway();
}

function setAway() {
  state.look = Math.min(LONGEST_LOOK_MS, state.away ? state.look * 2 : LOOK_MS);
  state.away = true;
}

const again = () => (state.kind ? draw() : list());

function watch() {
  clearTimeout(state.timer);
  const due = state.kind ? (state.settings.refresh_ms ?? state.drawn?.refresh_ms ?? 0) : 0;
  const { turn } = state, begun = Date.now();
  const look = async () => {
    if (!document.hidden) {
      try {
        const { version } = await call("version");
        if (turn !== state.turn) return;
        if (state.away || version !== state.version) return again();
      } catch (error) {
        if (turn !== state.turn) return;
        setAway();
        if (state.parts) state.parts.alert.textContent = error.message;
      }
      if (due && !state.away && Date.now() - begun >= due) return again();
    }
    state.timer = setTimeout(look, state.look);
  };
  state.timer = setTimeout(look, state.look);
}

addEventListener("hashchange", route);
// The link's own address would be taken for a place of the page.
document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
addEventListener("resize", () => {
  clearTimeout(state.resize);
  state.resize = setTimeout(() => { if (state.drawn) draw(); }, 250);
});
route();
