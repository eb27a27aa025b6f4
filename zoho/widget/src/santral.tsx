// What every part works with, from one place, so that tests and both hosts see the same tree.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Api } from "./api/client.ts";
import type { Host } from "./host/host.ts";
import { worded, type FieldsOf, type Language, type Texts } from "./words/language.ts";

export interface Santral {
  host: Host;
  api: Api;
  language: Language;
  /** Chooses the language, and keeps it in this browser. */
  speak(language: Language): void;
}

export const SantralContext = createContext<Santral | null>(null);
export const LanguageContext = createContext<Language>("en");

export function useSantral(): Santral {
  const santral = useContext(SantralContext);
  if (!santral) throw new Error("a part is shown before the widget has started");
  return santral;
}

export type Translate<T extends Texts> = <K extends keyof T>(key: K, ...fields: FieldsOf<T[K]>) => string;

/** A feature's texts in the language shown: `const t = useWords(phoneWords); t("call")`. */
export function useWords<T extends Texts>(texts: T): Translate<T> {
  const language = useContext(LanguageContext);
  return (key, ...fields) => worded(texts[key] as T[typeof key], language, ...fields);
}
