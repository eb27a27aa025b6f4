// Looking again and again, but only while somebody can see it.

import { useEffect, useMemo, useRef } from "preact/hooks";

/**
 * Runs `look` every so many seconds while the page is visible; null never. Whoever comes back to the page, or from null,
 * gets a look at once. The next turn waits for the answer of this one: who is slow now is not made slower by asking again.
 * Returns a function that looks now.
 */
export function useLooking(look: () => Promise<void>, seconds: number | null): () => void {
  const latest = useRef({ look, seconds });
  latest.current = { look, seconds };

  const turns = useMemo(() => {
    let timer = 0;
    let isLooking = false;
    let isGone = false;
    function later() {
      clearTimeout(timer);
      const wait = latest.current.seconds;
      if (wait !== null && !isLooking && !isGone) timer = window.setTimeout(now, wait * 1000);
    }
    function now() {
      clearTimeout(timer);
      if (isLooking || document.hidden) return;
      isLooking = true;
      void latest.current.look().finally(() => {
        isLooking = false;
        later();
      });
    }
    function end() {
      isGone = true;
      clearTimeout(timer);
    }
    return { later, now, end, whenShown: () => latest.current.seconds !== null && now() };
  }, []);

  useEffect(() => {
    document.addEventListener("visibilitychange", turns.whenShown);
    return () => {
      document.removeEventListener("visibilitychange", turns.whenShown);
      turns.end();
    };
  }, [turns]);

  const isUsed = useRef(false);
  const hasRested = useRef(false);
  useEffect(() => {
    if (hasRested.current && seconds !== null) turns.now();
    else turns.later();
    isUsed.current ||= seconds !== null;
    hasRested.current = isUsed.current && seconds === null;
  }, [turns, seconds]);
  return turns.now;
}
