// A small Zoho CRM around the widget. Its records are the simulator's, its buttons ask the real API, and the panel
// "Outside" moves the simulators; nothing is made up here.

import { startActing } from "/page/acting.js";
import { place, WEB_TAB } from "/page/address.js";
import { readSandbox, Refusal } from "/page/asking.js";
import { at, element, hear, tell } from "/page/elements.js";
import { startFrame, widgetFrame } from "/page/frame.js";
import { showList } from "/page/lists.js";
import { MODULES } from "/page/modules.js";
import { startOutside } from "/page/outside.js";
import { forget, showRecord } from "/page/record.js";

const LOOK_EVERY = 2_000;

let refresh = async () => {};
let showing = 0;

// The address decides what is shown; who comes back to it by the browser's buttons sees the same.
async function show() {
  const mine = ++showing;
  const { module, id } = place();
  for (const link of at("modules").querySelectorAll("a")) {
    if (link.hash === `#${module}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (!id) forget();
  const look = module === WEB_TAB ? showWebTab() : id ? await showRecord(module, id) : await showList(module);
  if (mine !== showing) return;
  refresh = look;
  at("said").replaceChildren();
  document.title = `${at("title").textContent} – Santral`;
  tell("shown");
  await refresh();
}

function showWebTab() {
  const heading = element("h1", { id: "title", tabIndex: -1 }, "Santral");
  at("view").replaceChildren(
    heading,
    element("section", { className: "card tab", "aria-label": "Santral" }, widgetFrame()),
  );
  return async () => {};
}

const attempt = (act) => async () => {
  try {
    await act();
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem;
    at("said").replaceChildren(element("p", { role: "alert" }, problem.message));
  }
};

// What Zoho shows after a reload is shown as soon as it is there, as long as somebody looks.
function watch() {
  const look = attempt(async () => {
    if (!document.hidden) await refresh();
  });
  hear("records", look);
  document.addEventListener("visibilitychange", look);
  const again = () => look().finally(() => setTimeout(again, LOOK_EVERY));
  again();
}

async function start() {
  await readSandbox();
  const links = [...Object.keys(MODULES), WEB_TAB].map((name) => element("a", { href: `#${name}` }, name));
  at("modules").replaceChildren(...links);
  startActing();
  startFrame();
  startOutside();
  window.addEventListener(
    "hashchange",
    attempt(async () => {
      await show();
      at("title").focus();
    }),
  );
  at("through").addEventListener("change", attempt(show));
  at("user").addEventListener("change", attempt(show));
  await show();
  watch();
}

attempt(start)();
