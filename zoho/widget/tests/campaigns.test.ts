// What is ordered of a campaign, read of what people type, and counted of what contacts answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { counted, type Result } from "../src/parts/campaigns/answers.ts";
import { freshDraft, orderOf, readContacts, type Dialler } from "../src/parts/campaigns/order.ts";
import { worded } from "../src/words/language.ts";
import { campaignWords } from "../src/words/campaigns.ts";
import type { Translate } from "../src/santral.tsx";

const english = ((key: keyof typeof campaignWords, ...fields: never[]) =>
  worded(campaignWords[key], "en", ...fields)) as Translate<typeof campaignWords>;

const DIALLER: Dialler = {
  provider: "verimor",
  queues: [{ queue: "201", name: "Satış" }],
  announcements: [{ id: "128", name: "Hoşgeldiniz" }],
  callerIds: ["902129630131"],
};

test("contacts are read one a line, however their numbers are written", () => {
  const text = "0532 123 45 67, Elif Yılmaz\n\n+90 (542) 111-22-33;Ümit\n0533.444.55.66\tAli Can\n905321112233";
  assert.deepEqual(readContacts(text), {
    contacts: [
      { phone: "0532 123 45 67", name: "Elif Yılmaz" },
      { phone: "+90 (542) 111-22-33", name: "Ümit" },
      { phone: "0533.444.55.66", name: "Ali Can" },
      { phone: "905321112233", name: "" },
    ],
    unread: null,
  });
});

test("a line without a number is named, and nobody is left out in silence", () => {
  assert.deepEqual(readContacts("05321234567\nElif, 05331112233").unread, { line: 2, text: "Elif, 05331112233" });
});

test("each dialler is asked only for what it knows", () => {
  const contacts = [{ phone: "05321234567", name: "Elif" }];
  const menu = orderOf(freshDraft(DIALLER, "ivr", ""), contacts);
  assert.deepEqual(
    { ...menu, start_date: "", end_date: "" },
    {
      name: "",
      provider: "verimor",
      kind: "ivr",
      start_date: "",
      end_date: "",
      start_time: "09:00",
      end_time: "18:00",
      retries: 1,
      caller_id: "902129630131",
      contacts: [{ phone: "05321234567", name: null, surname: null, phrase: null, lang: null }],
      announcement_id: "128",
      targets: { 1: "hangup/hangup", 2: "hangup/hangup" },
    },
  );
  const queue = orderOf(freshDraft(DIALLER, "queue", ""), contacts);
  assert.ok("agents_multiplier" in queue && !("targets" in queue));
  const kobikom = orderOf(freshDraft({ ...DIALLER, provider: "kobikom" }, "queue", ""), contacts);
  assert.ok(!("caller_id" in kobikom) && !("agents_multiplier" in kobikom));
  assert.equal(kobikom.contacts[0]?.name, "Elif");
});

test("answers are counted by key, then by how many gave them", () => {
  const result = (changes: Partial<Result>) => ({ disposition: "answered", ...changes }) as Result;
  const results = [
    result({ disposition: "busy" }),
    result({ digit: "2" }),
    result({ digit: "1" }),
    result({ digit: "1" }),
    result({ digit: "9", reason: "invalid_digit" }),
    result({ reason: "no_digit" }),
    result({ disposition: "busy" }),
    result({ digit: "star" }),
  ];
  assert.deepEqual(
    counted(results, english).map(({ answer, count, share }) => [answer, count, share]),
    [
      ["Pressed 1", 2, 25],
      ["Pressed 2", 1, 13],
      ["Pressed *", 1, 13],
      ["Busy", 2, 25],
      ["Pressed a wrong key: 9", 1, 13],
      ["Pressed nothing", 1, 13],
    ],
  );
});
