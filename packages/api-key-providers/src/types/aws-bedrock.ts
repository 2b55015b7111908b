import {
  InvalidRequestError,
  type Operation,
  type ProtocolId,
  parseProtocolId,
  type SealedCall,
  type UpstreamCall,
} from '@proxycast/spec';
import { textOf } from '@proxycast/wire';
import { parseAwsKey } from '../aws/parse-aws-key.ts';
import { signV4 } from '../aws/sign-v4.ts';
import type { ProviderCalls, ProviderCallsInput, ProviderType } from '../provider-type.ts';

const CONVERSE: readonly ProtocolId[] = [parseProtocolId('bedrock-converse')];
const NONE: readonly ProtocolId[] = [];
const OPERATIONS: ReadonlySet<Operation> = new Set(['chat', 'count-tokens']);

/**
 * Amazon Bedrock's Converse and ConverseStream, by an API key (Bearer) or an access key (Signature Version 4). The host follows
 * from the region; a host of one's own (a private endpoint, a test) replaces it.
 */
function createBedrockCalls({ record, base, tools, auth }: ProviderCallsInput): ProviderCalls {
  const region = record.region ?? '';
  const now = tools?.now ?? Date.now;
  const originFor = (service: 'bedrock-runtime' | 'bedrock'): URL => {
    if (base !== '' && !isAwsHost(base)) return new URL(base);
    if (region === '') {
      throw new InvalidRequestError({
        code: 'region_missing',
        message: `${record.id} needs an AWS region, for example us-east-1.`,
        field: 'region',
      });
    }
    const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    return new URL(`https://${service}.${region}.${domain}`);
  };
  const callAt = (url: URL, path: string): UpstreamCall => ({
    origin: url.origin,
    path: (url.pathname === '/' ? '' : url.pathname) + path,
    headers: [],
  });

  const authorize = ({ call, method, body, credential }: SealedCall): readonly string[] =>
    headersFor(call, method, body, credential.secret.reveal());

  const headersFor = (
    call: UpstreamCall,
    method: string,
    body: readonly Uint8Array[],
    secret: string,
  ): readonly string[] => {
    if (auth !== undefined) return auth(secret);
    const key = parseAwsKey(secret);
    if (key.type === 'bearer') return ['authorization', `Bearer ${key.token}`];
    return signV4(
      {
        method,
        host: new URL(call.origin).host,
        path: call.path,
        body,
        region: region || 'us-east-1',
        service: 'bedrock',
        nowMs: now(),
      },
      key,
    );
  };

  return {
    protocolsFor: (operation: Operation) => (OPERATIONS.has(operation) ? CONVERSE : NONE),
    prepare({ operation, protocol, model, isStream }) {
      if (!OPERATIONS.has(operation) || protocol !== CONVERSE[0]) {
        throw new InvalidRequestError({
          code: 'protocol_not_served',
          message: `${record.id} does not offer ${operation} in the dialect ${protocol}.`,
        });
      }
      // One segment: the colon of a version and the slashes of an ARN are encoded.
      const path =
        operation === 'count-tokens'
          ? `/model/${encodeURIComponent(withoutRegion(model))}/count-tokens`
          : `/model/${encodeURIComponent(model)}/${isStream ? 'converse-stream' : 'converse'}`;
      return callAt(originFor('bedrock-runtime'), path);
    },
    authorize,
    modelLists: [
      { call: () => callAt(originFor('bedrock'), '/foundation-models?byOutputModality=TEXT') },
      {
        call: (_secret, { cursor, limit = 1000 }) =>
          callAt(
            originFor('bedrock'),
            `/inference-profiles?maxResults=${limit}${cursor === undefined ? '' : `&nextToken=${encodeURIComponent(cursor)}`}&type=SYSTEM_DEFINED`,
          ),
        cursorOf: (answer) => textOf(answer['nextToken']),
      },
    ],
  };
}

/** Counting takes the model itself, not an inference profile of several regions (`us.anthropic.…`, `global.anthropic.…`). */
function withoutRegion(model: string): string {
  return model.replace(/^(?:us|us-gov|eu|apac|ap|jp|au|ca|sa|me|af|global)\.(?=[a-z0-9-]+\.)/, '');
}

/** An official host in the row is no override: it is built anew from the region. */
function isAwsHost(base: string): boolean {
  return base.includes('{') || /(^|\.)amazonaws\.com(\.cn)?$/.test(new URL(base).hostname);
}

export const awsBedrockType: ProviderType = {
  type: 'aws-bedrock',
  host: { version: '' },
  extraFields: ['region'],
  isHostOptional: true,
  createCalls: createBedrockCalls,
};
