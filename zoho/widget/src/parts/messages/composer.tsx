// The box to write in, with a file beside it.

import { useId, useRef, useState } from "preact/hooks";
import { useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { messageWords } from "../../words/messages.ts";
import type { Sending } from "./sending.ts";

const LONGEST_TEXT = 1000;
const NEAR_THE_END = 200;

export function Composer({ sending }: { sending: Sending }) {
  const t = useWords(messageWords);
  const [text, setText] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const hints = useId();
  // The API counts characters, JavaScript halves of some.
  const left = LONGEST_TEXT - [...text.trim()].length;
  const canSend = left >= 0 && (text.trim() !== "" || file !== null);

  async function send() {
    box.current?.focus();
    if (!canSend) return;
    const written = text.trim();
    setText("");
    setFile(null);
    if (file && !(await sending.sendFile(file))) {
      setFile((chosen) => chosen ?? file);
      setText((typed) => typed || written);
    } else if (written && !(await sending.sendText(written))) {
      setText((typed) => typed || written);
    }
  }

  function choose(files: FileList | null | undefined) {
    if (files?.[0]) setFile(files[0]);
    // The same file, chosen again, must be a choice again.
    if (picker.current) picker.current.value = "";
    box.current?.focus();
  }

  function whenKeyPressed(event: KeyboardEvent) {
    // Enter also ends a character that is being put together.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void send();
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {file && <Attached file={file} onRemove={() => (setFile(null), box.current?.focus())} />}
      <div class="writing">
        <textarea
          ref={box}
          rows={2}
          value={text}
          aria-label={t("message")}
          aria-describedby={hints}
          aria-invalid={left < 0}
          placeholder={t("write")}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={whenKeyPressed}
          onPaste={(event) => event.clipboardData?.files.length && choose(event.clipboardData.files)}
        />
        <input type="file" hidden ref={picker} onChange={() => choose(picker.current?.files)} />
        <Button kind="plain" aria-label={t("attach")} title={t("attach")} onPress={() => picker.current?.click()}>
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path
              d="M13.5 7.5l-5.4 5.4a3.4 3.4 0 0 1-4.8-4.8l5.8-5.8a2.3 2.3 0 0 1 3.2 3.2l-5.7 5.7a1.1 1.1 0 0 1-1.6-1.6l5-5"
              fill="none"
              stroke="currentColor"
              stroke-width="1.4"
              stroke-linecap="round"
            />
          </svg>
        </Button>
        <Button type="submit" kind="primary" unavailable={!canSend}>
          {t("send")}
        </Button>
      </div>
      <p id={hints} class={left < 0 ? "hint bad" : "hint"}>
        {left < 0
          ? t("tooLong", { count: -left, most: LONGEST_TEXT })
          : left < NEAR_THE_END
            ? t("left", { count: left })
            : t("keys")}
      </p>
    </form>
  );
}

function Attached({ file, onRemove }: { file: File; onRemove(): void }) {
  const t = useWords(messageWords);
  return (
    <p class="attached">
      <span class="name">{file.name}</span>
      <span class="quiet-text">{sizeOf(file)}</span>
      <Button kind="quiet" aria-label={t("detach", { name: file.name })} onPress={onRemove}>
        ✕
      </Button>
    </p>
  );
}

const sizeOf = ({ size }: File): string =>
  size < 1_000_000 ? `${Math.max(1, Math.round(size / 1000))} kB` : `${(size / 1_000_000).toFixed(1)} MB`;
