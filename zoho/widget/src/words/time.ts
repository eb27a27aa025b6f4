// Dates and durations as the language writes them, in the browser's time zone.

import type { Language } from "./language.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, options)));
  return made;
}

/** "14:05" */
export const clockTime = (at: string | number | Date, language: Language): string =>
  format(language, { hour: "2-digit", minute: "2-digit" }).format(new Date(at));

// Chromium carries no Azerbaijani and writes "M11 22".
const AZERBAIJANI_MONTHS = ["yan", "fev", "mar", "apr", "may", "iyn", "iyl", "avq", "sen", "okt", "noy", "dek"];

/** "22 Nov" of this year, "22 Nov 2025" of another. */
export function day(at: string | number | Date, language: Language): string {
  const date = new Date(at);
  const isThisYear = date.getFullYear() === new Date().getFullYear();
  if (language === "az") {
    const written = `${date.getDate()} ${AZERBAIJANI_MONTHS[date.getMonth()]}`;
    return isThisYear ? written : `${written} ${date.getFullYear()}`;
  }
  const year = isThisYear ? undefined : "numeric";
  return format(language, { day: "numeric", month: "short", year }).format(date);
}

/** "22 Nov, 14:05" */
export const moment = (at: string | number | Date, language: Language): string =>
  `${day(at, language)}, ${clockTime(at, language)}`;

/** "0:42", "12:05", "1:02:03" */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (part: number) => String(part).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
