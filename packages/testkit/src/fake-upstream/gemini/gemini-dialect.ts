import { isObject, isString, type JsonObject, objectsOf } from '../../json.ts';
import type { FakeError } from '../answer.ts';
import type { FakeDialect, WrittenAnswer, WrittenError } from '../dialect.ts';
import type { RequestHead } from '../recorded-request.ts';
import { applyRules, type Finding } from '../rule.ts';
import {
  BATCH_EMBED_FIELDS,
  COUNT_FIELDS,
  EMBED_FIELDS,
  GENERATE_FIELDS,
  VERTEX_COUNT_FIELDS,
} from './gemini-fields.ts';
import { readField } from './gemini-names.ts';
import { checkGeminiFields, checkGeminiParts, GEMINI_RULES } from './gemini-rules.ts';
import { geminiEvent, writeGeminiAnswer } from './write-gemini-answer.ts';

/** Status names by code: protocols.md 5.4. */
const STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

const WORDS: Readonly<Record<number, string>> = {
  401: 'API key not valid. Please pass a valid API key.',
  429: 'You exceeded your current quota. Please retry later.',
  503: 'The model is overloaded. Please try again later.',
};

export const geminiDialect: FakeDialect = {
  id: 'gemini',
  endpoints: [
    {
      method: 'POST',
      path: /^\/v1(?:beta)?\/models\/(?<parameter>.+):generateContent$/,
      operation: 'chat',
      body: 'json',
    },
    {
      method: 'POST',
      path: /^\/v1(?:beta)?\/models\/(?<parameter>.+):streamGenerateContent$/,
      operation: 'chat',
      body: 'json',
    },
    {
      method: 'POST',
      path: /^\/v1(?:beta)?\/models\/(?<parameter>.+):countTokens$/,
      operation: 'count-tokens',
      body: 'json',
    },
    {
      method: 'POST',
      path: /^\/v1(?:beta)?\/models\/(?<parameter>.+):embedContent$/,
      operation: 'embeddings',
      body: 'json',
    },
    {
      method: 'POST',
      path: /^\/v1(?:beta)?\/models\/(?<parameter>.+):batchEmbedContents$/,
      operation: 'embeddings',
      body: 'json',
    },
    { method: 'GET', path: /^\/v1(?:beta)?\/models$/, operation: 'list-models', body: 'none' },
    { method: 'GET', path: /^\/v1(?:beta)?\/models\/(?<parameter>[^:]+)$/, operation: 'retrieve-model', body: 'none' },
  ],
  readKey({ headers, query }) {
    const key = headers['x-goog-api-key'];
    if (isString(key)) return key;
    return query.get('key') ?? /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
  },
  checkHead(head) {
    const alt = head.query.get('alt');
    if (alt === null || alt === 'sse' || alt === 'json') return [];
    return [{ rule: 'ge.alt', source: 'protocols.md 1', field: 'alt', message: `Invalid value for alt: ${alt}` }];
  },
  checkBody(body, operation, context): readonly Finding[] {
    if (!isObject(body)) {
      return [{ rule: 'ge.body', source: 'protocols.md 5.1', message: 'Invalid JSON payload received.' }];
    }
    if (operation === 'embeddings') {
      const isBatch = context.head.path.endsWith(':batchEmbedContents');
      return checkGeminiFields(body, '', isBatch ? BATCH_EMBED_FIELDS : EMBED_FIELDS);
    }
    if (operation === 'count-tokens') {
      const inner = readField(body, 'generateContentRequest');
      const isVertex = context.head.path.includes('/publishers/');
      const findings = checkGeminiFields(body, '', isVertex ? VERTEX_COUNT_FIELDS : COUNT_FIELDS);
      const counted = isObject(inner) ? inner : body;
      if (readField(counted, 'contents') === undefined) {
        return [
          ...findings,
          { rule: 'ge.contents', source: 'protocols.md 5.4', message: '* contents is not specified' },
        ];
      }
      return [...findings, ...checkGenerate(counted, context)];
    }
    return [...checkGeminiFields(body, '', GENERATE_FIELDS), ...checkGenerate(body, context)];
  },
  isStream: (head) => head.path.endsWith(':streamGenerateContent'),
  writeMessage: writeGeminiAnswer,
  writeUsual({ request, models }): WrittenAnswer | WrittenError | undefined {
    const json = (value: unknown): WrittenAnswer => ({
      headers: { 'content-type': 'application/json; charset=UTF-8' },
      frames: [JSON.stringify(value, null, 2)],
    });
    const shown = (id: string) => ({
      name: `models/${id}`,
      version: '001',
      displayName: id,
      description: 'A fake model.',
      inputTokenLimit: 1_048_576,
      outputTokenLimit: 65_536,
      supportedGenerationMethods: ['generateContent', 'countTokens'],
    });
    switch (request.operation) {
      case 'count-tokens':
        return json({ totalTokens: Math.ceil(request.body.length / 4) });
      case 'embeddings': {
        const values = [0.25, -0.5, 0.125, request.body.length / 8];
        const inputs = isObject(request.json) ? objectsOf(request.json.requests) : [];
        return request.path.endsWith(':batchEmbedContents')
          ? json({ embeddings: inputs.map(() => ({ values })) })
          : json({ embedding: { values } });
      }
      case 'list-models':
        return json({ models: models.map(shown) });
      case 'retrieve-model': {
        const id = request.pathParameter ?? '';
        return models.includes(id)
          ? json(shown(id))
          : writeGeminiError({ status: 404, message: `models/${id} is not found for API version v1beta` }, request);
      }
      default:
        return undefined;
    }
  },
  writeError: writeGeminiError,
  writeStreamError: (error, request) =>
    request.query.get('alt') === 'sse'
      ? geminiEvent({ error: errorFields(error) })
      : `,\r\n${JSON.stringify({ error: errorFields(error) })}\r\n]`,
};

function checkGenerate(body: JsonObject, context: Parameters<typeof applyRules>[2]): readonly Finding[] {
  return [...checkGeminiParts(body), ...applyRules(body, GEMINI_RULES, context)];
}

function writeGeminiError(error: FakeError, request: RequestHead): WrittenError {
  const value = { error: errorFields(error) };
  // Without alt=sse the stream endpoint wraps its error: protocols.md 5.4.
  const isWrapped = request.path.endsWith(':streamGenerateContent') && request.query.get('alt') !== 'sse';
  // A wrong key is 400 there, not 401: protocols.md 5.4.
  const status = error.status === 401 ? 400 : error.status;
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...error.headers },
    body: JSON.stringify(isWrapped ? [value] : value, null, 2),
  };
}

function errorFields(error: FakeError): JsonObject {
  const isWrongKey = error.status === 401;
  const status = isWrongKey ? 400 : error.status;
  const details: JsonObject[] = [];
  if (isWrongKey) {
    details.push({
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
    });
  }
  if (error.retryAfterSeconds !== undefined) {
    details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${error.retryAfterSeconds}s` });
  }
  return {
    code: status,
    message: error.message ?? WORDS[error.status] ?? `Fake failure ${status}`,
    status: error.code ?? STATUS[status] ?? 'UNKNOWN',
    ...(details.length === 0 ? {} : { details }),
  };
}
