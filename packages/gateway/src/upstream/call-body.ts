import type { PluginCall, UpstreamCall } from '@proxycast/spec';
import { ChunkedBytes } from '@proxycast/wire';
import { patchBody } from '../patch-body.ts';

/** The bytes that are sent: the request's own, changed as the call asks, or those the provider made. */
export function callBody(own: ChunkedBytes, call: UpstreamCall | PluginCall): ChunkedBytes {
  if ('reading' in call) return pluginBody(own, call);
  return call.patch === undefined ? own : patchBody(own, call.patch);
}

function pluginBody(own: ChunkedBytes, { body: made, patch, rewrite, envelope }: PluginCall): ChunkedBytes {
  let body = made === undefined ? own : new ChunkedBytes([asBuffer(made)]);
  if (patch !== undefined) body = patchBody(body, patch);
  if (rewrite !== undefined) {
    const value = rewrite(JSON.parse(body.joined().toString('utf8')));
    body = new ChunkedBytes([Buffer.from(JSON.stringify(value))]);
  }
  if (envelope !== undefined) {
    body = new ChunkedBytes([asBuffer(envelope.before), ...body.chunks, asBuffer(envelope.after)]);
  }
  return body;
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
