// The widget in its frame, and Zoho's side of what the two say to each other. The widget either talks to the API by
// itself, or lives on another origin and asks for everything here, as inside Zoho; embedded_sdk.js names the sources.

import { acting } from "/page/acting.js";
import { goTo, WEB_TAB } from "/page/address.js";
import { invokeConnection, sandbox } from "/page/asking.js";
import { at, element } from "/page/elements.js";
import { recordOf } from "/page/modules.js";

let shown = null; // the frame, the record beside it, and the id it was registered by

export const throughConnection = () => at("through").value === "connection";

export function widgetFrame(module, id) {
  const query = new URLSearchParams(
    throughConnection()
      ? { serviceOrigin: location.origin }
      : { direct: "", user: acting().email, ...(id && { module, id }), ...language() },
  );
  const root = throughConnection() ? sandbox.foreign : "";
  const frame = element("iframe", {
    src: `${root}/widget/widget.html?${query}`,
    title: "Santral",
    className: "widget",
  });
  shown = { frame, module, id, uniqueID: crypto.randomUUID() };
  return frame;
}

// Zoho tells the widget its user's language; the sandbox's own adapter is told by the address.
const language = () => (acting().language ? { language: acting().language } : {});

// A frame that has gone meanwhile is told nothing.
function post(message) {
  shown.frame.contentWindow?.postMessage({ type: "FRAMEWORK.EVENT", ...message }, sandbox.foreign);
}

async function hear({ source, origin, data }) {
  if (!shown || source !== shown.frame.contentWindow || origin !== sandbox.foreign) return;
  if (data?.type !== "SDK.EVENT") return;
  const mine = shown;
  if (data.eventName === "REGISTER") {
    post({ eventName: "SET_CONTEXT", data: { uniqueID: mine.uniqueID, locale: "en" } });
    post({ eventName: "PageLoad", data: mine.id ? { Entity: mine.module, EntityId: mine.id } : {} });
  } else if (data.eventName === "CRM_EVENT" && data.uniqueID === mine.uniqueID) {
    const answer = await answerTo(data.data);
    if (shown === mine) post({ eventName: "EVENT_RESPONSE", promiseid: data.promiseid, data: answer });
  }
}

async function answerTo(asked) {
  switch (asked.category) {
    case "READ":
      return { data: [await recordOf(asked.APIData.Entity, asked.APIData.RecordID)].filter(Boolean) };
    case "CONFIG":
      return asked.type === "CURRENT_USER" ? currentUser() : variable(asked.nameSpace);
    case "CRM_CONNECTION":
      return invokeConnection(asked.connectionName, { user: acting().email, data: asked.data.data });
    case "UI":
      return act(asked);
  }
  return null;
}

// `santral_api_url` is the variable that docs/zoho-setup.md lets the administrator create.
const variable = (name) => ({ Success: { Content: name === "santral_api_url" ? location.origin : "" } });

function currentUser() {
  const { email, language: spoken } = acting();
  const isAdministrator = sandbox.users[0].email === email;
  const locale = { tr: "tr_TR", az: "az_AZ", en: "en_GB" }[spoken] ?? "en_GB";
  const profile = { name: isAdministrator ? "Administrator" : "Standard" };
  return { email, full_name: email, status: "active", confirm: true, locale, profile };
}

function act({ action, data }) {
  if (action === "RESIZE") shown.frame.style.height = `${parseInt(data.height, 10)}px`;
  else if (action.record === "OPEN") goTo(data.Entity, data.RecordID, data.target);
  else if (action.webTab === "OPEN") goTo(WEB_TAB);
  return true;
}

export function startFrame() {
  window.addEventListener("message", hear);
}
