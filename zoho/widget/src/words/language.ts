// Three languages. Each feature's texts stand in one file, the three side by side: one that lacks a language does not
// compile, nor does a text that is given other fields than it names.

import { keep, kept } from "../kept.ts";

export type Language = "tr" | "az" | "en";
export const LANGUAGES: readonly Language[] = ["tr", "az", "en"];

const KEPT_AS = "santral.language";

/** One text, e.g. `{ tr: "Saat {time}", az: "Saat {time}", en: "At {time}" }`. */
export type Text = Readonly<Record<Language, string>>;
export type Texts = Readonly<Record<string, Text>>;
type FieldsIn<Sentence> = Sentence extends `${string}{${infer Field}}${infer Rest}` ? Field | FieldsIn<Rest> : never;
export type FieldsOf<T extends Text> = [FieldsIn<T["en"]>] extends [never]
  ? []
  : [fields: Record<FieldsIn<T["en"]>, string | number>];

export const words = <const Some extends Texts>(texts: Some): Some => texts;

export function worded<T extends Text>(text: T, language: Language, ...[fields]: FieldsOf<T>): string {
  const given: Record<string, string | number> = fields ?? {};
  return text[language].replace(/\{(\w+)\}/g, (whole, field: string) => String(given[field] ?? whole));
}

/** The language a locale is in, e.g. of "tr_TR" or "az-Latn-AZ"; null where it is none of ours. */
export function languageOf(locale: string | null | undefined): Language | null {
  const primary = locale?.toLowerCase().split(/[-_]/)[0];
  return LANGUAGES.find((language) => language === primary) ?? null;
}

/** What the user chose in this browser, else the browser's own language, else English. */
export const chosenLanguage = (): Language => keptLanguage() ?? languageOf(navigator.language) ?? "en";

export const keptLanguage = (): Language | null => languageOf(kept(KEPT_AS));
export const keepLanguage = (language: Language): void => keep(KEPT_AS, language);
