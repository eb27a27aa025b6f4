// The rules of the line: whose call takes it, how it goes on, and when it is over.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call } from "../src/api/client.ts";
import {
  advanced,
  callForFreeLine,
  dialled,
  handedOver,
  isBusy,
  PATIENCE,
  pickedUp,
  sameNumber,
  secondsOf,
} from "../src/parts/phone/line.ts";

const NOW = Date.parse("2026-11-22T10:00:00Z");
const PLACE = { module: "Contacts", id: "1", name: "Elif Yılmaz", numbers: ["0532 123 45 67"] } as const;

const call = (changes: Partial<Call> = {}): Call => ({
  call_id: "kobikom:live-1",
  provider: "kobikom",
  direction: "outbound",
  state: "ringing",
  disposition: "unknown",
  from: "101",
  to: "+905321234567",
  extension: "101",
  recording: "none",
  ...changes,
});
const ordered = () => ({
  ...dialled("0532 123 45 67", "kobikom", { ...PLACE, numbers: [...PLACE.numbers] }, NOW),
  callId: "kobikom:dial-1",
});

test("one number is the same however it is written, and a short one is nobody's", () => {
  assert.ok(sameNumber("+90 532 123 45 67", "05321234567"));
  assert.ok(!sameNumber("05321234567", "05321234568"));
  assert.ok(!sameNumber("12", "12"));
  assert.ok(!sameNumber(null, ""));
});

test("a call whose id changes is still the same call", () => {
  const line = advanced(ordered(), [call()], null, NOW);
  assert.equal(line?.state, "ringing");
  assert.equal(line?.callId, "kobikom:live-1");
  assert.equal(line?.name, "Elif Yılmaz");
});

test("a call that is listed no more is over, but not for one look that missed it", () => {
  const seen = advanced(ordered(), [call({ state: "answered" })], null, NOW)!;
  const once = advanced(seen, [], null, NOW + 2000)!;
  assert.ok(isBusy(once));
  assert.ok(isBusy(advanced(once, [call({ state: "answered" })], null, NOW + 3000)));
  const twice = advanced(once, [], null, NOW + 4000)!;
  assert.deepEqual([twice.state, twice.disposition], ["ended", null]);
});

test("a call that ended is told by the ledger with how it ended", () => {
  const known = call({ call_id: "kobikom:dial-1", state: "ended", disposition: "busy" });
  const line = advanced(ordered(), [], known, NOW)!;
  assert.deepEqual([line.state, line.disposition, isBusy(line)], ["ended", "busy", false]);
});

test("a call of which nothing is heard is given up after a while, and found again when it is listed", () => {
  assert.ok(isBusy(advanced(ordered(), [], null, NOW + PATIENCE)));
  const line = advanced(ordered(), [], null, NOW + PATIENCE + 1)!;
  assert.ok(line.lost && !isBusy(line));
  assert.equal(callForFreeLine(line, [call({ call_id: "kobikom:dial-1" })])?.call_id, "kobikom:dial-1");
});

test("a free line is taken by what rings here, then by what is talked on, then by what may be a colleague's", () => {
  const shared = call({ call_id: "v:1", direction: "inbound", extension: null });
  const talked = call({ call_id: "v:2", state: "answered" });
  const rings = call({ call_id: "v:3", direction: "inbound" });
  assert.equal(callForFreeLine(null, [shared, talked, rings]), rings);
  assert.equal(callForFreeLine(null, [shared, talked]), talked);
  assert.equal(callForFreeLine(null, [shared]), shared);
});

test("a call that is over does not come back, but the same customer may call again", () => {
  const over = handedOver(pickedUp(call(), null, NOW), "102", NOW);
  assert.equal(callForFreeLine(over, [call()]), null);
  assert.ok(callForFreeLine(over, [call({ call_id: "kobikom:live-2" })]));
});

test("what rang for everybody is forgotten when a colleague takes it", () => {
  const line = pickedUp(call({ direction: "inbound", extension: null, from: "+905551112233" }), null, NOW);
  assert.ok(line.shared);
  assert.equal(advanced(line, [], null, NOW), null);
});

test("seconds are of talking once there was any, else of ringing, and stand still at the end", () => {
  const rings = pickedUp(call({ started_at: "2026-11-22T09:59:50Z" }), null, NOW);
  assert.equal(secondsOf(rings, NOW), 10);
  const talks = advanced(rings, [call({ state: "answered", answered_at: "2026-11-22T09:59:57Z" })], null, NOW)!;
  assert.equal(secondsOf(talks, NOW), 3);
  const known = call({ state: "ended", disposition: "answered", talk_seconds: 42 });
  assert.equal(secondsOf(advanced(talks, [], known, NOW)!, NOW + 99_000), 42);
  const missed = advanced(rings, [], call({ state: "ended", disposition: "no_answer" }), NOW)!;
  assert.equal(secondsOf(missed, NOW + 5000), null);
});
