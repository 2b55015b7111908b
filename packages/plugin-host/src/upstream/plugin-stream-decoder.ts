import { exceedsJsonDepth } from '@proxycast/plugin-rpc';
import { type Frame, PluginError, ProxyCastError, type StreamEvent } from '@proxycast/spec';
import { type HttpHeaderList, MAX_JSON_DEPTH, type PluginFraming } from '@proxycast/spec/plugin';
import type { PluginSupervisor } from '../process/plugin-supervisor.ts';
import { createFrameCutter } from './cut-frames.ts';
import type { DecodePacer } from './decode-pacer.ts';
import { PluginEventFault, parsePluginEvents } from './parse-plugin-events.ts';

export interface PluginStreamDecoderParts {
  readonly plugin: string;
  readonly supervisor: Pick<PluginSupervisor, 'call' | 'notify'>;
  readonly streamId: string;
  /** `whole` where the client asked for no stream. */
  readonly framing: PluginFraming | 'whole';
  readonly head: {
    readonly status: number;
    readonly headers: HttpHeaderList;
    readonly model: string;
    readonly isStream: boolean;
  };
  /** Put on every signature, `{protocol}:{provider}`. */
  readonly origin: string;
  /** The events of one batch, in order. */
  readonly onEvents: (events: readonly StreamEvent[]) => void;
  /** Called once, after the last events. An error means that the stream must not end as if it were complete. */
  readonly onEnd: (error?: ProxyCastError) => void;
  /** There is room again, after `push` answered false. */
  readonly onDrain?: () => void;
  /** Shared by the streams of one plugin. Absent: each call goes at once. */
  readonly pacer?: DecodePacer;
}

/** One answer that the plugin reads. One call is in flight; what arrives meanwhile goes into the next. */
export interface PluginStreamDecoder {
  /** Answers false when the upstream should pause. */
  push(chunk: Uint8Array): boolean;
  /** The upstream has closed. */
  end(): void;
  /** The client has left, or the attempt failed. Nothing is called back after it. */
  abort(): void;
  /** Calls made so far. */
  readonly calls: number;
}

/** What may wait for the plugin before the upstream is paused. */
const HIGH_WATER_BYTES = 1024 * 1024;
const DEPTH_CHECKED_FROM_BYTES = 2048;
const MAX_FIRST_FRAMES = 8;

export function createPluginStreamDecoder(parts: PluginStreamDecoderParts): PluginStreamDecoder {
  return new Decoder(parts);
}

class Decoder implements PluginStreamDecoder {
  readonly #parts: PluginStreamDecoderParts;
  readonly #cutter;
  calls = 0;
  #waiting: Frame[] = [];
  #waitingBytes = 0;
  #isCalling = false;
  #isScheduled = false;
  #callOff: (() => void) | undefined;
  #hasEnded = false;
  #isOver = false;
  #isPaused = false;

  constructor(parts: PluginStreamDecoderParts) {
    this.#parts = parts;
    this.#cutter = createFrameCutter(parts.framing);
  }

