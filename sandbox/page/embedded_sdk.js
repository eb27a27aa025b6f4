// A stand-in for Zoho's ZohoEmbededAppSDK, served to the widget in its place: the calls the widget may make, with the
// names and shapes of the real one, sent to the page around the frame in the real one's messages (`SDK.EVENT` out,
// `FRAMEWORK.EVENT` in; `REGISTER`, then `SET_CONTEXT`, then `PageLoad`).
// Source: github ZohoDevelopers/embeddedApp-js-sdk, lib/ZSDK.js and lib/ZohoCrmHelper.js (SDK 1.5).

// A `var`, as the real one is, so that the widget finds it on the window.
var ZOHO = (() => {
  const parentOrigin = new URLSearchParams(location.search).get("serviceOrigin");
  const listeners = {};
  const waiting = new Map(); // what was asked and has not been answered, by promise id
  let uniqueID;
  let started = null;
  let ready;
  let count = 100;

  function post(message) {
    parent.postMessage({ type: "SDK.EVENT", appOrigin: encodeURIComponent(location.href), ...message }, parentOrigin);
  }

  function ask(data) {
    if (!uniqueID) throw new Error("Parentwindow reference not found.");
    const promiseid = `Promise${count++}`;
    post({ eventName: "CRM_EVENT", uniqueID, time: Date.now(), promiseid, data: { ...data, sdkVersion: "1.5" } });
    return new Promise((resolve) => waiting.set(promiseid, resolve));
  }

  function hear({ source, origin, data }) {
    if (source !== parent || origin !== parentOrigin || data?.type !== "FRAMEWORK.EVENT") return;
    if (data.eventName === "SET_CONTEXT") {
      uniqueID = data.data.uniqueID;
      ready();
    } else if (data.eventName === "EVENT_RESPONSE") {
      waiting.get(data.promiseid)?.(data.data);
      waiting.delete(data.promiseid);
    } else {
      listeners[data.eventName]?.(data.data);
    }
  }

  const ui = (action, data) => ask({ category: "UI", action, data });
  const config = (type, nameSpace) => ask({ category: "CONFIG", type, nameSpace });
  const openTab = (data) => ui({ webTab: "OPEN" }, data);

  return {
    embeddedApp: {
      // One listener for each event, and only those known before `init` are heard.
      on(event, listener) {
        if (!started) listeners[event] = listener;
      },
      init() {
        started ??= new Promise((resolve) => {
          ready = resolve;
          addEventListener("message", hear);
          if (parentOrigin) post({ eventName: "REGISTER" });
        });
        return started;
      },
    },
    CRM: {
      API: {
        getRecord: (data) => ask({ category: "READ", APIData: data }),
        getOrgVariable: (nameSpace) => config("VARIABLE", nameSpace),
      },
      CONFIG: { getCurrentUser: () => config("CURRENT_USER") },
      CONNECTION: {
        invoke: (connectionName, { url, method, param_type, parameters, headers }) =>
          ask({
            category: "CRM_CONNECTION",
            connectionName,
            data: {
              data: {
                url,
                method,
                param_type,
                parameters: JSON.stringify(parameters),
                headers: JSON.stringify(headers),
              },
            },
          }),
      },
      UI: {
        Resize: ({ width, height }) => ui("RESIZE", { width, height }),
        Record: {
          open: ({ Entity, RecordID, Target }) => ui({ record: "OPEN" }, { Entity, RecordID, target: Target }),
        },
        Widget: { open: openTab },
        WebTab: { open: openTab },
        Dialer: {
          maximize: () => ui({ telephony: "MAXIMIZE" }),
          minimize: () => ui({ telephony: "MINIMIZE" }),
          notify: () => ui({ telephony: "NOTIFY" }),
        },
      },
    },
  };
})();
