import { generateKeyPairSync } from 'node:crypto';
import {
  type Answer,
  type BedrockAnswer,
  createAiGatewayService,
  createAzureService,
  createFakeBedrock,
  createFakeGoogleTokens,
  createFakeUpstream,
  createOllamaService,
  createVertexService,
  type FakeDialectId,
  type FakeService,
  type RunningServer,
} from '@proxycast/testkit';
import type { ModelRequest } from './read-conversation.ts';

/** What a host was asked, in whatever dialect it speaks. */
export interface HostRequest extends ModelRequest {
  /** With the query. */
  readonly path: string;
}

/** A fake host of one provider type, and the provider that leads to it. */
export interface ProviderHost extends AsyncDisposable {
  /** The fields of the provider's row beside `id`, `name` and `enabled`. */
  readonly row: Readonly<Record<string, unknown>>;
  /** Absent: the type needs none. */
  readonly key?: string;
  readonly model: string;
  /** What the model says to each request. */
  respond(script: (request: ModelRequest) => Answer): void;
  readonly requests: () => readonly HostRequest[];
  /** What the real service would have refused, in words. */
  readonly violations: () => readonly string[];
  reset(): void;
}

export interface HostInput {
  /** A name of its own, so that routing finds this provider alone. */
  readonly name: string;
  /** Texts that must not reach any upstream. */
  readonly forbidden: readonly string[];
}

const KEY = 'sk-upstream-0123456789abcdef';
const REGION = 'eu-central-1';
const PROJECT = 'plover-project';
const LOCATION = 'europe-west4';

/** A host that `createFakeUpstream` plays. */
async function createHost(
  { forbidden }: HostInput,
  model: string,
  {
    service,
    row,
    key = KEY,
    close,
  }: {
    readonly service?: FakeService;
    readonly row: (baseUrl: string) => Readonly<Record<string, unknown>>;
    readonly key?: string | null;
    readonly close?: () => PromiseLike<void>;
  },
): Promise<ProviderHost> {
  const upstream = await createFakeUpstream({
    ...(service === undefined ? {} : { service }),
    keys: [KEY],
    models: [model],
    checksSignatures: true,
    forbidden,
  });
  return {
    row: { models: [model], ...row(upstream.baseUrl) },
    ...(key === null ? {} : { key }),
    model,
    respond: (script) => upstream.respond(script),
    requests: () =>
      upstream.requests.map(({ path, query, json }) => ({
        path: query.size === 0 ? path : `${path}?${query}`,
        json,
      })),
    violations: () => upstream.violations.map(({ rule, message }) => `${rule}: ${message}`),
    reset: () => upstream.reset(),
    async [Symbol.asyncDispose]() {
      await upstream.close();
      await close?.();
    },
  };
}

const createPlain =
  (type: string, suffix = '', prefix = '') =>
  (input: HostInput): Promise<ProviderHost> =>
    createHost(input, `${prefix}${input.name}-model`, { row: (baseUrl) => ({ type, api_host: baseUrl + suffix }) });

const createAzure =
  (apiVersion: string | undefined, name = 'gpt-5') =>
  (input: HostInput): Promise<ProviderHost> => {
    const deployment = `${name}-${input.name}`;
    return createHost(input, deployment, {
      service: createAzureService({ deployments: [deployment] }),
      row: (baseUrl) => ({
        type: 'azure-openai',
        api_host: baseUrl,
        ...(apiVersion === undefined ? {} : { api_version: apiVersion }),
      }),
    });
  };

const createVertexByAccount =
  (family: string) =>
  async (input: HostInput): Promise<ProviderHost> => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const account = {
      type: 'service_account',
      project_id: PROJECT,
      private_key_id: 'key-1',
      private_key: privateKey,
      client_email: `robot@${PROJECT}.iam.gserviceaccount.com`,
    };
    const tokens = await createFakeGoogleTokens({ publicKey, clientEmail: account.client_email, keyId: 'key-1' });
    const model = `${family}-${input.name}${family.startsWith('claude') ? '@20250805' : ''}`;
    return createHost(input, model, {
      service: createVertexService({ project: PROJECT, location: LOCATION, models: [model], isToken: tokens.isToken }),
      row: (baseUrl) => ({ type: 'vertexai', api_host: baseUrl, location: LOCATION }),
      key: JSON.stringify({ ...account, token_uri: tokens.url }),
      close: () => tokens[Symbol.asyncDispose](),
    });
  };

function createVertexByExpressKey(input: HostInput): Promise<ProviderHost> {
  const model = `gemini-3-${input.name}`;
  const service = createVertexService({ project: PROJECT, location: LOCATION, models: [model], expressKeys: [KEY] });
  return createHost(input, model, { service, row: (baseUrl) => ({ type: 'vertexai', api_host: baseUrl }) });
}

