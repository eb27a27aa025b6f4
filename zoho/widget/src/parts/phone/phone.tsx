// The telephone of the user: their phones, the line, and what can be done to it.

import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Call } from "../../api/client.ts";
import { Refusal } from "../../api/refusal.ts";
import { useLooking } from "../../api/watching.ts";
import { useSantral } from "../../santral.tsx";
import { useAgent } from "../agent/standing.ts";
import {
  advanced,
  callForFreeLine,
  dialled,
  handedOver,
  heard,
  isBusy,
  pickedUp,
  type Line,
  type Phone,
} from "./line.ts";

const BUSY_EVERY_SECONDS = 2;
const IDLE_EVERY_SECONDS = 20;
const EXPECTING_MILLISECONDS = 15_000;

export type Deed = "dial" | "hang_up" | "transfer" | "mute";

/** What came of the last thing the user did: a refusal, or that it was done. */
export interface Told {
  deed: Deed;
  refusal?: Refusal;
  repeated?: boolean;
}

export interface Telephone {
  /** Null until they are known; empty where the user has none. */
  phones: Phone[] | null;
  agent: string | null;
  line: Line | null;
  /** Counts what makes a list of calls old: one has ended, or was given its outcome. */
  changes: number;
  /** Why it is not known what goes on, and at which PBXes alone it is not. */
  blind: Refusal | null;
  unread: string[];
  doing: Deed | null;
  told: Told | null;
  can(deed: Deed): boolean;
  dial(number: string, provider: string): Promise<void>;
  hangUp(): Promise<void>;
  transfer(extension: string): Promise<void>;
  mute(on: boolean): Promise<void>;
  changed(): void;
  close(): void;
  look(): void;
}

const PhoneContext = createContext<Telephone | null>(null);

export function useTelephone(): Telephone {
  const telephone = useContext(PhoneContext);
  if (!telephone) throw new Error("the telephone is used outside of its provider");
  return telephone;
}

export function PhoneProvider({ children }: { children: ComponentChildren }) {
  const { api, host } = useSantral();
  const [phones, setPhones] = useState<Phone[] | null>(null);
  const [agent, setAgent] = useAgent(host.user.email);
  const [changes, setChanges] = useState(0);
  const [blind, setBlind] = useState<Refusal | null>(null);
  const [unread, setUnread] = useState<string[]>([]);
  const [doing, setDoing] = useState<Deed | null>(null);
  const [told, setTold] = useState<Told | null>(null);
  const [expectingUntil, setExpectingUntil] = useState(0);
  const [line, showLine] = useState<Line | null>(null);
  // A look that was under way when the line changed must not bring the old one back.
  const current = useRef<Line | null>(null);
  const busyWith = useRef(false);

  const changed = () => setChanges((count) => count + 1);

  function setLine(next: Line | null) {
    if (isBusy(current.current) && next && !isBusy(next)) changed();
    current.current = next;
    showLine(next);
  }

  async function look() {
    try {
      const own = await api.get("/calls/live", { query: { extension: "me" } });
      setPhones(own.phones ?? []);
      setAgent(own.agent ?? null);
      setBlind(null);
      setUnread(own.unread ?? []);
      if (own.unread?.includes(current.current?.provider ?? "")) await followBlindly();
      else await goOn(own.calls);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      setBlind(refusal);
      await followBlindly();
    }
    setExpectingUntil((until) => (until > Date.now() ? until : 0));
  }

  async function goOn(going: Call[]) {
    const line = current.current;
    if (isBusy(line)) {
      if (line.callId === null) return; // the order is still on its way
      const listed = going.some(({ call_id }) => call_id === line.callId);
      const known = listed ? null : await knownCall(line.callId);
      if (current.current === line) setLine(advanced(line, going, known, Date.now()));
    } else {
      const call = callForFreeLine(line, going);
      if (!call) return;
      setTold(null);
      setLine(pickedUp(call, host.place, Date.now()));
    }
  }

  // What the PBX does not say now, the ledger may know.
  async function followBlindly() {
    const line = current.current;
    if (!isBusy(line) || line.callId === null) return;
    const known = await knownCall(line.callId);
    if (known && current.current === line) setLine(heard(line, known, Date.now()));
  }

  async function knownCall(callId: string): Promise<Call | null> {
    try {
      return await api.get("/calls/{call_id}", { path: { call_id: callId } });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return null; // not heard of yet, or not to be read now: there is no news of it
    }
  }

  const every = isBusy(line) || expectingUntil ? BUSY_EVERY_SECONDS : IDLE_EVERY_SECONDS;
  const lookNow = useLooking(look, every);
  useEffect(lookNow, []);

  /** Carries one thing out, once: nothing else is done meanwhile. */
  async function act(deed: Deed, work: () => Promise<Partial<Told>>) {
    // Two clicks come before the button has been drawn anew.
    if (busyWith.current) return;
    busyWith.current = true;
    setDoing(deed);
    setTold(null);
    try {
      setTold({ deed, ...(await work()) });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      setTold({ deed, refusal });
      if (refusal.mayHaveHappened) setExpectingUntil(Date.now() + EXPECTING_MILLISECONDS);
    } finally {
      busyWith.current = false;
      setDoing(null);
      lookNow();
    }
  }

  // No idempotency key is sent: the API takes the same user, extension and number within 15 s for the same click, also
  // when it comes from another tab. A key of each click's own would make a second ring of it.
  const dial = (number: string, provider: string) =>
    act("dial", async () => {
      const former = current.current?.callId;
      const { place } = host;
      const order = dialled(number, provider, place, Date.now());
      setLine(order);
      const record = place && { module: place.module, id: place.id, name: place.name };
      try {
        const taken = await api.post("/calls", { body: { to: number, provider, wait: false, record } });
        setLine({ ...order, callId: taken.call_id, state: taken.state, heardAt: Date.now() });
        return { repeated: taken.call_id === former };
      } catch (refusal) {
        current.current = null;
        showLine(null);
        throw refusal;
      }
    });

  const control = (deed: Deed, work: (callId: string) => Promise<Partial<Told>>) =>
    act(deed, async () => {
      const callId = current.current?.callId;
      return callId ? work(callId) : {};
    });

  const telephone = useMemo<Telephone>(
    () => ({
      phones,
      agent,
      line,
      changes,
      blind,
      unread,
      doing,
      told,
      can: (deed) => phones?.find(({ provider }) => provider === line?.provider)?.can.includes(deed) ?? false,
      dial,
      hangUp: () =>
        control("hang_up", async (call_id) => {
          await api.post("/calls/{call_id}/hangup", { path: { call_id }, body: {} });
          return {};
        }),
      transfer: (extension) =>
        control("transfer", async (call_id) => {
          const body = { to_extension: extension };
          const done = await api.post("/calls/{call_id}/transfer", { path: { call_id }, body });
          if (current.current?.callId === call_id) setLine(handedOver(current.current, done.to_extension, Date.now()));
          return {};
        }),
      mute: (on) =>
        control("mute", async (call_id) => {
          const done = await api.post("/calls/{call_id}/mute", { path: { call_id }, body: { on } });
          if (current.current?.callId === call_id) setLine({ ...current.current, muted: done.on });
          return {};
        }),
      changed,
      close: () => {
        setTold(null);
        setLine(null);
      },
      look: lookNow,
    }),
    [phones, agent, line, changes, blind, unread, doing, told, api],
  );
  return <PhoneContext.Provider value={telephone}>{children}</PhoneContext.Provider>;
}
