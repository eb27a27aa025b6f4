// How a call turned out, as its agent says: one of the company's results, and a note. Saved once.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Call, Schemas } from "../../api/client.ts";
import { useLoaded } from "../../api/loading.ts";
import { Refusal } from "../../api/refusal.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Failed } from "../../ui/failed.tsx";
import { Field } from "../../ui/field.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Notice } from "../../ui/notice.tsx";
import { outcomeWords } from "../../words/outcomes.ts";
import { below, treeOf, type Outcome } from "./tree.ts";
import "./outcomes.css";

type Said = Pick<Schemas["Saved"], "outcome" | "note">;

const LONGEST_NOTE = 2000;

/** What has been said of a call, and a form to say it. Calls among colleagues and those that go on get none. */
export function OutcomeForm({ call, onSaved }: { call: Call; onSaved(): void }) {
  const t = useWords(outcomeWords);
  const [justSaid, setJustSaid] = useState<Said | null>(null);
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLDivElement>(null);
  const said = justSaid ?? (call.outcome ? { outcome: call.outcome, note: call.note ?? null } : null);
  if (!said && (call.state !== "ended" || call.direction === "internal")) return null;

  function close() {
    setOpen(false);
    // The form and the keyboard's place in it are gone.
    setTimeout(() => opener.current?.querySelector("button")?.focus());
  }
  return (
    <div class="outcome" ref={opener}>
      {said && (
        <p role="status">
          {t("saved", { outcome: said.outcome })}
          {said.note && <span class="quiet-text"> · {said.note}</span>}
        </p>
      )}
      {isOpen ? (
        <Form
          callId={call.call_id}
          onCancel={close}
          onSaved={(saved) => {
            setJustSaid(saved);
            close();
            onSaved();
          }}
        />
      ) : (
        <Button kind="quiet" onPress={() => setOpen(true)}>
          {said ? t("change") : t("open")}
        </Button>
      )}
    </div>
  );
}

function Form(props: { callId: string; onSaved(saved: Said): void; onCancel(): void }) {
  const { api } = useSantral();
  const t = useWords(outcomeWords);
  const tree = useLoaded(() => treeOf(api), [api]);
  if (tree.state === "loading") return <Loading rows={2} />;
  if (!tree.value) return <Failed loaded={tree} />;
  if (!tree.value.length) return <Empty>{t("none")}</Empty>;
  return <Choices {...props} tree={tree.value} />;
}

interface ChoicesProps {
  callId: string;
  tree: Outcome[];
  onSaved(saved: Said): void;
  onCancel(): void;
}

function Choices({ callId, tree, onSaved, onCancel }: ChoicesProps) {
  const { api } = useSantral();
  const t = useWords(outcomeWords);
  const [result, setResult] = useState("");
  const [detail, setDetail] = useState("");
  const [note, setNote] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [told, tell] = useState("");
  const first = useRef<HTMLSelectElement>(null);
  useEffect(() => first.current?.focus(), []);
  const details = below(tree.find(({ id }) => String(id) === result));

  async function save(event: Event) {
    event.preventDefault();
    if (isBusy) return;
    if (!result) {
      tell(t("needed"));
      first.current?.focus();
      return;
    }
    setBusy(true);
    tell("");
    const body = {
      result_id: Number(result),
      child_result_id: detail ? Number(detail) : null,
      note: note.trim() || null,
    };
    try {
      onSaved(await api.post("/calls/{call_id}/outcome", { path: { call_id: callId }, body }));
    } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      tell(problem.mayHaveHappened ? `${problem.message} ${t("mayBeSaved")}` : problem.message);
      setBusy(false);
    }
  }

  return (
    <form class="stack outcome-form" aria-label={t("title")} onSubmit={(event) => void save(event)}>
      <div class="pair">
        <Field label={t("result")}>
          <select
            ref={first}
            value={result}
            onChange={(event) => {
              tell("");
              setResult(event.currentTarget.value);
              setDetail("");
            }}
          >
            <option value="">{t("choose")}</option>
            {tree.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </Field>
        {details.length > 0 && (
          <Field label={t("detail")}>
            <select value={detail} onChange={(event) => setDetail(event.currentTarget.value)}>
              <option value="">{t("noDetail")}</option>
              {details.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </Field>
        )}
      </div>
      <Field label={t("note")}>
        <textarea
          rows={2}
          maxLength={LONGEST_NOTE}
          value={note}
          onInput={(event) => setNote(event.currentTarget.value)}
        />
      </Field>
      {told && <Notice kind="failed">{told}</Notice>}
      <div class="row">
        <Button type="submit" kind="primary" unavailable={isBusy}>
          {isBusy ? t("saving") : t("save")}
        </Button>
        <Button onPress={onCancel}>{t("cancel")}</Button>
      </div>
    </form>
  );
}
