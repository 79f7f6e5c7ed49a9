// Controls: lists of values, ranges of numbers, and the part of the times that panels show.

import { button, call, closes, make, putAt, refill } from "./dom.js";

const MAKERS = { options_list_control: optionsList, range_slider_control: rangeSlider, time_slider_control: timeSlider };

export function makeControls(app) {
  const element = make("div", { className: "controls", role: "group", "aria-label": "Controls" });
  let shown = new Map();
  const update = (drawn) => {
    const before = shown;
    shown = new Map();
    for (const control of drawn.controls) {
      const key = `${control.type} ${control.id}`;
      const one = before.get(key) || MAKERS[control.type](app, control.id);
      before.delete(key);
      one.element.className = `control ${one.kind} ${control.width || "medium"}${control.grow ? " grow" : ""}`;
      one.update(control, control.config.title || control.config.field_name || "Time slider");
      shown.set(key, one);
    }
    before.forEach((one) => { one.stop?.(); one.element.remove(); });
    [...shown.values()].forEach((one, index) => putAt(element, index, one.element));
    element.classList.toggle("above", drawn.control_settings.labels === "above");
  };
  const stop = () => shown.forEach((one) => one.stop?.());
  return { element, update, stop };
}

// ---- a list of values

function optionsList(app, id) {
  let config = {}, name = "", asked = 0, found = [];
  const title = make("span", { className: "name" }), value = make("span", { className: "value" });
  const search = make("input", { type: "search", autocomplete: "off", spellcheck: false, "aria-label": "Search the values", placeholder: "Search", on: { input: () => load() } });
  const sorts = [["_count", "desc", "Most documents first"], ["_count", "asc", "Fewest documents first"], ["_key", "asc", "A to Z"], ["_key", "desc", "Z to A"]];
  const sort = make("select", { "aria-label": "Order of the values", on: { change: () => {
    const [by, direction] = sorts[Number(sort.value)];
    set({ sort: { by, direction } });
  } } }, ...sorts.map(([, , words], index) => make("option", { value: String(index) }, words)));
  const mode = make("select", { "aria-label": "Include or exclude", on: { change: () => set({ exclude: mode.value === "exclude" }) } },
    make("option", { value: "include" }, "Include"), make("option", { value: "exclude" }, "Exclude"));
  const clear = button("Clear", () => set({ selected_options: [], exists_selected: false }));
  const actions = make("div", { className: "actions" }, search, sort), modes = make("div", { className: "actions" }, mode, clear);
  const list = make("div", { className: "list-of-values", role: "group" });
  const element = closes(make("details", { on: { toggle: () => { if (element.open) load(); } } },
    make("summary", {}, title, value), make("div", { className: "popover choices" }, actions, modes, list)));

  const set = (changed) => app.changeControl(id, changed);
  const selected = () => (config.selected_options || []).map(String);
  const tick = (option, on) => {
    const kept = config.single_select ? [] : (config.selected_options || []).filter((one) => String(one) !== String(option));
    // The vocabulary has texts and numbers; a truth is chosen by its word.
    set({ selected_options: on ? [...kept, typeof option === "boolean" ? String(option) : option] : kept, exists_selected: false });
  };
  const box = (words, on, act, more = null, properties = {}) => make("label", properties, make("input", { type: "checkbox", checked: on, value: words, on: { change: (event) => act(event.target.checked) } }), words, more);
  const render = () => {
    const focused = list.contains(document.activeElement) ? document.activeElement.value : null;
    const chosen = new Set(config.exists_selected ? [] : selected());
    const offered = new Set(found.map((one) => String(one.value)));
    const gone = search.value ? [] : (config.selected_options || []).filter((one) => chosen.has(String(one)) && !offered.has(String(one)));
    const lost = config.ignore_validations ? "" : "no documents";
    list.replaceChildren(
      ...(config.display_settings?.hide_exists ? [] : [box("Exists", Boolean(config.exists_selected), (on) => set({ exists_selected: on }), null, { className: "exists" })]),
      ...found.map(({ value: option, count }) => box(String(option), chosen.has(String(option)), (on) => tick(option, on), make("small", {}, count.toLocaleString("en-US")))),
      ...gone.map((option) => box(String(option), true, (on) => tick(option, on), make("small", {}, lost), { className: "gone" })),
      ...(found.length || gone.length ? [] : [make("p", {}, "No values found")]));
    if (focused !== null) ([...list.querySelectorAll("input")].find((one) => one.value === focused) || search).focus();
  };
  const load = async () => {
    const turn = ++asked;
    try {
      const answer = await call("options", app.request({ control: id, search: search.value }));
      if (turn !== asked) return;
      if (answer.error) throw new Error(answer.error);
      found = answer.options;
      render();
    } catch (error) { if (turn === asked) list.replaceChildren(make("p", { className: "error" }, error.message)); }
  };
  const update = (control, words) => {
    ({ config } = control);
    name = words;
    title.textContent = `${name}: `;
    const all = config.exists_selected ? "Exists" : selected().join(", ");
    value.textContent = `${config.exclude && all ? "NOT " : ""}${all || config.display_settings?.placeholder || "Any"}`;
    list.setAttribute("aria-label", name);
    mode.value = config.exclude ? "exclude" : "include";
    const { by, direction } = config.sort || { by: "_count", direction: "desc" };
    sort.value = String(sorts.findIndex(([a, b]) => a === by && b === direction));
    const { hide_action_bar: plain, hide_exclude: included, hide_sort: unsorted } = config.display_settings || {};
    actions.hidden = Boolean(plain);
    mode.hidden = Boolean(included);
    sort.hidden = Boolean(unsorted);
    if (element.open) {
      render();
      load();
    }
  };
  return { element, update, kind: "options" };
}

