// The page looks every two seconds, but only while it is visible and something goes on.

import { hear, tell } from "/page/elements.js";

const LOOK_EVERY = 2_000;
const LOOK_FIRST_AFTER = 500;

let awakeUntil = 0;
let timer = null;

// Whoever expects news keeps the page looking for some seconds.
export function stayAwake(seconds = 15) {
  awakeUntil = Math.max(awakeUntil, Date.now() + seconds * 1000);
  timer ??= setTimeout(look, LOOK_FIRST_AFTER);
}

// Who looks waits for the last answer first: a system that is slow now is not made slower by asking it again.
export function atEveryLook(act) {
  let asking = null;
  hear("look", () => (asking ??= act().finally(() => (asking = null))));
}

export function startWatching() {
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) stayAwake();
  });
  look();
}

function look() {
  timer = null;
  if (document.hidden) return;
  tell("look");
  if (Date.now() < awakeUntil) timer ??= setTimeout(look, LOOK_EVERY);
}
