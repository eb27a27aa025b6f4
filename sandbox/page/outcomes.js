// How a call turned out, as the agent says: one of the company's results, and a note.

import { api } from "/page/asking.js";
import { button, dotted, element, option, whenSubmitted } from "/page/elements.js";

let asked = null; // the tree of results, asked for once

function results() {
  asked ??= api("GET", "/call-outcomes").then(({ content }) => content.outcomes);
  asked.catch(() => (asked = null));
  return asked;
}

export function offerOutcome(row, call) {
  if (row.said === undefined) {
    row.said = element("p", { className: "facts", role: "status" });
    row.saying = element("div");
    row.outcome.append(row.said, row.saying);
  }
  if (call.outcome) showSaid(row, call);
  const canBeSaid = call.state === "ended" && call.direction !== "internal";
  if (canBeSaid && !row.saying.firstChild) row.saying.replaceChildren(openButton(row, call.call_id));
}

const showSaid = (row, { outcome, note }) => {
  row.said.textContent = dotted(`Outcome: ${outcome}`, note);
};

const openButton = (row, callId) => button("How did it turn out?", () => open(row, callId), { className: "plain" });

async function open(row, callId) {
  try {
    const form = outcomeForm(await results());
    row.saying.replaceChildren(form);
    whenSubmitted(form, () => save(row, callId, form));
    form.querySelector("select").focus();
  } catch (refusal) {
    row.saying.replaceChildren(element("p", { role: "alert" }, refusal.message), openButton(row, callId));
  }
}

function outcomeForm(tree) {
  const choices = tree.flatMap(({ id, name, children }) => [
    option(id, name),
    ...children.map((child) => option(`${id}/${child.id}`, `${name}: ${child.name}`)),
  ]);
  return element(
    "form",
    {},
    element("label", {}, "Result ", element("select", { name: "result" }, ...choices)),
    element("label", {}, "Note ", element("textarea", { name: "note", rows: 2, maxLength: 2000 })),
    element("p", { role: "alert" }),
    element("button", { className: "primary" }, "Save the outcome"),
  );
}

async function save(row, callId, form) {
  const [result, child] = form.elements.result.value.split("/").map(Number);
  const note = form.elements.note.value.trim();
  const pressed = form.querySelector("button");
  pressed.disabled = true;
  try {
    const said = { result_id: result, child_result_id: child, note: note || undefined };
    const { content } = await api("POST", `/calls/${callId}/outcome`, said);
    showSaid(row, content);
    row.saying.replaceChildren(openButton(row, callId));
  } catch (refusal) {
    form.querySelector("[role=alert]").textContent = refusal.message;
    pressed.disabled = false;
  }
}