// ---- two handles on one line

/** `changed` is called with both values when a handle is let go, `moved` while it moves. */
function twoHandles({ moved, changed, words }) {
  const [low, high] = ["start", "end"].map((which) => make("input", { type: "range", className: which, on: {
    input: () => { order(which); say(); moved?.(values()); },
    change: () => changed(values()),
  } }));
  const values = () => [Number(low.value), Number(high.value)];
  const order = (which) => {
    if (Number(low.value) <= Number(high.value)) return;
    if (which === "start") low.value = high.value; else high.value = low.value;
  };
  const say = () => {
    for (const one of [low, high]) one.setAttribute("aria-valuetext", words(Number(one.value)));
    const part = (one) => (Number(one.value) - Number(one.min)) / (Number(one.max) - Number(one.min) || 1) * 100;
    between.style.left = `${part(low)}%`;
    between.style.width = `${Math.max(0, part(high) - part(low))}%`;
  };
  const between = make("span", { className: "between" });
  const element = make("div", { className: "two-handles" }, make("span", { className: "line" }), between, low, high);
  const show = ({ min, max, step, value: [first, last] }) => {
    for (const one of [low, high]) Object.assign(one, { min, max, step });
    low.value = first;
    high.value = last;
    say();
  };
  return { element, low, high, show };
}

// ---- a range of numbers

function rangeSlider(app, id) {
  let ends = null, asked = 0, config = {};
  const from = make("input", { type: "number", step: "any" }), to = make("input", { type: "number", step: "any" });
  const set = ([first, last]) => app.changeControl(id, { value: [String(first), String(last)] });
  const title = make("span", { className: "name" });
  const handles = twoHandles({
    words: String,
    moved: ([first, last]) => { from.value = first; to.value = last; },
    changed: ([first, last]) => set([first <= ends.min ? "" : first, last >= ends.max ? "" : last]),
  });
  const wrong = make("small", { className: "wrong" });
  const element = make("div", {}, title, make("form", { on: { submit: (event) => { event.preventDefault(); set([from.value, to.value]); } } },
    from, handles.element, to, make("button", { type: "submit" }, "Set"), button("Clear", () => set(["", ""]), { title: "Clear" })), wrong);
  const show = () => {
    const { min, max } = ends || {};
    handles.element.hidden = !Number.isFinite(min) || min === max;
    if (handles.element.hidden) return;
    const step = config.step || 1, low = Math.floor(min / step) * step, high = Math.ceil(max / step) * step;
    const [first, last] = config.value || ["", ""];
    handles.show({ min: low, max: high, step, value: [first === "" ? low : Number(first), last === "" ? high : Number(last)] });
    ends = { ...ends, min: low, max: high };
  };
  const update = (control, name) => {
    ({ config } = control);
    title.textContent = name;
    from.setAttribute("aria-label", `${name} from`);
    to.setAttribute("aria-label", `${name} to`);
    handles.low.setAttribute("aria-label", `${name}, lower end`);
    handles.high.setAttribute("aria-label", `${name}, upper end`);
    const [first, last] = config.value || ["", ""];
    refill(from, first);
    refill(to, last);
    show();
    const turn = ++asked;
    call("options", app.request({ control: id })).then((found) => {
      if (turn !== asked) return;
      wrong.textContent = found.error || "";
      ends = found.error ? null : { min: found.min, max: found.max };
      from.placeholder = ends?.min ?? "";
      to.placeholder = ends?.max ?? "";
      show();
    }).catch(() => {});
  };
  return { element, update, kind: "range" };
}

