import type { BlockId, StreamEvent } from '@proxycast/spec';

/** A block that has begun and not been let through yet. What is held is a part of one answer, and no larger than it. */
interface HeldBlock {
  readonly id: BlockId;
  readonly choice: number;
  readonly events: StreamEvent[];
  isEnded: boolean;
}

/** The end of a choice some of whose blocks are still held. */
interface HeldEnd {
  readonly end: StreamEvent;
}

/**
 * Events in which blocks do not overlap and their ids are contiguous: a block that begins inside another waits until that
 * one has ended. What belongs to no block passes at once. One for each stream; the same array where nothing had to wait.
 */
export function createBlockSerialiser(): (events: readonly StreamEvent[]) => readonly StreamEvent[] {
  const serialiser = new BlockSerialiser();
  return (events) => serialiser.push(events);
}

class BlockSerialiser {
  /** The block that is being let through, as it came and as it goes out; -1 when there is none. */
  #openId = -1;
  #outId = -1;
  #openChoice = 0;
  /** It has come whole: whatever follows it, it has ended. */
  #isWhole = false;
  #nextId = 0;
  #held: (HeldBlock | HeldEnd)[] = [];
  #out: StreamEvent[] | undefined;

  push(events: readonly StreamEvent[]): readonly StreamEvent[] {
    this.#out = undefined;
    for (let index = 0; index < events.length; index++) {
      const event = events[index];
      if (event === undefined) continue;
      if (this.#passes(event)) {
        this.#out?.push(event);
        continue;
      }
      this.#out ??= events.slice(0, index);
      this.#handle(event, this.#out);
    }
    return this.#out ?? events;
  }

  /** Whether the event goes out as it is; notes what it begins or ends. */
  #passes(event: StreamEvent): boolean {
    switch (event.type) {
      case 'message-start':
      case 'usage':
      case 'ping':
      case 'extension':
        return true;
      case 'message-end':
        return this.#held.length === 0 && (this.#openId < 0 || this.#openChoice !== (event.choice ?? 0));
      case 'error':
        return this.#held.length === 0 && this.#openId < 0;
      case 'text-delta':
      case 'refusal-delta':
      case 'thinking-delta':
      case 'tool-input-delta':
      case 'server-tool-input-delta':
      case 'audio-delta':
      case 'citation':
      case 'signature':
        return event.block === this.#openId && event.block === this.#outId;
      case 'block-end':
        if (event.block !== this.#openId || event.block !== this.#outId || this.#held.length > 0) return false;
        this.#openId = -1;
        return true;
      default:
        if (this.#openId >= 0 || event.block !== this.#nextId) return false;
        this.#begin(event.block, event.choice, isWholeBlock(event));
        return true;
    }
  }

  #handle(event: StreamEvent, out: StreamEvent[]): void {
    switch (event.type) {
      case 'message-start':
      case 'usage':
      case 'ping':
      case 'extension':
        out.push(event);
        return;
      case 'message-end':
        this.#endChoice(event, event.choice ?? 0, out);
        return;
      case 'error':
        this.#flush(out);
        out.push(event);
        return;
      case 'text-delta':
      case 'refusal-delta':
      case 'thinking-delta':
      case 'tool-input-delta':
      case 'server-tool-input-delta':
      case 'audio-delta':
      case 'citation':
      case 'signature':
        if (event.block === this.#openId) out.push({ ...event, block: this.#outId });
        else this.#heldBlock(event.block)?.events.push(event);
        return;
      case 'block-end': {
        if (event.block === this.#openId) {
          out.push(event.block === this.#outId ? event : { ...event, block: this.#outId });
          this.#openId = -1;
          this.#release(out);
          return;
        }
        const held = this.#heldBlock(event.block);
        if (held === undefined) return;
        held.events.push(event);
        held.isEnded = true;
        return;
      }
      default: {
        if (this.#openId >= 0 && this.#isWhole) this.#endOpen(out);
        this.#held.push({ id: event.block, choice: event.choice ?? 0, events: [event], isEnded: false });
        if (this.#openId < 0) this.#release(out);
      }
    }
  }

  #begin(id: BlockId, choice: number | undefined, isWhole: boolean): void {
    this.#openId = id;
    this.#outId = this.#nextId++;
    this.#openChoice = choice ?? 0;
    this.#isWhole = isWhole;
  }

  #heldBlock(id: BlockId): HeldBlock | undefined {
    for (const held of this.#held) if ('events' in held && held.id === id && !held.isEnded) return held;
    return undefined;
  }

  /** No block is open: lets through what has waited, up to a block that has not ended. */
  #release(out: StreamEvent[]): void {
    let count = 0;
    while (this.#openId < 0) {
      const held = this.#held[count];
      if (held === undefined) break;
      count++;
      if ('end' in held) out.push(held.end);
      else this.#letThrough(held, out);
    }
    this.#held.splice(0, count);
  }

  #letThrough(held: HeldBlock, out: StreamEvent[]): void {
    const first = held.events[0];
    this.#begin(held.id, held.choice, first !== undefined && isWholeBlock(first));
    for (const event of held.events) {
      out.push('block' in event && event.block !== this.#outId ? { ...event, block: this.#outId } : event);
    }
    if (held.isEnded) this.#openId = -1;
  }

  #endOpen(out: StreamEvent[]): void {
    if (this.#openId < 0) return;
    out.push({ type: 'block-end', block: this.#outId });
    this.#openId = -1;
  }

  /** A choice has ended, and with it those of its blocks whose end did not come. */
  #endChoice(event: StreamEvent, choice: number, out: StreamEvent[]): void {
    for (const held of this.#held) {
      if (!('events' in held) || held.choice !== choice || held.isEnded) continue;
      held.events.push({ type: 'block-end', block: held.id });
      held.isEnded = true;
    }
    if (this.#openId >= 0 && this.#openChoice === choice) this.#endOpen(out);
    this.#held.push({ end: event });
    if (this.#openId < 0) this.#release(out);
  }

  #flush(out: StreamEvent[]): void {
    this.#endOpen(out);
    for (const held of this.#held) {
      if ('end' in held) {
        out.push(held.end);
        continue;
      }
      this.#letThrough(held, out);
      this.#endOpen(out);
    }
    this.#held = [];
  }
}

function isWholeBlock({ type }: StreamEvent): boolean {
  return type === 'redacted-thinking' || type === 'server-tool-result' || type === 'image' || type === 'opaque';
}
