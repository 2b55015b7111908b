/**
 * Where an answer goes: Node's own response to an HTTP request, or something that takes its place, such as one message of
 * a socket or an answer that nobody waits for.
 */
export interface ClientResponse {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  readonly writableFinished: boolean;
  readonly destroyed: boolean;
  /** Bytes that were written and not taken yet. */
  readonly writableLength: number;
  setHeader(name: string, value: string | number): unknown;
  /** `headers`: name, value, name, value. */
  writeHead(status: number, headers?: string[]): unknown;
  /** `false`: wait for `drain` before writing more. */
  write(bytes: Buffer): boolean;
  end(bytes?: Buffer | string): unknown;
  /** Breaks off: the answer is not whole. `close` follows. */
  destroy(): unknown;
  on(event: 'close', listener: () => void): unknown;
  once(event: 'drain', listener: () => void): unknown;
  off(event: 'drain', listener: () => void): unknown;
}