// ---- a part of the times

const START = "start_percentage_of_time_range", END = "end_percentage_of_time_range";
const PLAYED_MS = 2000;  // so long each step is shown; Kibana waits as long after its panels have loaded
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function momentInWords(ms, step) {
  const at = new Date(ms), two = (number) => String(number).padStart(2, "0");
  const day = `${MONTHS[at.getUTCMonth()]} ${at.getUTCDate()}, ${at.getUTCFullYear()}`;
  if (step >= 86400000) return day;
  return `${day} @ ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}${step < 60000 ? `:${two(at.getUTCSeconds())}` : ""}`;
}

function timeSlider(app, id) {
  let slider = null, config = {}, playing = 0;
  const title = make("span", { className: "name" }), shown = make("span", { className: "value" });
  const words = (ms) => momentInWords(ms, slider.step);
  const say = ([first, last]) => { shown.textContent = `${words(first)} → ${words(last)}`; };
  const set = ([first, last]) => {
    const [start, end] = slider.times, part = (ms) => Math.min(1, Math.max(0, (ms - start) / (end - start || 1)));
    app.changeControl(id, { [START]: part(first), [END]: part(last) });
  };
  const handles = twoHandles({ words, moved: say, changed: (values) => { halt(); set(values); } });
  const current = () => slider.selected || slider.ends;
  // One step on (or back): the same length beside what is shown; at the end it begins anew. As in Kibana, all of it is
  // left by showing what lies between two ticks, and with a pinned start only the end moves, from tick to tick.
  const go = (sign) => {
    const { ends: [least, most], ticks, selected, times } = slider;
    const all = !selected || (selected[0] <= least && selected[1] >= most);
    if (config.is_anchored) {
      const beyond = sign > 0 ? ticks.find((tick) => tick > current()[1]) : [...ticks].reverse().find((tick) => tick < current()[1] && tick > least);
      const around = sign > 0 ? ticks.find((tick) => tick > least) ?? most : most;
      return set([least, all && sign > 0 ? around : beyond ?? (all || current()[1] >= most ? around : most)]);
    }
    const length = all ? (ticks[1] ?? most) - (ticks[0] ?? least) : selected[1] - selected[0];
    const [first, last] = all ? (sign > 0 ? [least, least] : [most, most]) : selected;
    let next = sign > 0 ? [last, last + length] : [first - length, first];
    if (next[0] >= most || next[0] >= times[1]) next = [least, least + length];
    if (next[1] <= least) next = [most - length, most];
    set([Math.max(least, next[0]), Math.min(most, next[1])]);
  };
  const halt = () => {
    clearInterval(playing);
    playing = 0;
    play.textContent = "Play";
  };
  const step = (sign) => { halt(); go(sign); };
  const play = button("Play", () => {
    if (playing) return halt();
    play.textContent = "Pause";
    go(1);
    playing = setInterval(() => { if (!app.busy()) go(1); }, PLAYED_MS);
  });
  const pin = button("Pin start", () => {
    const anchored = !config.is_anchored;
    app.changeControl(id, { is_anchored: anchored, ...(anchored && slider.selected && { [START]: 0 }) });
  });
  const clear = button("Clear", () => {
    halt();
    app.changeControl(id, { [START]: undefined, [END]: undefined });
  });
  const element = make("div", {}, title, make("div", { className: "actions" }, button("‹", () => step(-1), { "aria-label": "Previous time window" }), play,
    button("›", () => step(1), { "aria-label": "Next time window" }), pin), make("div", { className: "slide" }, shown, handles.element), clear);
  const update = (control, name) => {
    ({ config, slider } = control);
    title.textContent = name;
    handles.low.setAttribute("aria-label", `${name}, start`);
    handles.high.setAttribute("aria-label", `${name}, end`);
    handles.low.hidden = Boolean(config.is_anchored);
    pin.setAttribute("aria-pressed", String(Boolean(config.is_anchored)));
    const [min, max] = slider.ends;
    handles.show({ min, max, step: slider.step, value: current() });
    say(current());
    clear.hidden = !slider.selected;
  };
  return { element, update, stop: halt, kind: "time" };
}
