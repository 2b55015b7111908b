import { RpcError } from '@proxycast/plugin-rpc';
import { type PluginEvent, type PluginParams, RPC_CODES } from '@proxycast/spec/plugin';
import type { AnswerDecoder, AnswerFrame, PluginContext, ResponseCapability } from '../provider-definition.ts';

/** Answers that are being read, each with its decoder. */
export interface AnswerStreams {
  decode(params: PluginParams<'response.decode'>, attachment: Uint8Array): readonly PluginEvent[];
  abort(streamId: string): void;
  readonly open: number;
}

export function createAnswerStreams(response: ResponseCapability, context: PluginContext): AnswerStreams {
  const decoders = new Map<string, AnswerDecoder>();

  function close(streamId: string): void {
    decoders.delete(streamId);
    response.closed?.(streamId);
  }

  return {
    decode({ stream_id: streamId, frames, final, head }, attachment) {
      let decoder = decoders.get(streamId);
      if (decoder === undefined) {
        if (head === undefined) {
          throw new RpcError(RPC_CODES.invalidParams, 'There is no such stream.', { code: 'no_such_stream' });
        }
        decoder = response.open(
          {
            streamId,
            status: head.status,
            headers: head.headers,
            model: head.model,
            isStream: head.is_stream,
          },
          context,
        );
        if (!final) decoders.set(streamId, decoder);
      }
      try {
        const events = decoder.push(cutFrames(frames, attachment));
        if (!final) return events;
        const last = decoder.end();
        close(streamId);
        return last.length === 0 ? events : [...events, ...last];
      } catch (error) {
        close(streamId);
        throw error;
      }
    },
    abort: close,
    get open() {
      return decoders.size;
    },
  };
}

function cutFrames(frames: PluginParams<'response.decode'>['frames'], attachment: Uint8Array): readonly AnswerFrame[] {
  let at = 0;
  return frames.map(({ event, bytes }): AnswerFrame => {
    const from = at;
    at += bytes;
    if (at > attachment.byteLength) {
      throw new RpcError(RPC_CODES.invalidParams, 'The frames are longer than the attachment.', { field: 'frames' });
    }
    const view = attachment.subarray(from, at);
    const text = (): string => Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('utf8');
    return event === undefined ? { bytes: view, text } : { event, bytes: view, text };
  });
}
