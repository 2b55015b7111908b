import { hashText } from '@proxycast/conversion';

/** In front of ids made here for calls that came without one. They go to no client and no upstream of this dialect. */
const MADE_UP_PREFIX = 'gcall_';
const HASH_LENGTH = 18;

/** An id for a call that came without: the same for the same place, so that a history is the same in every turn. */
export const makeCallId = (place: string, name: string): string =>
  MADE_UP_PREFIX + hashText(`${place}\n${name}`, HASH_LENGTH);

export const isMadeUpCallId = (id: string): boolean => id.startsWith(MADE_UP_PREFIX);

interface SeenCall {
  readonly callId: string;
  readonly name: string;
  readonly hasOwnId: boolean;
}

/**
 * Links the calls and results of a history. Without ids they are linked as the API does it: a result answers the first
 * open call of its name in the turn before it.
 */
export class CallLedger {
  #count = 0;
  #orphans = 0;
  readonly #ids = new Set<string>();
  /** Calls of the turn before that have no result yet. */
  #open: SeenCall[] = [];
  #isAnswering = false;

  /** The id of a call. */
  call(id: unknown, name: string): string {
    if (this.#isAnswering) this.#open = [];
    this.#isAnswering = false;
    const hasOwnId = typeof id === 'string' && id !== '';
    const callId = hasOwnId ? id : makeCallId(String(this.#count), name);
    this.#count++;
    this.#ids.add(callId);
    this.#open.push({ callId, name, hasOwnId });
    return callId;
  }

  /** The id of the call a result belongs to. */
  result(id: unknown, name: string): string {
    this.#isAnswering = true;
    if (typeof id === 'string' && id !== '' && this.#ids.has(id)) {
      this.#open = this.#open.filter(({ callId }) => callId !== id);
      return id;
    }
    const hasId = typeof id === 'string' && id !== '';
    const candidates = hasId ? this.#open.filter(({ hasOwnId }) => !hasOwnId) : this.#open;
    const answered = candidates.find((call) => call.name === name) ?? (hasId ? undefined : candidates[0]);
    if (answered !== undefined) {
      this.#open = this.#open.filter((call) => call !== answered);
      return answered.callId;
    }
    return hasId ? id : makeCallId(`result ${this.#orphans++}`, name);
  }

  /** Something else was said: the next call begins a new group. */
  endGroup(): void {
    this.#isAnswering = true;
  }
}
