// The address says what is shown: a module's list, a record, or the web tab.

import { MODULES } from "/page/modules.js";

export const WEB_TAB = "Santral";

export function place() {
  const [module, id] = decodeURIComponent(location.hash.slice(1)).split("/");
  if (module === WEB_TAB) return { module, id: null };
  return module in MODULES ? { module, id: id || null } : { module: "Contacts", id: null };
}

// A window that the browser does not let us open is this one.
export function goTo(module, id, target) {
  const address = `#${module}${id ? `/${id}` : ""}`;
  const opened = target === "_blank" && window.open(`/${address}`, "_blank");
  if (opened) opened.opener = null;
  else location.hash = address;
}
