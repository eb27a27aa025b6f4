// Whether everything works, part by part, and what to do where something does not.

import { api } from "/page/asking.js";
import { at, element } from "/page/elements.js";

function told(kind, words) {
  at("system").className = `drawer ${kind}`;
  at("system-summary").textContent = words;
}

async function check() {
  told("", "Checking the system…");
  at("check-again").disabled = true;
  try {
    const { content } = await api("GET", "/status");
    at("checks").replaceChildren(...content.checks.map(entry));
    const failing = content.checks.filter(({ ok }) => !ok).length;
    if (content.ok) told("good", "System works");
    else told("bad", `${failing} of ${content.checks.length} need attention`);
  } catch (refusal) {
    told("bad", "System: not known");
    at("checks").replaceChildren(element("li", {}, element("p", { role: "alert" }, refusal.message)));
  }
  at("check-again").disabled = false;
}

function entry({ name, ok, sentence, fix }) {
  const verdict = element("span", { className: "verdict" }, ok ? "works" : "needs attention");
  return element(
    "li",
    { className: ok ? "good" : "bad" },
    element("span", { className: "dot", "aria-hidden": "true" }),
    element("p", {}, element("strong", {}, name), " ", verdict),
    element("p", {}, sentence),
    fix && element("p", { className: "quiet" }, fix),
  );
}

export function startSystem() {
  at("check-again").addEventListener("click", check);
  at("system").addEventListener("toggle", () => at("system").open && check());
  check();
}
