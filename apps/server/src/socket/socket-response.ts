import type { ClientResponse } from '@proxycast/gateway';

/** The part of a socket an answer is written to. */
export interface MessageSink {
  readonly bufferedAmount: number;
  /** Calls back when the message has been handed to the system. */
  send(text: string, sent: () => void): void;
  /** Something that says nothing but that the socket lives. */
  ping(): void;
  /** Breaks the connection. */
  terminate(): void;
}

/** More than this unread, and the producer waits. */
const HIGH_WATER_BYTES = 256 * 1024;

/** Takes the place of an HTTP response for one message of a socket: each event of the stream becomes a message. */
export class SocketResponse implements ClientResponse {
  headersSent = false;
  writableEnded = false;
  destroyed = false;
  readonly #socket: MessageSink;
  readonly #headers = new Map<string, string>();
  #status = 200;
  #isStream = false;
  #rest = '';
  #closeListeners: (() => void)[] = [];
  #drainListeners: (() => void)[] = [];

  constructor(socket: MessageSink) {
    this.#socket = socket;
  }

  get writableFinished(): boolean {
    return this.writableEnded;
  }

  get writableLength(): number {
    return this.#socket.bufferedAmount;
  }

  setHeader(name: string, value: string | number): void {
    this.#headers.set(name.toLowerCase(), String(value));
  }

  writeHead(status: number, headers: readonly string[] = []): void {
    this.headersSent = true;
    this.#status = status;
    for (let at = 0; at + 1 < headers.length; at += 2) this.setHeader(headers[at] ?? '', headers[at + 1] ?? '');
    this.#isStream = status < 300 && this.#headers.get('content-type')?.startsWith('text/event-stream') === true;
  }

  write(bytes: Buffer): boolean {
    this.#take(bytes.toString('utf8'));
    return this.#socket.bufferedAmount < HIGH_WATER_BYTES;
  }

  end(bytes?: Buffer | string): void {
    if (this.writableEnded || this.destroyed) return;
    if (bytes !== undefined) this.#take(typeof bytes === 'string' ? bytes : bytes.toString('utf8'));
    if (!this.#isStream) this.#sendError();
    this.writableEnded = true;
    this.#close();
  }

  /** The answer is not whole, and there is no other way to say so. */
  destroy(): void {
    if (this.writableEnded || this.destroyed) return;
    this.#socket.terminate();
    this.leave();
  }

  /** The client is gone. */
  leave(): void {
    if (this.writableEnded || this.destroyed) return;
    this.destroyed = true;
    this.#close();
  }

  on(event: 'close', listener: () => void): void {
    if (event === 'close') this.#closeListeners.push(listener);
  }

  once(event: 'drain', listener: () => void): void {
    if (event === 'drain') this.#drainListeners.push(listener);
  }

  off(_event: 'drain', listener: () => void): void {
    this.#drainListeners = this.#drainListeners.filter((other) => other !== listener);
  }

  #take(text: string): void {
    this.#rest += text;
    if (!this.#isStream) return;
    for (;;) {
      const end = this.#rest.indexOf('\n\n');
      if (end < 0) return;
      this.#sendEvent(this.#rest.slice(0, end));
      this.#rest = this.#rest.slice(end + 2);
    }
  }

  #sendEvent(frame: string): void {
    if (frame.startsWith(':')) {
      this.#socket.ping();
      return;
    }
    const data = frame
      .split('\n')
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(line[5] === ' ' ? 6 : 5));
    if (data.length > 0) this.#send(data.join('\n'));
  }

  /** An error in the form it has over HTTP, in the form it has here. */
  #sendError(): void {
    this.#send(renderSocketError(this.#status, this.#rest, this.#headers));
    this.#rest = '';
  }

  #send(text: string): void {
    this.#socket.send(text, () => {
      if (this.#drainListeners.length === 0 || this.#socket.bufferedAmount >= HIGH_WATER_BYTES) return;
      for (const listener of this.#drainListeners.splice(0)) listener();
    });
  }

  #close(): void {
    for (const listener of this.#closeListeners.splice(0)) listener();
  }
}

/** Headers that say when to try again. */
const TOLD_HEADERS = /^(?:retry-after|x-ratelimit-|x-codex-|x-request-id)/;

function renderSocketError(status: number, body: string, headers: ReadonlyMap<string, string>): string {
  let error: unknown;
  try {
    error = JSON.parse(body)?.error;
  } catch {
    // What is no JSON says nothing that a client of a socket could read.
  }
  return JSON.stringify({
    type: 'error',
    status,
    error: error ?? {
      type: 'server_error',
      code: 'server_error',
      message: 'The answer could not be read.',
      param: null,
    },
    headers: Object.fromEntries([...headers].filter(([name]) => TOLD_HEADERS.test(name))),
  });
}
