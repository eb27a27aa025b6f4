// A call's recording, fetched and played where the call is listed.

import { api, Refusal } from "/page/asking.js";
import { button, element, pause } from "/page/elements.js";
import { RECORDINGS } from "/page/words.js";

const PATIENCE = 60_000;

export function offerRecording(row, call) {
  const wasThere = ["pending", "ready"].includes(row.recording);
  row.recording = call.recording;
  if (["pending", "ready"].includes(call.recording)) {
    if (!wasThere) row.sound.replaceChildren(playButton(row, call.call_id));
  } else {
    row.sound.replaceChildren(RECORDINGS[call.recording] ?? "");
  }
}

const playButton = (row, callId) => button("▶ Play the recording", () => play(row, callId));

async function play(row, callId) {
  const told = element("p", { className: "quiet", role: "status" }, "Fetching the recording…");
  row.sound.replaceChildren(told);
  try {
    const giveUpAt = Date.now() + PATIENCE;
    let answer = await api("GET", `/calls/${callId}/recording`);
    while (answer.status === 202 && Date.now() < giveUpAt) {
      told.textContent = "The recording is still being fetched…";
      await pause((answer.retryAfter || 5) * 1000);
      answer = await api("GET", `/calls/${callId}/recording`);
    }
    if (answer.status === 202) throw new Refusal("The recording is not there yet. Please try again later.");
    showPlayer(row, callId, answer.content.url);
  } catch (refusal) {
    row.sound.replaceChildren(element("p", { role: "alert" }, refusal.message));
    if (![404, 410].includes(refusal.status)) row.sound.append(playButton(row, callId));
  }
}

function showPlayer(row, callId, url) {
  const player = element("audio", { controls: true, src: url, "aria-label": "Recording of the call" });
  player.addEventListener("error", () => {
    const sentence = "The recording could not be played. Its link may have expired.";
    row.sound.replaceChildren(element("p", { role: "alert" }, sentence), playButton(row, callId));
  });
  row.sound.replaceChildren(player);
  player.focus();
  player.play().catch(() => {}); // the browser may want another click; the player is there for it
}
