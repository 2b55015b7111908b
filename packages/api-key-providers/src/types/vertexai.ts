import {
  type BodyPatch,
  InvalidRequestError,
  type Operation,
  type ProtocolId,
  parseProtocolId,
  type UpstreamCallInput,
} from '@proxycast/spec';
import { textOf } from '@proxycast/wire';
import { addressOf } from '../endpoint-address.ts';
import { parseServiceAccount } from '../google/google-tokens.ts';
import type { ProviderCalls, ProviderCallsInput, ProviderType } from '../provider-type.ts';

const GEMINI = parseProtocolId('gemini');
/** Claude's dialect as it is spoken there: no addresses of files. */
const ANTHROPIC = parseProtocolId('anthropic-inline');
const NONE: readonly ProtocolId[] = [];
const ONLY_GEMINI: readonly ProtocolId[] = [GEMINI];
const ONLY_ANTHROPIC: readonly ProtocolId[] = [ANTHROPIC];

/** What Claude's bodies say there instead of a model (Vertex reference, 2026-11). */
const ANTHROPIC_VERSION = 'vertex-2023-10-16';

/** Gemini's own service takes a turn of nobody as the user's; here every turn has to say whose it is (several of its clients report the refusal, 2026-09). */
const ROLES: BodyPatch = { fill: { list: 'contents', field: 'role', value: 'user' } };

/** There counting takes the fields of the request as they are, and only these (Vertex reference of countTokens, 2026-11). */
const GEMINI_COUNT: BodyPatch = {
  ...ROLES,
  unwrap: 'generateContentRequest',
  remove: ['model', 'toolConfig', 'safetySettings', 'cachedContent', 'labels', 'serviceTier'],
};

/**
 * Vertex AI: Gemini and Claude models by a service account (JSON as the key), Gemini alone by an express key. Host and path
 * follow from location and project; a host of one's own (a proxy, a test) replaces Google's.
 */
function createVertexCalls({ record, base, tools, auth }: ProviderCallsInput): ProviderCalls {
  const location = record.location ?? 'global';
  const origin = isGoogleHost(base) ? hostOf(location) : base;
  const isServiceAccount = (secret: string): boolean => secret.trimStart().startsWith('{');

  const projectOf = (secret: string): string => {
    const project = record.project ?? parseServiceAccount(secret).projectId;
    if (project !== undefined && project !== '') return project;
    throw new InvalidRequestError({
      code: 'project_missing',
      message: `${record.id} needs a Google Cloud project: fill in project.`,
      field: 'project',
    });
  };

  const placeOf = (secret: string): string =>
    isServiceAccount(secret) ? `/v1/projects/${projectOf(secret)}/locations/${location}` : '/v1';

  const keyHeadersFor = (secret: string): readonly string[] =>
    auth?.(secret) ?? (isServiceAccount(secret) ? [] : ['x-goog-api-key', secret]);

  const pathOf = (input: UpstreamCallInput, secret: string): string => {
    const isExpress = !isServiceAccount(secret);
    if (isExpress && input.protocol !== GEMINI) {
      throw new InvalidRequestError({
        code: 'protocol_not_served',
        message: `An express key of ${record.id} reaches Gemini models only. Claude models need a service account.`,
      });
    }
    if (input.protocol === ANTHROPIC && input.operation === 'count-tokens') {
      return `${placeOf(secret)}/publishers/anthropic/models/count-tokens:rawPredict`;
    }
    const publisher = input.protocol === GEMINI ? 'google' : 'anthropic';
    const model = encodeURIComponent(input.model.replace(/^(publishers\/[^/]+\/)?models\//, '')).replaceAll('%40', '@');
    return `${placeOf(secret)}/publishers/${publisher}/models/${model}:${methodOf(input)}`;
  };

  return {
    protocolsFor(operation, model) {
      if (!OPERATIONS.has(operation)) return NONE;
      return model.includes('claude') ? ONLY_ANTHROPIC : ONLY_GEMINI;
    },
    prepare(input) {
      const secret = input.credential.secret.reveal();
      const path = pathOf(input, secret);
      const url = new URL(origin);
      const prefix = url.pathname === '/' ? '' : url.pathname;
      const call = {
        origin: url.origin,
        path: prefix + path + (input.protocol === GEMINI ? input.query : ''),
        headers: keyHeadersFor(secret),
      };
      if (input.protocol === GEMINI)
        return { ...call, patch: input.operation === 'count-tokens' ? GEMINI_COUNT : ROLES };
      const set = { anthropic_version: ANTHROPIC_VERSION };
      // Counting has one address for all models, and takes the model in the body.
      return { ...call, patch: input.operation === 'chat' ? { remove: ['model'], set } : { set } };
    },
    modelLists: PUBLISHERS.map((publisher) => ({
      call(secret, { cursor, limit = 100 }) {
        const page = `?pageSize=${limit}${cursor === undefined ? '' : `&pageToken=${encodeURIComponent(cursor)}`}`;
        const headers = isServiceAccount(secret) ? ['x-goog-user-project', projectOf(secret)] : keyHeadersFor(secret);
        return { ...addressOf(origin, `/v1beta1/publishers/${publisher}/models${page}`), headers };
      },
      cursorOf: (answer) => textOf(answer['nextPageToken']),
    })),
    keyChecks: [
      {
        method: 'POST',
        // Proves project, location and permission, and costs nothing.
        call: (secret) => ({
          ...addressOf(origin, `${placeOf(secret)}/publishers/google/models/${CHECKED_MODEL}:countTokens`),
          headers: keyHeadersFor(secret),
        }),
        body: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
      },
    ],
    forget: ({ id }) => tools?.googleTokens.forget(id),
    async authorize({ credential }) {
      const secret = credential.secret.reveal();
      if (auth !== undefined || !isServiceAccount(secret) || tools === undefined) return [];
      return ['authorization', `Bearer ${await tools.googleTokens.tokenFor(credential.id, secret)}`];
    },
  };
}

/** Whose models this type can call. */
const PUBLISHERS = ['google', 'anthropic'] as const;
/** There in every project and region (reference of the service, 2026-11). */
const CHECKED_MODEL = 'gemini-2.5-flash';

const OPERATIONS: ReadonlySet<Operation> = new Set(['chat', 'count-tokens']);

function methodOf({ operation, protocol, isStream }: UpstreamCallInput): string {
  if (protocol === GEMINI) {
    if (operation === 'count-tokens') return 'countTokens';
    return isStream ? 'streamGenerateContent' : 'generateContent';
  }
  return isStream ? 'streamRawPredict' : 'rawPredict';
}

function hostOf(location: string): string {
  if (location === 'global') return 'https://aiplatform.googleapis.com';
  if (location === 'us' || location === 'eu') return `https://aiplatform.${location}.rep.googleapis.com`;
  return `https://${location}-aiplatform.googleapis.com`;
}

/** An official host in the row is no override: it is built anew from the location. */
function isGoogleHost(base: string): boolean {
  return base === '' || base.includes('{') || new URL(base).hostname.endsWith('aiplatform.googleapis.com');
}

export const vertexaiType: ProviderType = {
  type: 'vertexai',
  host: { version: '' },
  extraFields: ['project', 'location'],
  isHostOptional: true,
  createCalls: createVertexCalls,
};