const SIGNING = { accessKeyId: 'AKIDEXAMPLE0', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const SESSION_KEY = JSON.stringify({
  access_key_id: SIGNING.accessKeyId,
  secret_access_key: SIGNING.secretAccessKey,
  session_token: 'FwoGZXIvYXdzEXAMPLE/session+token==',
});

const createBedrock =
  (key: 'signing' | 'bearer', family: string) =>
  async ({ name }: HostInput): Promise<ProviderHost> => {
    const model = `eu.anthropic.${family}-${name}-v1:0`;
    const bedrock = await createFakeBedrock({
      region: REGION,
      models: [model],
      ...(key === 'bearer'
        ? { bearer: KEY }
        : { signing: { ...SIGNING, sessionToken: 'FwoGZXIvYXdzEXAMPLE/session+token==' } }),
    });
    return {
      row: { type: 'aws-bedrock', api_host: bedrock.baseUrl, region: REGION, models: [model] },
      key: key === 'bearer' ? KEY : SESSION_KEY,
      model,
      respond: (script) => bedrock.respond(({ body }) => bedrockAnswerOf(script({ json: body }))),
      requests: () => bedrock.requests.map(({ path, body }) => ({ path, json: body })),
      violations: () => bedrock.violations,
      reset: () => bedrock.reset(),
      [Symbol.asyncDispose]: () => bedrock[Symbol.asyncDispose](),
    };
  };

/** The same answer as Bedrock gives it: failures are exceptions, in a stream too. */
function bedrockAnswerOf(answer: Answer): BedrockAnswer {
  switch (answer.type) {
    case 'message': {
      const { cutAfterBytes } = answer.delivery ?? {};
      const exception = { name: 'modelStreamErrorException', status: 424, isLate: true };
      return cutAfterBytes === undefined ? answer.message : { ...answer.message, exception };
    }
    case 'refusal':
      return { exception: { name: 'ThrottlingException', status: answer.error.status } };
    default:
      throw new TypeError(`Bedrock is not scripted to answer with ${answer.type}.`);
  }
}

/** Every provider type of design.md section 5, in each of its forms. */
const HOSTS = {
  openai: createPlain('openai', '/v1'),
  'openai-response': createPlain('openai-response', '/v1'),
  anthropic: createPlain('anthropic'),
  gemini: createPlain('gemini', '', 'gemini-3-'),
  'azure-openai, deployments': createAzure('2024-10-21'),
  'azure-openai, deployments with Responses': createAzure('2025-04-01-preview'),
  'azure-openai, v1': createAzure(undefined),
  'azure-openai, Claude': createAzure(undefined, 'claude-opus-4-1'),
  'vertexai, Gemini by service account': createVertexByAccount('gemini-3'),
  'vertexai, Claude by service account': createVertexByAccount('claude-opus-4-1'),
  'vertexai, Gemini by express key': createVertexByExpressKey,
  'aws-bedrock, signed': createBedrock('signing', 'claude-opus-4-1'),
  'aws-bedrock, bearer': createBedrock('bearer', 'claude-sonnet-5'),
  ollama: (input: HostInput) => {
    const model = `${input.name}-model:8b`;
    return createHost(input, model, {
      service: createOllamaService({ models: [model] }),
      row: (baseUrl) => ({ type: 'ollama', api_host: baseUrl }),
      key: null,
    });
  },
  'new-api': createPlain('new-api'),
  gateway: (input: HostInput) => {
    // Named after its maker, as all of them are there; that is the id of a preset too.
    const model = `anthropic/${input.name}-model`;
    return createHost(input, model, {
      service: createAiGatewayService({ models: [model] }),
      row: (baseUrl) => ({ type: 'gateway', api_host: `${baseUrl}/v4/ai` }),
    });
  },
} satisfies Readonly<Record<string, CreateHost>>;

type CreateHost = (input: HostInput) => Promise<ProviderHost>;
export type ProviderHostName = keyof typeof HOSTS;
export const PROVIDER_HOSTS: Readonly<Record<ProviderHostName, CreateHost>> = HOSTS;
/** The dialects a host speaks, whose requests pass to it as bytes. */
export const SPOKEN_BY: Readonly<Record<ProviderHostName, readonly FakeDialectId[]>> = {
  openai: ['openai'],
  'openai-response': ['openai', 'responses'],
  anthropic: ['anthropic'],
  gemini: ['gemini'],
  'azure-openai, deployments': ['openai'],
  'azure-openai, deployments with Responses': ['openai', 'responses'],
  'azure-openai, v1': ['openai', 'responses'],
  'azure-openai, Claude': ['anthropic'],
  'vertexai, Gemini by service account': ['gemini'],
  'vertexai, Claude by service account': ['anthropic'],
  'vertexai, Gemini by express key': ['gemini'],
  'aws-bedrock, signed': [],
  'aws-bedrock, bearer': [],
  // Its Chat Completions are a variant of their own, which requests are written in anew.
  ollama: ['anthropic'],
  'new-api': ['openai', 'responses', 'anthropic', 'gemini'],
  gateway: ['openai', 'responses', 'anthropic'],
};
const isHostName = (name: string): name is ProviderHostName => name in HOSTS;
export const PROVIDER_HOST_NAMES = Object.keys(HOSTS).filter(isHostName);

/** Adds the provider and its key through the admin API, as a person's console would do it. */
export async function addHost(server: RunningServer, id: string, { row, key }: ProviderHost): Promise<void> {
  await post(server, '/providers', { id, name: id, enabled: true, ...row });
  if (key !== undefined) await post(server, `/providers/${id}/keys`, { key });
}

async function post(server: RunningServer, path: string, body: unknown): Promise<void> {
  const { status, body: answer } = await server.adminFetch(path, { method: 'POST', body });
  if (status < 200 || status > 299) throw new Error(`POST ${path} answered ${status}: ${JSON.stringify(answer)}`);
}
