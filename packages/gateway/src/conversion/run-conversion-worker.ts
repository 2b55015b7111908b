import type { MessagePort } from 'node:worker_threads';
import { type Protocol, ProxyCastError, type UpstreamProtocol } from '@proxycast/spec';
import { type ConversionReply, type ConversionTask, END_OF_TASKS } from './conversion-messages.ts';
import { convertRequest } from './convert-request.ts';

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
      const converted = convertRequest(bytes, { client: clientCodec, upstream: upstreamCodec }, conversion);
      return { id, type: 'done', converted };
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
    const reply = convert(task);
    // The body may be a view into a pool of small buffers; those cannot be given away.
    const buffer = reply.type === 'done' ? reply.converted.body.buffer : undefined;
    const isOwn =
      buffer instanceof ArrayBuffer && reply.type === 'done' && reply.converted.body.byteLength === buffer.byteLength;
    port.postMessage(reply, isOwn ? [buffer] : []);
  });
}
