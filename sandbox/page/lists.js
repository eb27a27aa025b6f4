// A module's list: its records, newest first, searched and selected.

import { recordsOf } from "/page/asking.js";
import { addressOf, labelOf, MODULES, nameOf, valueOf } from "/page/modules.js";
import { offerListButtons } from "/page/buttons.js";
import { at, digitsOf, element } from "/page/elements.js";

let records = [];
const selected = new Set();

export async function showList(module) {
  selected.clear();
  const { columns, selectable } = MODULES[module];
  const told = element("p", { className: "quiet", role: "status" }, "Loading…");
  const search = element("input", {
    type: "search",
    placeholder: "Search",
    autocomplete: "off",
    "aria-label": `Search ${module}`,
  });
  const buttons = element("div", { className: "buttons" });
  const rows = element("tbody");
  const heads = columns.map((field) => element("th", { scope: "col" }, labelOf(field)));
  if (selectable) heads.unshift(element("td", {}));
  const table = element("table", { "aria-label": module }, element("thead", {}, element("tr", {}, ...heads)), rows);
  at("view").replaceChildren(
    element("div", { className: "head" }, element("h1", { tabIndex: -1, id: "title" }, module), search, buttons),
    told,
    element("div", { className: "scrolled", role: "region", "aria-label": module, tabIndex: 0 }, table),
  );
  const enable = selectable ? offerListButtons(buttons, () => records.filter(({ id }) => selected.has(id))) : () => {};
  rows.addEventListener("change", enable);
  const draw = () => {
    drawRows(module, rows, told, search.value);
    enable();
  };
  search.addEventListener("input", draw);
  records = [];
  return async () => {
    const found = (await recordsOf(module)).reverse();
    // The table is made anew only when it says something new, so that the keyboard keeps its place.
    if (told.textContent !== "Loading…" && JSON.stringify(found) === JSON.stringify(records)) return;
    records = found;
    draw();
  };
}

function drawRows(module, rows, told, sought) {
  const wanted = sought.trim().toLocaleLowerCase("tr");
  const digits = digitsOf(wanted);
  const fits = (record) =>
    MODULES[module].columns.some((field) => {
      const text = String(record[field]?.name ?? record[field] ?? "").toLocaleLowerCase("tr");
      return text.includes(wanted) || (digits && digitsOf(text).includes(digits));
    });
  const found = wanted ? records.filter(fits) : records;
  rows.replaceChildren(...found.map((record) => rowOf(module, record)));
  told.textContent = found.length ? "" : records.length ? "Nothing is found." : "There is nothing here yet.";
}

function rowOf(module, record) {
  const { columns, selectable } = MODULES[module];
  const [first, ...others] = columns;
  const link = element("a", { href: addressOf(module, record.id) }, record[first] || nameOf(record));
  const cells = [
    element("th", { scope: "row" }, link),
    ...others.map((field) => element("td", {}, valueOf(record, field))),
  ];
  if (selectable) cells.unshift(element("td", {}, tick(record)));
  return element("tr", {}, ...cells);
}

function tick(record) {
  const box = element("input", {
    type: "checkbox",
    "aria-label": `Select ${nameOf(record)}`,
    checked: selected.has(record.id),
  });
  box.addEventListener("change", () => (box.checked ? selected.add(record.id) : selected.delete(record.id)));
  return box;
}
