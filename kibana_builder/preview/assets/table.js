// Data tables: sorting by a click on a head, and pages.

import { button, make } from "./dom.js";

const SHOWN_PAGES = 5;

/** `kept` remembers page and order of a panel over its drawings. */
export function paged(table, kept) {
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells];
  const size = Number(table.dataset.page) || rows.length;
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const foot = make("div", { className: "pages" });
  const value = (row, index) => {
    const cell = row.cells[index];
    return cell.dataset.sort !== undefined ? Number(cell.dataset.sort) : cell.textContent.toLowerCase();
  };
  const sorted = () => {
    if (!kept.sort) return rows;
    const { index, down } = kept.sort;
    heads.forEach((head, at) => {
      if (at === index) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    return [...rows].sort((one, other) => {
      const [a, b] = [value(one, index), value(other, index)];
      const result = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
      return down ? -result : result;
    });
  };
  const go = (page, focus) => {
    kept.page = Math.min(pages - 1, Math.max(0, page));
    render();
    foot.querySelector(`[data-goes="${focus}"]:enabled`)?.focus();
  };
  const render = () => {
    kept.page = Math.min(kept.page, pages - 1);
    table.tBodies[0].replaceChildren(...sorted().slice(kept.page * size, (kept.page + 1) * size));
    const first = Math.max(0, Math.min(kept.page - 2, pages - SHOWN_PAGES));
    const numbers = [...Array(pages).keys()].slice(first, first + SHOWN_PAGES);
    const step = (words, page, label, goes) => button(words, () => go(page, goes), { "aria-label": label, disabled: page < 0 || page >= pages, "data-goes": goes });
    foot.replaceChildren(make("span", {}, `Rows per page: ${size}`), make("span", {},
      step("‹", kept.page - 1, "Previous page", "back"),
      ...numbers.map((page) => button(String(page + 1), () => go(page, page), { "aria-label": `Page ${page + 1} of ${pages}`, "data-goes": page, ...(page === kept.page && { "aria-current": "page" }) })),
      step("›", kept.page + 1, "Next page", "on")));
  };
  heads.forEach((head, index) => head.querySelector("button")?.addEventListener("click", () => {
    kept.sort = { index, down: !(kept.sort?.index === index && kept.sort.down) };
    render();
  }));
  if (table.dataset.page) table.after(foot);
  render();
}
