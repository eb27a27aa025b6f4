// The CRM page. Every button is one real request to the API or, in the panel "Outside", to a simulator; nothing is
// made up here. Each part of the page is a module of its own.

import { startActing } from "/page/acting.js";
import { startAgent } from "/page/agent.js";
import { readSandbox } from "/page/asking.js";
import { startCampaigns } from "/page/campaigns.js";
import { at, element } from "/page/elements.js";
import { startHistory } from "/page/history.js";
import { startLine } from "/page/line.js";
import { startLive } from "/page/live.js";
import { startMessages } from "/page/messages.js";
import { startOutside } from "/page/outside.js";
import { followAddress, loadPeople, showPeople } from "/page/people.js";
import { startSystem } from "/page/system.js";
import { startWatching } from "/page/watching.js";

function closeDrawersWithEscape() {
  for (const drawer of document.querySelectorAll("details.drawer")) {
    drawer.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape") return;
      drawer.open = false;
      drawer.querySelector("summary").focus();
    });
  }
}

async function start() {
  await readSandbox();
  startActing();
  startAgent();
  startCampaigns();
  startHistory();
  startLine();
  startLive();
  startMessages();
  startOutside();
  startSystem();
  closeDrawersWithEscape();
  at("search").addEventListener("input", showPeople);
  window.addEventListener("hashchange", followAddress);
  await loadPeople();
  followAddress();
  startWatching();
}

start().catch((refusal) => {
  at("groups").replaceChildren(element("p", { role: "alert" }, refusal.message));
});
