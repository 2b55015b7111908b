import type { ClientResponse } from '../client-response.ts';

/** Past this the events of an answer are not kept: it can still be retrieved whole. */
const MAX_EVENT_CHARS = 16 * 1024 * 1024;
/** A reader that is this far behind is disconnected. */
const MAX_BACKLOG_BYTES = 4 * 1024 * 1024;

/** What reads along: a client's response. */
export type Follower = Pick<ClientResponse, 'writableLength' | 'write' | 'end' | 'destroy'>;

export interface AnswerLogEnd {
  /** Absent when it was broken off. */
  readonly status?: number;
  /** Of an answer that was no stream: an error. */
  readonly body: string;
}

/**
 * Takes the place of a client's response for an answer in the background: it keeps the events, and whoever wants to reads
 * along from any of them.
 */
export class AnswerLog implements ClientResponse {
  headersSent = false;
  writableEnded = false;
  destroyed = false;
  readonly writableLength = 0;
  readonly #onStart: () => void;
  readonly #onEnd: (end: AnswerLogEnd) => void;
  readonly #closeListeners: (() => void)[] = [];
  /** With the number of the event behind which each begins. */
  readonly #followers = new Map<Follower, number>();
  /** Each whole event; its place is its number. */
  readonly #events: string[] = [];
  #count = 0;
  #chars = 0;
  #isOverflowing = false;
  #rest = '';
  #status: number | undefined;
  #hasEnded = false;

  constructor(parts: { readonly onStart: () => void; readonly onEnd: (end: AnswerLogEnd) => void }) {
    this.#onStart = parts.onStart;
    this.#onEnd = parts.onEnd;
  }

  get writableFinished(): boolean {
    return this.writableEnded;
  }

  /** Whether events can be read from the first on. */
  get isWhole(): boolean {
    return !this.#isOverflowing;
  }

  /** Characters of the events. */
  get chars(): number {
    return this.#chars;
  }

  setHeader(): void {}

  writeHead(status: number): void {
    this.headersSent = true;
    this.#status = status;
    if (status < 300) this.#onStart();
  }

  write(bytes: Buffer): boolean {
    this.#take(bytes.toString('utf8'));
    return true;
  }

  end(bytes?: Buffer | string): void {
    if (this.writableEnded || this.destroyed) return;
    if (bytes !== undefined) this.#take(typeof bytes === 'string' ? bytes : bytes.toString('utf8'));
    this.writableEnded = true;
    this.#finish();
  }

  destroy(): void {
    if (this.writableEnded || this.destroyed) return;
    this.destroyed = true;
    this.#finish();
  }

  on(event: 'close', listener: () => void): void {
    if (event === 'close') this.#closeListeners.push(listener);
  }

  once(): void {}

  off(): void {}

  /** Gives the follower what comes behind the event of that number, and the rest as it comes. */
  follow(follower: Follower, startingAfter: number): void {
    const missed = this.#events.slice(startingAfter + 1).join('');
    if (missed !== '') follower.write(Buffer.from(missed));
    if (this.#hasEnded) follower.end();
    else this.#followers.set(follower, startingAfter);
  }

  unfollow(follower: Follower): void {
    this.#followers.delete(follower);
  }

  #take(text: string): void {
    this.#rest += text;
    if (this.#status === undefined || this.#status >= 300) return;
    for (;;) {
      const end = this.#rest.indexOf('\n\n');
      if (end < 0) return;
      const event = this.#rest.slice(0, end + 2);
      this.#rest = this.#rest.slice(end + 2);
      this.#give(event);
    }
  }

  #give(event: string): void {
    // Comments keep a connection alive and are no event.
    const isComment = event.startsWith(':');
    if (!isComment) this.#count++;
    if (!isComment && !this.#isOverflowing) {
      this.#chars += event.length;
      this.#isOverflowing = this.#chars > MAX_EVENT_CHARS;
      if (this.#isOverflowing) this.#events.length = 0;
      else this.#events.push(event);
    }
    if (this.#followers.size === 0) return;
    const bytes = Buffer.from(event);
    for (const [follower, after] of this.#followers) {
      if (!isComment && this.#count - 1 <= after) continue;
      if (follower.write(bytes) || follower.writableLength < MAX_BACKLOG_BYTES) continue;
      this.#followers.delete(follower);
      follower.destroy();
    }
  }

  #finish(): void {
    this.#hasEnded = true;
    for (const follower of this.#followers.keys()) {
      if (this.destroyed) follower.destroy();
      else follower.end();
    }
    this.#followers.clear();
    for (const listener of this.#closeListeners.splice(0)) listener();
    this.#onEnd(
      this.#status === undefined || this.destroyed
        ? { body: '' }
        : { status: this.#status, body: this.#status < 300 ? '' : this.#rest },
    );
    this.#rest = '';
  }
}
