// Filter pills: what is filtered by, each to be switched off, turned round and removed; and a form that adds one.

import { button, call, closes, make } from "./dom.js";

const SIGNS = { gte: "≥", gt: ">", lte: "≤", lt: "<" };
const OPERATORS = [
  ["is", "is"], ["is not", "is", true], ["is one of", "is_one_of"], ["is not one of", "is_one_of", true],
  ["is between", "range"], ["is not between", "range", true], ["exists", "exists"], ["does not exist", "exists", true],
];
const NUMBERS = new Set(["long", "integer", "short", "byte", "double", "float", "half_float", "scaled_float", "unsigned_long"]);

function words(filter) {
  if (filter.label) return filter.label;
  if (filter.type === "group") return filter.group.conditions.map((one) => conditionWords(one)).join(` ${filter.group.operator.toUpperCase()} `);
  return filter.condition ? conditionWords(filter.condition) : `query: ${JSON.stringify(filter.dsl)}`;
}

function conditionWords({ field, operator, value, negate, conditions, operator: joined }) {
  if (conditions) return `(${conditions.map(conditionWords).join(` ${joined.toUpperCase()} `)})`;
  const not = negate ? "NOT " : "";
  if (operator === "exists") return `${not}${field}: exists`;
  if (operator === "range") return `${not}${field}: ${Object.entries(value).filter(([name]) => name in SIGNS).map(([name, end]) => `${SIGNS[name]} ${end}`).join(" and ")}`;
  if (operator === "is_one_of") return `${not}${field}: is one of ${value.join(", ")}`;
  return `${not}${field}: ${value}`;
}

export function makePills(app) {
  const list = make("ul", { className: "pills", "aria-label": "Filters" });
  const adder = makeAdder(app);
  const element = make("div", { className: "filters" }, list, adder);
  let filters = [];

  const change = (index, by) => {
    const next = filters.map((one) => ({ ...one }));
    if (by) Object.assign(next[index], by(next[index]));
    else next.splice(index, 1);
    app.change({ filters: next });
  };
  const pill = (filter, index) => {
    const said = `${filter.negate ? "NOT " : ""}${words(filter)}`;
    return make("li", { className: `${filter.disabled ? "off" : ""} ${filter.negate ? "not" : ""}` },
      button(said, () => change(index, (one) => ({ disabled: !one.disabled })), { title: "Switch on or off", "aria-pressed": String(!filter.disabled) }),
      button("¬", () => change(index, (one) => ({ negate: !one.negate })), { title: "Turn round", "aria-label": `Turn round ${said}` }),
      button("×", () => change(index, null), { title: "Remove", "aria-label": `Remove ${said}` }));
  };
  const update = (drawn) => {
    filters = drawn.filters;
    const buttons = [...list.querySelectorAll("button")];
    const focused = buttons.indexOf(document.activeElement);
    list.replaceChildren(...filters.map(pill));
    if (filters.length > 1) list.append(make("li", { className: "all" }, button("Remove all", () => app.change({ filters: [] }))));
    if (focused < 0) return;
    const now = [...list.querySelectorAll("button")];
    (now[Math.min(focused, now.length - 1)] || adder.querySelector("summary")).focus();
  };
  return { element, update };
}

// The form offers the fields of all data views; what is typed becomes a number or a truth where the field has such.
function makeAdder(app) {
  const names = make("datalist", { id: "fields" });
  const field = make("input", { type: "text", name: "field", required: true, autocomplete: "off", spellcheck: false });
  field.setAttribute("list", "fields");
  const operator = make("select", { name: "operator", on: { change: () => ask() } }, ...OPERATORS.map(([said], index) => make("option", { value: String(index) }, said)));
  const value = make("input", { type: "text", name: "value", autocomplete: "off", spellcheck: false });
  const end = make("input", { type: "text", name: "end", autocomplete: "off", spellcheck: false });
  const first = make("span", {}), valueLabel = make("label", {}, first, value), endLabel = make("label", {}, "Below", end);
  let fields = [];
  const ask = () => {
    const kind = OPERATORS[Number(operator.value)][1];
    valueLabel.hidden = kind === "exists";
    endLabel.hidden = kind !== "range";
    value.required = kind === "is" || kind === "is_one_of";
    first.textContent = { is_one_of: "Values, with commas between them", range: "From" }[kind] || "Value";
  };
  const typed = (text) => {
    const type = fields.find((one) => one.name === field.value)?.type;
    if (type === "boolean" && /^(true|false)$/.test(text)) return text === "true";
    return NUMBERS.has(type) && text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
  };
  const condition = () => {
    const kind = OPERATORS[Number(operator.value)][1];
    const said = { field: field.value, operator: kind };
    if (kind === "is") said.value = typed(value.value.trim());
    if (kind === "is_one_of") said.value = value.value.split(",").map((one) => typed(one.trim()));
    if (kind === "range") said.value = { ...(value.value.trim() && { gte: typed(value.value.trim()) }), ...(end.value.trim() && { lt: typed(end.value.trim()) }) };
    return said;
  };
  const form = make("form", { className: "popover", on: { submit: (event) => {
    event.preventDefault();
    const view = fields.find((one) => one.name === field.value)?.data_view_id;
    const [, , negate] = OPERATORS[Number(operator.value)];
    app.addFilters([{ type: "condition", ...(view && { data_view_id: view }), ...(negate && { negate }), condition: condition() }]);
    details.open = false;
    form.reset();
    ask();
    details.querySelector("summary").focus();
  } } }, make("label", {}, "Field", field), names, make("label", {}, "Operator", operator), valueLabel, endLabel, make("button", { type: "submit", className: "primary" }, "Add filter"));
  const details = closes(make("details", { className: "add", on: { toggle: async () => {
    if (!details.open) return;
    field.focus();
    try {
      ({ fields } = await call("fields"));
      names.replaceChildren(...fields.map(({ name, type }) => make("option", { value: name, label: type })));
    } catch { /* without the list a field can still be typed */ }
  } } }, make("summary", {}, "+ Add filter"), form));
  ask();
  return details;
}
