import type { MessagePort } from 'node:worker_threads';
import { type ClientCodec, InvalidRequestError, ProxyCastError } from '@proxycast/spec';
import { estimateTokens } from './estimate-tokens.ts';
import { loadEncoding } from './load-encoding.ts';
import type { TokenCountReply, TokenCountTask } from './token-count-messages.ts';

/** What a client's dialect must bring for its requests to be estimated. */
export interface CountableProtocol {
  readonly id: string;
  readonly codec?: Pick<ClientCodec, 'decodeRequest'>;
}

/** The worker's end: estimates what comes, one after the other. The tables are loaded by the first request. */
export function runTokenCountWorker(port: MessagePort, protocols: readonly CountableProtocol[]): void {
  const codecs = new Map(protocols.map(({ id, codec }) => [id, codec]));

  const count = async ({ id, client, bytes, decoding, model }: TokenCountTask): Promise<TokenCountReply> => {
    try {
      const codec = codecs.get(client);
      if (codec === undefined) throw new TypeError(`The token count worker knows no codec for ${client}.`);
      const request = codec.decodeRequest(parseBody(bytes), decoding);
      return { id, type: 'counted', tokens: estimateTokens(request, model, await loadEncoding()) };
    } catch (cause) {
      return failureOf(id, cause);
    }
  };

  port.on('message', (task: TokenCountTask) => {
    count(task).then(
      (reply) => port.postMessage(reply),
      // Only what cannot be told would come here, and then the thread is of no use any more.
      () => port.close(),
    );
  });
}

function failureOf(id: number, cause: unknown): TokenCountReply {
  if (cause instanceof ProxyCastError) {
    const { code, kind, fault, message, isPublic, field } = cause;
    return { id, type: 'failed', code, kind, fault, message, isPublic, ...(field === undefined ? {} : { field }) };
  }
  const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return {
    id,
    type: 'failed',
    code: 'token_estimate_failed',
    kind: 'internal',
    fault: 'gateway',
    message,
    isPublic: false,
  };
}

function parseBody(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch (cause) {
    throw new InvalidRequestError({ code: 'invalid_json', message: 'The request body is not valid JSON.', cause });
  }
}
