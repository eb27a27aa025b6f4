import { useEffect, useMemo, useRef } from "preact/hooks";

/**
 * Looks at once and then again and again, `every` so many milliseconds after the last answer, but never while the page
 * is hidden: whoever comes back to it gets a look at once. Returns a function that looks now.
 */
export function useRhythm(look: () => Promise<void>, every: number): () => void {
  const latest = useRef({ look, every });
  latest.current = { look, every };

  const rhythm = useMemo(() => {
    let timer: number | undefined;
    let looking = false;
    function rest() {
      clearTimeout(timer);
      timer = setTimeout(now, latest.current.every);
    }
    function now() {
      clearTimeout(timer);
      // Whoever is slow now is not made slower by asking again.
      if (document.hidden || looking) return;
      looking = true;
      void latest.current.look().finally(() => {
        looking = false;
        rest();
      });
    }
    return { now, rest: () => looking || rest(), stop: () => clearTimeout(timer) };
  }, []);

  useEffect(() => {
    rhythm.now();
    document.addEventListener("visibilitychange", rhythm.now);
    return () => {
      document.removeEventListener("visibilitychange", rhythm.now);
      rhythm.stop();
    };
  }, [rhythm]);
  useEffect(() => void rhythm.rest(), [rhythm, every]);
  return rhythm.now;
}
