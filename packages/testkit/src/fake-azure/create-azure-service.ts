import type { FakeError } from '../fake-upstream/answer.ts';
import { anthropicDialect } from '../fake-upstream/anthropic/anthropic-dialect.ts';
import { chatDialect } from '../fake-upstream/chat/chat-dialect.ts';
import type { FakeDialect, WrittenAnswer, WrittenError } from '../fake-upstream/dialect.ts';
import type { FakeService } from '../fake-upstream/fake-service.ts';
import { mapChatFrames } from '../fake-upstream/map-chat-frames.ts';
import { moveEndpoints } from '../fake-upstream/move-endpoints.ts';
import type { RequestHead } from '../fake-upstream/recorded-request.ts';
import { responsesDialect } from '../fake-upstream/responses/responses-dialect.ts';
import type { Finding } from '../fake-upstream/rule.ts';
import { isObject, isString, type JsonObject, objectsOf } from '../json.ts';

const SOURCE = 'api-key-system.md 2.5';
const V1 = '\\/v1';
/** The classic form: the deployment stands in the path. */
const DEPLOYMENT = '\\/openai\\/deployments\\/(?<parameter>[^/]+)';
/** Responses exist in the classic form since then. */
const FIRST_RESPONSES_VERSION = '2025-03-01';
const FILTERS = { hate: { filtered: false, severity: 'safe' }, violence: { filtered: false, severity: 'safe' } };

/** Azure OpenAI: the classic form, the v1 form, and Claude at `/anthropic`, before deployments of one resource. */
export function createAzureService({ deployments }: { readonly deployments: readonly string[] }): FakeService {
  const common = {
    readKey: readAzureKey,
    checkHead: checkAzureHead,
    writeError: (error: FakeError, request: RequestHead) =>
      writeAzureError(error) ?? chatDialect.writeError(error, request),
  };
  const chat: FakeDialect = {
    ...chatDialect,
    ...common,
    endpoints: [
      ...moveEndpoints(chatDialect.endpoints, V1, '\\/openai\\/v1'),
      ...moveEndpoints(
        chatDialect.endpoints.filter(({ method }) => method === 'POST'),
        V1,
        DEPLOYMENT,
      ),
      { method: 'GET', path: /^\/openai\/models$/, operation: 'list-models', body: 'none' },
    ],
    checkBody(body, operation, context) {
      const deployment = context.head.pathParameter;
      // In the classic form the body's own model is not looked at.
      const read = isObject(body) && deployment !== undefined ? { ...body, model: deployment } : body;
      const findings = chatDialect.checkBody(read, operation, context);
      return isObject(read) && operation === 'chat' ? [...findings, ...findForReasoning(read)] : findings;
    },
    writeMessage: (content, context) => filtered(chatDialect.writeMessage(content, context), context.request.isStream),
  };
  const responses: FakeDialect = {
    ...responsesDialect,
    ...common,
    endpoints: ['\\/openai', '\\/openai\\/v1'].flatMap((root) => moveEndpoints(responsesDialect.endpoints, V1, root)),
  };
  const claude: FakeDialect = {
    ...anthropicDialect,
    endpoints: moveEndpoints(anthropicDialect.endpoints, V1, '\\/anthropic\\/v1'),
    readKey: ({ headers }) => headerOf(headers['x-api-key']) ?? headerOf(headers['api-key']),
  };
  return {
    dialects: [chat, responses, claude],
    refuse(request) {
      if (request.dialect !== 'anthropic' && checkAzureHead(request).length > 0) {
        return { status: 404, code: '404', message: 'Resource not found' };
      }
      if (request.operation !== 'chat' && request.operation !== 'embeddings') return undefined;
      const named = request.pathParameter === undefined ? request.model : decodeURIComponent(request.pathParameter);
      return named !== undefined && deployments.includes(named)
        ? undefined
        : {
            status: 404,
            code: 'DeploymentNotFound',
            message: 'The API deployment for this resource does not exist.',
          };
    },
  };
}

/** What models that always reason refuse (protocols.md 2.1; Azure's page on reasoning models, 2026-11). */
const REASONING_MODEL = /^(?:gpt-5|o\d)/;
const REFUSED = ['max_tokens', 'presence_penalty', 'frequency_penalty', 'logprobs', 'top_logprobs', 'logit_bias'];

function findForReasoning(body: JsonObject): readonly Finding[] {
  if (!isString(body.model) || !REASONING_MODEL.test(body.model)) return [];
  const isSet = (field: string, usual?: unknown): boolean =>
    body[field] !== undefined && body[field] !== null && body[field] !== usual;
  const fields = [
    ...REFUSED.filter((field) => isSet(field)),
    ...['temperature', 'top_p'].filter((field) => isSet(field, 1)),
  ];
  return fields.map((field) => ({
    rule: 'az.reasoning-model',
    source: 'protocols.md 2.1',
    field,
    message: `Unsupported parameter: '${field}' is not supported with this model.`,
  }));
}

const headerOf = (value: unknown): string | undefined => (isString(value) ? value : undefined);

/** A key in `api-key`; in `Authorization` only a token of Entra ID, which is a JWT. */
function readAzureKey({ headers }: Pick<RequestHead, 'headers'>): string | undefined {
  const token = /^Bearer (eyJ[^.\s]*\.[^.\s]+\.[^.\s]+)$/.exec(headers.authorization ?? '')?.[1];
  return headerOf(headers['api-key']) ?? token;
}

function checkAzureHead({ path, query }: RequestHead): readonly Finding[] {
  const version = query.get('api-version');
  const find = (message: string): readonly Finding[] => [{ rule: 'az.api-version', source: SOURCE, message }];
  if (path.startsWith('/openai/v1/')) {
    return version === null || ['v1', 'preview', 'latest'].includes(version)
      ? []
      : find(`api-version ${version} is none of the v1 form`);
  }
  if (version === null || !/^\d{4}-\d{2}-\d{2}(-preview)?$/.test(version)) {
    return find(`api-version is required there as a date, got ${String(version)}`);
  }
  return path.startsWith('/openai/responses') && version < FIRST_RESPONSES_VERSION
    ? find(`api-version ${version} has no Responses`)
    : [];
}

/** What the filter of the platform adds: marks on each choice, and a chunk of its own before the others. */
function filtered(answer: WrittenAnswer, isStream: boolean): WrittenAnswer {
  const prompt = [{ prompt_index: 0, content_filter_results: FILTERS }];
  const marked = mapChatFrames(answer, (value): JsonObject => {
    const choices = objectsOf(value.choices).map((choice) => ({ ...choice, content_filter_results: FILTERS }));
    // The model behind the deployment, not the deployment.
    const named = { ...value, model: 'gpt-5.4-2026-03-05' };
    return isStream ? { ...named, choices } : { ...named, choices, prompt_filter_results: prompt };
  });
  if (!isStream) return marked;
  const first = { choices: [], created: 0, id: '', model: '', object: '', prompt_filter_results: prompt };
  return { ...marked, frames: [`data: ${JSON.stringify(first)}\n\n`, ...marked.frames] };
}

/** Errors of the gateway before the models, which is not OpenAI's. */
function writeAzureError({ status, code, message, headers }: FakeError): WrittenError | undefined {
  if (status !== 401 && (status !== 404 || code === undefined)) return undefined;
  const denied =
    'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.';
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ error: { code: code ?? String(status), message: message ?? denied } }),
  };
}
