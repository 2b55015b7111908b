import type { FakeError } from '../fake-upstream/answer.ts';
import { anthropicDialect } from '../fake-upstream/anthropic/anthropic-dialect.ts';
import type { FakeDialect, FakeEndpoint, WrittenError } from '../fake-upstream/dialect.ts';
import type { FakeService } from '../fake-upstream/fake-service.ts';
import { geminiDialect } from '../fake-upstream/gemini/gemini-dialect.ts';
import type { RequestHead } from '../fake-upstream/recorded-request.ts';
import type { Finding, RuleContext } from '../fake-upstream/rule.ts';
import { isObject, isString, type JsonObject, objectsOf } from '../json.ts';

const SOURCE = 'api-key-system.md 2.6';
const ANTHROPIC_VERSION = 'vertex-2023-10-16';
const PLACE = '\\/v1(?:beta1)?\\/projects\\/[^/]+\\/locations\\/[^/]+';
const PLACED = /^\/v1(?:beta1)?\/projects\/([^/]+)\/locations\/([^/]+)\//;
const GEMINI = '\\/publishers\\/google\\/models\\/(?<parameter>[^/:]+)';
/** Counting has one address for all models, which looks like a model. */
const CLAUDE = '\\/publishers\\/anthropic\\/models\\/(?<parameter>(?!count-tokens:)[^/:]+)';

export interface VertexServiceOptions {
  readonly project: string;
  readonly location: string;
  readonly models: readonly string[];
  /** Whether the token endpoint gave this token out. Absent: no service account is known. */
  readonly isToken?: (token: string) => boolean;
  /** Keys of the express mode, which reach Gemini models only. */
  readonly expressKeys?: readonly string[];
}

/** Vertex AI of one project in one location: Gemini and Claude models by tokens, Gemini by express keys. */
export function createVertexService(options: VertexServiceOptions): FakeService {
  const { project, location, models, isToken, expressKeys = [] } = options;
  const common = { readKey: readGoogleKey };
  const gemini: FakeDialect = {
    ...geminiDialect,
    ...common,
    endpoints: [PLACE, '\\/v1(?:beta1)?'].flatMap((root) => [
      post(`${root}${GEMINI}:(?:g|streamG)enerateContent`, 'chat'),
      post(`${root}${GEMINI}:countTokens`, 'count-tokens'),
    ]),
    checkHead: (head) => [...geminiDialect.checkHead(head), ...checkPlace(head)],
    checkBody: (body, operation, context) => [...geminiDialect.checkBody(body, operation, context), ...findRoles(body)],
    writeError: (error, request) => writeGoogleError(error) ?? geminiDialect.writeError(error, request),
  };
  const claude: FakeDialect = {
    ...anthropicDialect,
    ...common,
    endpoints: [
      post(`${PLACE}${CLAUDE}:(?:r|streamR)awPredict`, 'chat'),
      post(`${PLACE}\\/publishers\\/anthropic\\/models\\/count-tokens:rawPredict`, 'count-tokens'),
    ],
    // The version stands in the body.
    checkHead: checkPlace,
    checkBody: checkClaudeBody,
    isStream: ({ path }) => path.endsWith(':streamRawPredict'),
    writeError: (error, request) => writeGoogleError(error) ?? anthropicDialect.writeError(error, request),
  };
  return {
    dialects: [gemini, claude],
    opens: (key, path) => (PLACED.test(path) ? isToken?.(key) === true : expressKeys.includes(key)),
    refuse({ path, model, operation }) {
      const [, namedProject, namedLocation] = PLACED.exec(path) ?? [];
      if (namedProject !== undefined && namedProject !== project) {
        const message = `Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/${namedProject}' (or it may not exist).`;
        return { status: 403, code: 'PERMISSION_DENIED', message };
      }
      const isThere = model !== undefined && models.includes(model);
      if ((namedLocation === undefined || namedLocation === location) && (isThere || operation !== 'chat'))
        return undefined;
      const message = `Publisher Model \`${String(model)}\` was not found or your project does not have access to it in ${String(namedLocation)}.`;
      return { status: 404, code: 'NOT_FOUND', message };
    },
  };
}

const post = (path: string, operation: FakeEndpoint['operation']): FakeEndpoint => ({
  method: 'POST',
  path: new RegExp(`^${path}$`),
  operation,
  body: 'json',
});

/** A token where a project stands in the path; an express key, in its header or the query, where none does. */
function readGoogleKey({ headers, query, path }: Pick<RequestHead, 'headers' | 'query' | 'path'>): string | undefined {
  if (PLACED.test(path)) return /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
  const key = headers['x-goog-api-key'];
  return isString(key) ? key : (query.get('key') ?? undefined);
}

/** What a token opens takes no API key, and the other way round: the service refuses two identities at once. */
function checkPlace({ path, headers, query }: RequestHead): readonly Finding[] {
  const hasKey = headers['x-goog-api-key'] !== undefined || query.has('key');
  const isTwofold = PLACED.test(path) ? hasKey : headers.authorization !== undefined;
  if (!isTwofold) return [];
  return [{ rule: 'vx.two-identities', source: SOURCE, message: 'API keys and tokens are not taken together.' }];
}

function findRoles(body: unknown): readonly Finding[] {
  const contents = isObject(body) ? objectsOf(body.contents) : [];
  return contents
    .filter(({ role }) => role !== 'user' && role !== 'model')
    .map(() => ({ rule: 'vx.role', source: SOURCE, message: 'Please use a valid role: user, model.' }));
}

function checkClaudeBody(
  body: unknown,
  operation: Parameters<FakeDialect['checkBody']>[1],
  context: RuleContext,
): readonly Finding[] {
  if (!isObject(body)) return anthropicDialect.checkBody(body, operation, context);
  const findings: Finding[] = [];
  const find = (rule: string, message: string): void => {
    findings.push({ rule: `vx.${rule}`, source: SOURCE, message });
  };
  const { anthropic_version: version, ...others } = body;
  if (version !== ANTHROPIC_VERSION) find('anthropic_version', `anthropic_version: must be ${ANTHROPIC_VERSION}`);
  if (operation === 'chat') {
    if (body.model !== undefined) find('model', 'model: Extra inputs are not permitted');
    const isStreamPath = context.head.path.endsWith(':streamRawPredict');
    if ((body.stream === true) !== isStreamPath) find('stream', 'stream: streamRawPredict and it go together');
  }
  if (hasAddress(body.messages)) find('url-source', 'URL sources are not supported');
  const model = operation === 'chat' ? decodeURIComponent(context.head.pathParameter ?? '') : body.model;
  return [...findings, ...anthropicDialect.checkBody({ ...others, model }, operation, context)];
}

/** Whether a picture or a document is named by its address, in a result too. */
function hasAddress(messages: unknown): boolean {
  const isNamed = (block: JsonObject): boolean =>
    (isObject(block.source) && block.source.type === 'url') || objectsOf(block.content).some(isNamed);
  return objectsOf(messages).some(isNamed);
}

/** Errors before the model are Google's, whatever the model speaks. */
function writeGoogleError({ status, message, code, headers }: FakeError): WrittenError | undefined {
  if (status !== 401 && status !== 403 && status !== 404) return undefined;
  const denied =
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.';
  const usual = status === 401 ? 'UNAUTHENTICATED' : status === 403 ? 'PERMISSION_DENIED' : 'NOT_FOUND';
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
    body: JSON.stringify({ error: { code: status, message: message ?? denied, status: code ?? usual } }, null, 2),
  };
}
