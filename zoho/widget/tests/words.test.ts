// Every text has the same fields in each language; that it has each language at all is the compiler's to say.

import assert from "node:assert/strict";
import { test } from "node:test";
import { languageOf, LANGUAGES, worded, type Texts } from "../src/words/language.ts";
import { duration } from "../src/words/time.ts";
import * as agent from "../src/words/agent.ts";
import * as campaigns from "../src/words/campaigns.ts";
import * as history from "../src/words/history.ts";
import * as messages from "../src/words/messages.ts";
import * as outcomes from "../src/words/outcomes.ts";
import * as phone from "../src/words/phone.ts";
import * as refusals from "../src/words/refusals.ts";
import * as settings from "../src/words/settings.ts";
import * as widget from "../src/words/widget.ts";

const FEATURES = { agent, campaigns, history, messages, outcomes, phone, refusals, settings, widget };
const isTexts = (it: unknown): it is Texts =>
  typeof it === "object" && it !== null && Object.values(it).every((text) => typeof text?.en === "string");
const fieldsOf = (sentence: string) => [...sentence.matchAll(/\{\w+\}/g)].map(String).sort();

for (const [feature, file] of Object.entries(FEATURES))
  test(`the texts of ${feature} name the same fields in each language`, () => {
    for (const [key, text] of Object.values(file)
      .filter(isTexts)
      .flatMap((texts) => Object.entries(texts)))
      for (const language of LANGUAGES) {
        assert.ok(text[language].trim(), `${key} is empty in ${language}`);
        assert.deepEqual(fieldsOf(text[language]), fieldsOf(text.en), `${key} in ${language}`);
      }
  });

test("fields are filled in, a number nought as well", () => {
  const text = { tr: "{count} arama", az: "{count} zəng", en: "{count} calls" } as const;
  assert.equal(worded(text, "tr", { count: 0 }), "0 arama");
});

test("a locale is one of ours by its first part", () => {
  assert.deepEqual(["tr_TR", "az-Latn-AZ", "en_US", "de", ""].map(languageOf), ["tr", "az", "en", null, null]);
});

test("durations are read like a clock", () => {
  assert.deepEqual([0, 42.9, 725, 3723].map(duration), ["0:00", "0:42", "12:05", "1:02:03"]);
});