  push(chunk: Uint8Array): boolean {
    if (this.#isOver || this.#hasEnded) return true;
    try {
      this.#add(this.#cutter.push(chunk));
    } catch (cause) {
      this.#fail(cause);
      return true;
    }
    if (this.#waiting.length > 0) this.#schedule();
    this.#isPaused = this.#waitingBytes > HIGH_WATER_BYTES;
    return !this.#isPaused;
  }

  end(): void {
    if (this.#isOver || this.#hasEnded) return;
    this.#hasEnded = true;
    try {
      this.#add(this.#cutter.end());
    } catch (cause) {
      this.#fail(cause);
      return;
    }
    this.#schedule();
  }

  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#tellAbort();
  }

  #add(frames: readonly Frame[]): void {
    for (const frame of frames) {
      this.#waiting.push(frame);
      this.#waitingBytes += frame.data.length;
    }
  }

  /** The first call goes at once: somebody waits for the first word. */
  #schedule(): void {
    if (this.#isCalling || this.#isScheduled || this.#isOver) return;
    const { pacer } = this.#parts;
    if (pacer === undefined || this.calls === 0) {
      this.#call();
      return;
    }
    this.#isScheduled = true;
    this.#callOff = pacer.schedule(() => this.#call());
  }

  #call(): void {
    this.#isScheduled = false;
    if (this.#isCalling || this.#isOver) return;
    this.#isCalling = true;
    // Of an answer that came at once the client gets the beginning before the rest is read.
    const frames = this.calls === 0 ? this.#waiting.splice(0, MAX_FIRST_FRAMES) : this.#waiting;
    if (this.calls > 0) this.#waiting = [];
    const final = this.#hasEnded && this.#waiting.length === 0;
    this.#waitingBytes = this.#waiting.reduce((sum, { data }) => sum + data.length, 0);
    const { sizes, attachment } = packFrames(frames, this.#parts.framing === 'raw' ? 'latin1' : 'utf8');
    const isFirst = this.calls++ === 0;
    const { supervisor, streamId, head } = this.#parts;
    supervisor
      .call(
        'response.decode',
        {
          stream_id: streamId,
          frames: sizes,
          final,
          ...(isFirst
            ? { head: { status: head.status, headers: head.headers, model: head.model, is_stream: head.isStream } }
            : {}),
        },
        { attachment },
      )
      .then(
        ({ attachment: events }) => this.#take(events, final),
        (cause: unknown) => this.#fail(cause),
      );
  }

  #take(bytes: Uint8Array, wasFinal: boolean): void {
    if (this.#isOver) return;
    this.#isCalling = false;
    try {
      // A shorter text cannot nest so deep that whoever walks through it comes to an end of the stack.
      if (bytes.byteLength > DEPTH_CHECKED_FROM_BYTES && exceedsJsonDepth(bytes, MAX_JSON_DEPTH))
        throw new PluginEventFault(0, 'nests too deep');
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
      const events = parsePluginEvents(text, this.#parts.origin);
      if (events.length > 0) this.#parts.onEvents(events);
    } catch (cause) {
      this.#fail(cause);
      return;
    }
    // `onEvents` may have ended it.
    if (this.#isOver) return;
    if (wasFinal) {
      this.#isOver = true;
      this.#parts.onEnd();
      return;
    }
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#parts.onDrain?.();
    }
    if (this.#waiting.length > 0 || this.#hasEnded) this.#schedule();
  }

  #fail(cause: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#tellAbort();
    this.#parts.onEnd(this.#explain(cause));
  }

  #tellAbort(): void {
    this.#callOff?.();
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#parts.supervisor.notify('response.abort', { stream_id: this.#parts.streamId });
  }

  #explain(cause: unknown): ProxyCastError {
    if (cause instanceof ProxyCastError) return cause;
    const { plugin } = this.#parts;
    const words = cause instanceof PluginEventFault ? cause.message : 'it could not be read';
    return new PluginError({
      plugin,
      code: 'plugin_protocol',
      message: `The plugin ${plugin} gave an answer that is none: ${words}. Update the plugin, or report it to its author.`,
      cause,
    });
  }
}

function packFrames(
  frames: readonly Frame[],
  encoding: 'utf8' | 'latin1',
): { readonly sizes: { readonly event?: string; readonly bytes: number }[]; readonly attachment: Uint8Array } {
  const sizes: { readonly event?: string; readonly bytes: number }[] = [];
  let total = 0;
  for (const { event, data } of frames) {
    const bytes = Buffer.byteLength(data, encoding);
    sizes.push(event === undefined ? { bytes } : { event, bytes });
    total += bytes;
  }
  const attachment = Buffer.allocUnsafe(total);
  let at = 0;
  for (const { data } of frames) at += attachment.write(data, at, encoding);
  return { sizes, attachment };
}
