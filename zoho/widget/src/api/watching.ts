// Looking again and again, but only while somebody can see it.

import { useEffect, useRef } from "preact/hooks";

/**
 * Runs `look` every so many seconds while the page is visible; null never. Whoever comes back gets a look at once. The
 * next turn waits for the answer of this one, so that slow answers never pile up.
 */
export function useLooking(look: () => Promise<void>, seconds: number | null): void {
  const latest = useRef(look);
  latest.current = look;
  const isUsed = useRef(false);
  const hasRested = useRef(false);
  useEffect(() => {
    if (seconds === null) {
      hasRested.current = isUsed.current;
      return;
    }
    isUsed.current = true;
    let stopped = false;
    let isLooking = false;
    let timer = 0;
    const later = () => {
      clearTimeout(timer);
      if (!stopped && !document.hidden) timer = window.setTimeout(turn, seconds * 1000);
    };
    async function turn() {
      if (isLooking) return;
      isLooking = true;
      await latest.current();
      isLooking = false;
      later();
    }
    const whenShown = () => (document.hidden ? clearTimeout(timer) : void turn());
    document.addEventListener("visibilitychange", whenShown);
    if (hasRested.current) void turn();
    else later();
    hasRested.current = false;
    return () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", whenShown);
    };
  }, [seconds]);
}
