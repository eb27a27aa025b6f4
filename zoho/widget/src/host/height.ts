import { useEffect } from "preact/hooks";
import type { Host } from "./host.ts";

const LEAST = 360;
const MOST = 900;

/** Asks the host for as much height as the content takes, within reason: more scrolls inside the frame. */
export function useFittingHeight(host: Host): void {
  useEffect(() => {
    let asked = 0;
    const observer = new ResizeObserver(([entry]) => {
      const height = Math.min(MOST, Math.max(LEAST, Math.ceil(entry?.contentRect.height ?? 0)));
      if (height === asked) return;
      asked = height;
      host.resize(height);
    });
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [host]);
}
