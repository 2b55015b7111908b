import type { MessagePort } from 'node:worker_threads';
import { type Protocol, ProxyCastError, type UpstreamProtocol } from '@proxycast/spec';
import { type ConversionReply, type ConversionTask, END_OF_TASKS } from './conversion-messages.ts';
import { convertRequest } from './convert-request.ts';

const MAX_UTF8_BYTES_PER_UNIT = 3;

/**
 * Bytes that both threads see. Each body has its own: what was sent to one upstream is never written over for another. The
 * collector does not count shared memory, so megabytes that come and go do not make it mark the whole heap again and again.
 */
function inSharedMemory(text: string): Uint8Array {
  // Room for the worst case, in place of a first pass to measure: what is never touched costs nothing.
  const bytes = Buffer.from(new SharedArrayBuffer(text.length * MAX_UTF8_BYTES_PER_UNIT));
  return bytes.subarray(0, bytes.write(text));
}

/** The worker's end: converts what comes, one after the other, and gives the bytes back without a copy. */
export function runConversionWorker(
  port: MessagePort,
  protocols: { readonly client: readonly Protocol[]; readonly upstream: readonly UpstreamProtocol[] },
): void {
  const clients = new Map(protocols.client.map(({ id, codec }) => [String(id), codec]));
  const upstreams = new Map([...protocols.client, ...protocols.upstream].map(({ id, codec }) => [String(id), codec]));

  const convert = ({ id, client, upstream, bytes, conversion }: ConversionTask): ConversionReply => {
    try {
      const clientCodec = clients.get(client);
      const upstreamCodec = upstreams.get(upstream);
      if (clientCodec === undefined || upstreamCodec === undefined) {
        throw new TypeError(`The conversion worker knows no codec for ${client} or ${upstream}.`);
      }
      const outcome = convertRequest(
        bytes,
        { client: clientCodec, upstream: upstreamCodec },
        conversion,
        inSharedMemory,
      );
      return { id, type: 'done', outcome };
    } catch (cause) {
      if (cause instanceof ProxyCastError) {
        const { code, kind, fault, message, isPublic, field } = cause;
        return { id, type: 'failed', code, kind, fault, message, isPublic, ...(field === undefined ? {} : { field }) };
      }
      const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      return {
        id,
        type: 'failed',
        code: 'conversion_failed',
        kind: 'internal',
        fault: 'gateway',
        message,
        isPublic: false,
      };
    }
  };

  port.on('message', (task: ConversionTask | typeof END_OF_TASKS) => {
    if (task === END_OF_TASKS) {
      port.close();
      return;
    }
    port.postMessage(convert(task));
  });
}
