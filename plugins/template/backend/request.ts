import { type RequestCapability, RPC_CODES, RpcError } from '@proxycast/plugin-sdk';
import { parseData } from './credential.ts';
import { addressOf } from './service.ts';

/** Models of the service's own dialect; all others speak the one of Chat Completions. */
export const OWN_DIALECT = 'sample-lines*';

const LEASE_MS = 10 * 60_000;

export const request: RequestCapability = {
  transform: 'rpc',
  transformModels: [OWN_DIALECT],

  prepare({ model, credential, is_stream, body }, context) {
    const { access_token } = parseData(credential);
    const headers = [
      ['authorization', `Bearer ${access_token}`],
      ['x-conversation', '{{session_uuid}}'],
    ];
    if (!model.startsWith('sample-lines')) {
      // The service speaks the target protocol, so the host needs no more than this until the token changes.
      return {
        type: 'lease',
        method: 'POST',
        url: addressOf('/v1/chat/completions', context),
        headers,
        read: { dialect: 'openai' },
        ttl_ms: LEASE_MS,
      };
    }
    return {
      type: 'call',
      method: 'POST',
      url: addressOf('/v1/lines', context),
      headers: [...headers.slice(0, 1), ['content-type', 'application/json']],
      read: { dialect: 'plugin', framing: 'lines' },
      body: Buffer.from(JSON.stringify({ model, stream: is_stream, turns: readTurns(body) })),
    };
  },
};

/** The turns of a Chat Completions request in the service's own form. */
function readTurns(body: Uint8Array): readonly { readonly who: string; readonly says: string }[] {
  const request: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
  const messages = typeof request === 'object' && request !== null && 'messages' in request ? request.messages : [];
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new RpcError(RPC_CODES.invalidParams, 'There are no messages.', { code: 'no_messages' });
  }
  return messages.map((message: { readonly role?: unknown; readonly content?: unknown }) => ({
    who: message.role === 'assistant' ? 'service' : 'person',
    says: textOf(message.content),
  }));
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { readonly text?: unknown }) => (typeof part.text === 'string' ? part.text : '')).join('');
}
