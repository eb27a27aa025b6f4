// What a part asks for when it is shown, and how far that has come.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Refusal } from "./refusal.ts";

export interface Loaded<Value> {
  state: "loading" | "ready" | "failed";
  /** What was read last; it stays while it is read again. */
  value: Value | null;
  refusal: Refusal | null;
  again(): void;
}

/** Loads when the component is first shown and whenever `deps` change. The newest answer wins, not the last to come. */
export function useLoaded<Value>(load: () => Promise<Value>, deps: unknown[]): Loaded<Value> {
  const [seen, see] = useState<Omit<Loaded<Value>, "again">>({ state: "loading", value: null, refusal: null });
  const newest = useRef(0);
  const again = useCallback(() => {
    const asking = ++newest.current;
    const ifNewest = (next: Parameters<typeof see>[0]) => asking === newest.current && see(next);
    see((before) => ({ ...before, state: before.value === null ? "loading" : before.state }));
    load().then(
      (value) => ifNewest({ state: "ready", value, refusal: null }),
      (refusal: unknown) => {
        if (!(refusal instanceof Refusal)) throw refusal;
        ifNewest((before) => ({ state: "failed", value: before.value, refusal }));
      },
    );
  }, deps);
  useEffect(() => {
    see((before) => (before.value === null ? before : { state: "loading", value: null, refusal: null }));
    again();
    return () => void newest.current++;
  }, [again]);
  return { ...seen, again };
}

/** Loads anew when a part is shown again that was hidden behind another tab. */
export function useAgainWhenShown(shown: boolean, again: () => void): void {
  const before = useRef(shown);
  useEffect(() => {
    if (shown && !before.current) again();
    before.current = shown;
  }, [shown, again]);
}
