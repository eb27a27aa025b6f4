// How the agent stands. The PBX does not tell, so that what was done here is remembered in the browser: the widget is
// loaded anew on every record.

import { useEffect, useState } from "preact/hooks";

export type State = "available" | "break" | "offline";
export interface Standing {
  state: State;
  /** Milliseconds since 1970. */
  since: number;
}

const keyOf = (agent: string) => `santral.agent.${agent}`;

function kept(agent: string): Standing | null {
  try {
    const found = JSON.parse(localStorage.getItem(keyOf(agent)) ?? "null") as Standing | null;
    return found && typeof found.since === "number" ? found : null;
  } catch {
    return null; // forbidden to frames of other sites, or not ours
  }
}

/** The agent's standing, null while nothing is known of it; other tabs of the browser learn of a change as well. */
export function useStanding(agent: string): [Standing | null, (state: State) => void] {
  const [standing, setStanding] = useState<Standing | null>(() => kept(agent));
  useEffect(() => {
    const hear = ({ key }: StorageEvent) => key === keyOf(agent) && setStanding(kept(agent));
    addEventListener("storage", hear);
    return () => removeEventListener("storage", hear);
  }, [agent]);

  function become(state: State) {
    const next = { state, since: Date.now() };
    setStanding(next);
    try {
      localStorage.setItem(keyOf(agent), JSON.stringify(next));
    } catch {
      // likewise: it is then known on this page alone
    }
  }
  return [standing, become];
}
