// A request that was not carried out, or of which nobody knows, as a sentence for the person.

import { worded, type Language } from "../words/language.ts";
import { refusalWords } from "../words/refusals.ts";
import { ConnectionMissing, type Told } from "../host/host.ts";

// Refusals that leave open whether it happened; so does an answer that never came.
const UNCERTAIN = ["outcome_unknown", "in_progress", "internal_error", "conflict"];

export interface WrongField {
  field: string;
  message: string;
}

export class Refusal extends Error {
  constructor(
    sentence: string,
    readonly status: number,
    readonly code: string,
    readonly retryAfter: number | null = null,
    readonly mayHaveHappened = false,
    readonly fields: WrongField[] = [],
  ) {
    super(sentence);
  }
}

interface Problem {
  code: string;
  detail: string;
  errors?: WrongField[];
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === "object" && body !== null && "code" in body && "detail" in body;

/** Makes a refusal of an answer that is none of 2xx: the API's own sentence, or one of ours for the gateway's. */
export function refusalIn({ status, body, retryAfter }: Told, language: Language): Refusal {
  if (isProblem(body)) {
    const fields = body.errors ?? [];
    const sentence = [body.detail, ...fields.map(({ field, message }) => `${nameOf(field, language)} ${message}`)].join(
      " ",
    );
    return new Refusal(sentence, status, body.code, retryAfter, UNCERTAIN.includes(body.code), fields);
  }
  const known = status in GATEWAY ? GATEWAY[status as keyof typeof GATEWAY] : refusalWords.answeredWithError;
  return new Refusal(worded(known, language), status, "", retryAfter, status >= 500);
}

/** Makes a refusal of a request to which no answer came. */
export function refusalWithout(cause: unknown, language: Language): Refusal {
  if (cause instanceof ConnectionMissing)
    return new Refusal(worded(refusalWords.noConnection, language), 403, "no_connection");
  return new Refusal(worded(refusalWords.unreachable, language), 0, "", null, true);
}

const GATEWAY = {
  401: refusalWords.signedOut,
  403: refusalWords.notAllowed,
  404: refusalWords.unknownAction,
  413: refusalWords.tooLarge,
  429: refusalWords.tooMuch,
  503: refusalWords.noAnswerInTime,
};

const FIELDS = {
  to: refusalWords.fieldTo,
  phone: refusalWords.fieldTo,
  text: refusalWords.fieldText,
  extension: refusalWords.fieldExtension,
  to_extension: refusalWords.fieldExtension,
  name: refusalWords.fieldName,
  note: refusalWords.fieldNote,
};

const nameOf = (field: string, language: Language): string =>
  field in FIELDS ? worded(FIELDS[field as keyof typeof FIELDS], language) : `“${field}”`;
