// The inside of a panel: its rows, what was asked for them, its YAML, and the saved object behind it.

import { button, call, make, roving, tell } from "./dom.js";

export async function inspect(app, panel) {
  const dialog = document.getElementById("inspector");
  let found;
  try {
    found = await call("inspect", app.request({ panel }));
  } catch (error) { return tell(error.message); }
  const tabs = [["Data", rows(found)], ["Request", json(found.request)], ["YAML", text(found.yaml || "nothing")], ["Saved object", json(found.saved_object)]];
  const body = make("div", { role: "tabpanel", id: "inspected" });
  const choose = (index) => {
    buttons.forEach((one, at) => one.setAttribute("aria-selected", String(at === index)));
    body.setAttribute("aria-label", tabs[index][0]);
    body.replaceChildren(tabs[index][1]);
  };
  const buttons = tabs.map(([name], index) => make("button", { type: "button", role: "tab", "aria-controls": "inspected", on: { click: () => choose(index), focus: () => choose(index) } }, name));
  roving(buttons);
  dialog.replaceChildren(
    make("h2", {}, found.title || "Panel"),
    make("div", { className: "tabs" }, make("div", { role: "tablist" }, ...buttons), button("Close", () => dialog.close())), body);
  choose(0);
  dialog.showModal();
}

const text = (words) => make("pre", { tabIndex: 0 }, words);
const json = (value) => text(value === undefined || value === null ? "nothing" : JSON.stringify(value, null, 2));
const cell = (value) => make("td", {}, value === null ? "-" : typeof value === "object" ? JSON.stringify(value) : String(value));

function rows(found) {
  if (found.error) return make("p", { className: "error" }, found.error);
  if (!found.layers) return make("p", {}, "This panel asks for no data.");
  const layers = found.layers.map((layer) => layer.error ? make("p", { className: "error" }, layer.error) : make("div", {},
    make("table", { className: "data" }, make("thead", {}, make("tr", {}, ...layer.columns.map((name) => make("th", { scope: "col" }, name)))),
      make("tbody", {}, ...layer.rows.map((row) => make("tr", {}, ...row.map(cell))))),
    layer.total > layer.rows.length ? make("p", {}, `The first ${layer.rows.length} of ${layer.total} rows.`) : ""));
  return make("div", { className: "rows", tabIndex: 0 }, ...layers, make("p", {}, `answered in ${Math.round(found.took_ms)} ms`));
}
