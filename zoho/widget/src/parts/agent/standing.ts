// Who is an agent, and how they stand. The PBX does not tell the second, so that what was done here is remembered.

import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { keep, kept } from "../../kept.ts";

export type State = "available" | "break" | "offline";
export interface Standing {
  state: State;
  /** Milliseconds since 1970. */
  since: number;
}

const keyOf = (agent: string) => `santral.agent.${agent}`;

function keptStanding(agent: string): Standing | null {
  try {
    const found = JSON.parse(kept(keyOf(agent)) ?? "null") as Standing | null;
    return found && typeof found.since === "number" ? found : null;
  } catch {
    return null; // not ours
  }
}

/** The user's number as an agent: at first what it was last time, so that the bar stands at once and moves nothing. */
export function useAgent(user: string): [string | null, (agent: string | null) => void] {
  const key = `santral.agent-of.${user}`;
  const [agent, become] = useState(() => kept(key));
  // With what is shown, not after it: whoever sees the bar may be on the next record a moment later.
  useLayoutEffect(() => keep(key, agent), [key, agent]);
  return [agent, become];
}

/** The agent's standing, null while nothing is known of it; other tabs of the browser learn of a change as well. */
export function useStanding(agent: string): [Standing | null, (state: State) => void] {
  const [standing, setStanding] = useState<Standing | null>(() => keptStanding(agent));
  useEffect(() => {
    const hear = ({ key }: StorageEvent) => key === keyOf(agent) && setStanding(keptStanding(agent));
    addEventListener("storage", hear);
    return () => removeEventListener("storage", hear);
  }, [agent]);

  function become(state: State) {
    const next = { state, since: Date.now() };
    setStanding(next);
    keep(keyOf(agent), JSON.stringify(next));
  }
  return [standing, become];
}
