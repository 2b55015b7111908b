import { type Frame, UpstreamError } from '@proxycast/spec';
import type { PluginFraming } from '@proxycast/spec/plugin';
import { createFrameReader } from '@proxycast/wire';

/** Bytes of an answer in, the frames that are complete out. Throws UpstreamError for bytes that are no frames. */
export interface FrameCutter {
  push(chunk: Uint8Array): readonly Frame[];
  end(): readonly Frame[];
}

const MAX_LINE_CHARACTERS = 16 * 1024 * 1024;

/** `raw` gives each read as a frame, in Latin-1, one character a byte; a whole answer is one frame in any framing. */
export function createFrameCutter(framing: PluginFraming | 'whole'): FrameCutter {
  switch (framing) {
    case 'sse':
    case 'aws-event-stream':
      return createFrameReader(framing);
    case 'lines':
      return createLineCutter();
    case 'raw':
      return { push: (chunk) => [{ data: latin1(chunk) }], end: () => [] };
    case 'whole': {
      const chunks: Uint8Array[] = [];
      return {
        push(chunk) {
          chunks.push(chunk);
          return [];
        },
        end: () => [{ data: Buffer.concat(chunks).toString('utf8') }],
      };
    }
  }
}

const latin1 = (chunk: Uint8Array): string =>
  Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');

/** Lines end with LF or CR LF; empty ones are none. The last one may lack its end. */
function createLineCutter(): FrameCutter {
  const decoder = new TextDecoder();
  let rest = '';
  const take = (text: string): readonly Frame[] => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_CHARACTERS) {
      throw new UpstreamError({
        code: 'upstream_frame_too_large',
        message: 'The upstream sent a line that is larger than ProxyCast takes.',
      });
    }
    return lines
      .map((line) => ({ data: line.endsWith('\r') ? line.slice(0, -1) : line }))
      .filter(({ data }) => data !== '');
  };
  return {
    push: (chunk) => take(decoder.decode(chunk, { stream: true })),
    end() {
      const frames = take(decoder.decode());
      const last = rest.trim();
      rest = '';
      return last === '' ? frames : [...frames, { data: last }];
    },
  };
}
