// A record's page: its fields, its buttons, the widget, and what is related to it.

import { offerRecordButtons } from "/page/buttons.js";
import { at, dotted, element, momentOf } from "/page/elements.js";
import { widgetFrame } from "/page/frame.js";
import {
  addressOf,
  labelOf,
  MODULES,
  nameOf,
  numbersOf,
  recordOf,
  relatedTo,
  shownFields,
  valueOf,
} from "/page/modules.js";

export let chosen = null; // the record that is open, with its module, name and numbers

export const forget = () => (chosen = null);

export async function showRecord(module, id) {
  const record = await recordOf(module, id);
  chosen = record && { module, id, name: nameOf(record), numbers: numbersOf(record), record };
  if (!chosen) {
    at("view").replaceChildren(
      element("h1", { id: "title", tabIndex: -1 }, "There is no such record."),
      element("p", {}, element("a", { href: `#${module}` }, `All ${module.toLowerCase()}`)),
    );
    return async () => {};
  }
  const { one, called } = MODULES[module];
  const buttons = element("div", { className: "buttons", role: "group", "aria-label": "Buttons" });
  const fields = element("dl");
  const lists = element("div", { className: "related" });
  at("view").replaceChildren(
    element("a", { className: "back", href: `#${module}` }, `All ${module.toLowerCase()}`),
    element(
      "div",
      { className: "head" },
      element(
        "div",
        {},
        element("h1", { id: "title", tabIndex: -1 }, chosen.name),
        element(
          "p",
          { className: "quiet" },
          dotted(one, record.Account_Name?.name, record.Owner && `owner ${record.Owner.name}`),
        ),
      ),
      buttons,
    ),
    element(
      "div",
      { className: "columns" },
      element(
        "div",
        {},
        element("section", { className: "card", "aria-label": "Details" }, element("h2", {}, "Details"), fields),
        lists,
      ),
      called &&
        element(
          "section",
          { className: "card", "aria-label": "Santral" },
          element("h2", {}, "Santral"),
          widgetFrame(module, id),
        ),
    ),
  );
  offerRecordButtons(buttons, chosen);
  let news = "";
  return async () => {
    const [fresh, related] = await Promise.all([recordOf(module, id), relatedTo(module, id)]);
    // Only what says something new is made anew, so that the keyboard keeps its place.
    const latest = JSON.stringify([fresh, related]);
    if (latest === news || !fresh) return;
    news = latest;
    fields.replaceChildren(...shownFields(fresh).flatMap((field) => pair(fresh, field)));
    if (called) lists.replaceChildren(notes(related.Notes), calls(related.Calls), tasks(related.Tasks));
  };
}

const pair = (record, field) => [element("dt", {}, labelOf(field)), element("dd", {}, valueOf(record, field))];

function card(title, entries, none) {
  const list = element("ul", {}, ...entries);
  const empty = element("p", { className: "quiet" }, none);
  return element(
    "section",
    { className: "card", "aria-label": title },
    element("h2", {}, title),
    entries.length ? list : empty,
  );
}

const notes = (found) =>
  card(
    "Notes",
    found.map((note) =>
      element(
        "li",
        {},
        note.Note_Title && element("strong", {}, note.Note_Title),
        element("p", { className: "text" }, note.Note_Content),
        element("small", {}, momentOf(note.Created_Time)),
      ),
    ),
    "No notes yet.",
  );

const calls = (found) =>
  card(
    "Calls",
    found.map((call) =>
      element(
        "li",
        {},
        element("a", { href: addressOf("Calls", call.id) }, call.Subject),
        element(
          "p",
          { className: "facts" },
          dotted(call.Call_Type, call.Call_Duration, momentOf(call.Call_Start_Time), `owner ${call.Owner?.name}`),
        ),
        call.Voice_Recording__s && element("p", {}, labelled(call, "Voice_Recording__s", "Recording")),
      ),
    ),
    "No calls have been logged yet.",
  );

function labelled(record, field, text) {
  const link = valueOf(record, field);
  if (link instanceof HTMLElement) link.textContent = text;
  return link;
}

const tasks = (found) =>
  card(
    "Tasks",
    found.map((task) =>
      element(
        "li",
        {},
        task.Subject,
        element(
          "p",
          { className: "facts" },
          dotted(task.Due_Date && `due ${task.Due_Date}`, task.Status, `owner ${task.Owner?.name}`),
        ),
      ),
    ),
    "No tasks.",
  );
