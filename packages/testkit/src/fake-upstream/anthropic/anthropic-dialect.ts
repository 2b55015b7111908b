import { isObject, isString } from '../../json.ts';
import type { FakeError } from '../answer.ts';
import type { FakeDialect, WrittenError } from '../dialect.ts';
import type { RequestHead } from '../recorded-request.ts';
import { applyRules, checkFields, type Finding } from '../rule.ts';
import { COUNT_FIELDS, MESSAGE_FIELDS } from './anthropic-fields.ts';
import { ANTHROPIC_RULES, checkAnthropicParts } from './anthropic-rules.ts';
import { ANTHROPIC_SERVER_RULES } from './anthropic-server-rules.ts';
import { anthropicEvent, requestIdOf, writeAnthropicAnswer } from './write-anthropic-answer.ts';

/** Error types by status: protocols.md 4.4. */
const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  405: 'invalid_request_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

const ERROR_WORDS: Readonly<Record<number, string>> = {
  401: 'invalid x-api-key',
  404: 'model: not found',
  429: 'This request would exceed your account’s rate limit. Please try again later.',
  529: 'Overloaded',
};

export const anthropicDialect: FakeDialect = {
  id: 'anthropic',
  endpoints: [
    { method: 'POST', path: /^\/v1\/messages$/, operation: 'chat', body: 'json' },
    { method: 'POST', path: /^\/v1\/messages\/count_tokens$/, operation: 'count-tokens', body: 'json' },
    { method: 'GET', path: /^\/v1\/models$/, operation: 'list-models', body: 'none' },
    { method: 'GET', path: /^\/v1\/models\/(?<parameter>[^/]+)$/, operation: 'retrieve-model', body: 'none' },
  ],
  readKey({ headers }) {
    const key = headers['x-api-key'];
    if (isString(key)) return key;
    return /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
  },
  checkHead(head) {
    const version = head.headers['anthropic-version'];
    if (isString(version) && /^\d{4}-\d{2}-\d{2}$/.test(version)) return [];
    return [
      {
        rule: 'an.anthropic-version',
        source: 'protocols.md 1',
        field: 'anthropic-version',
        message: 'anthropic-version: header is required',
      },
    ];
  },
  checkBody(body, operation, context): readonly Finding[] {
    if (!isObject(body)) {
      return [{ rule: 'an.body', source: 'protocols.md 4.1', message: 'Input should be a valid dictionary' }];
    }
    const rows = operation === 'count-tokens' ? COUNT_FIELDS : MESSAGE_FIELDS;
    return [
      ...checkFields(body, {
        dialect: 'an',
        at: '',
        rows,
        refuseUnknown: { source: 'protocols.md 4.1', say: (field) => `${field}: Extra inputs are not permitted` },
      }),
      ...checkAnthropicParts(body),
      ...applyRules(body, ANTHROPIC_RULES, context),
      ...applyRules(body, ANTHROPIC_SERVER_RULES, context),
    ];
  },
  isStream: (_head, body) => isObject(body) && body.stream === true,
  writeMessage: writeAnthropicAnswer,
  writeUsual({ request, models, nowMs }) {
    const headers = { 'content-type': 'application/json', 'request-id': requestIdOf(request.index) };
    const shown = (id: string) => ({
      type: 'model',
      id,
      display_name: id,
      created_at: new Date(nowMs).toISOString(),
    });
    switch (request.operation) {
      case 'count-tokens':
        return { headers, frames: [JSON.stringify({ input_tokens: Math.ceil(request.body.length / 4) })] };
      case 'list-models':
        return {
          headers,
          frames: [
            JSON.stringify({
              data: models.map(shown),
              has_more: false,
              first_id: models[0] ?? null,
              last_id: models.at(-1) ?? null,
            }),
          ],
        };
      case 'retrieve-model': {
        const id = request.pathParameter ?? '';
        return models.includes(id)
          ? { headers, frames: [JSON.stringify(shown(id))] }
          : writeAnthropicError({ status: 404, message: `model: ${id}` }, request);
      }
      default:
        return undefined;
    }
  },
  writeError: writeAnthropicError,
  writeStreamError: (error) => anthropicEvent('error', errorFields(error)),
};

function writeAnthropicError(error: FakeError, request: RequestHead): WrittenError {
  const { retryAfterSeconds } = error;
  return {
    status: error.status,
    headers: {
      'content-type': 'application/json',
      'request-id': requestIdOf(request.index),
      ...(retryAfterSeconds === undefined
        ? {}
        : {
            'retry-after': String(retryAfterSeconds),
            'anthropic-ratelimit-requests-limit': '50',
            'anthropic-ratelimit-requests-remaining': '0',
            'anthropic-ratelimit-requests-reset': new Date(Date.now() + retryAfterSeconds * 1000).toISOString(),
          }),
      ...error.headers,
    },
    body: JSON.stringify({ type: 'error', ...errorFields(error), request_id: requestIdOf(request.index) }),
  };
}

function errorFields(error: FakeError): Readonly<Record<string, unknown>> {
  return {
    error: {
      type: error.code ?? ERROR_TYPES[error.status] ?? 'api_error',
      message: error.message ?? ERROR_WORDS[error.status] ?? `Fake failure ${error.status}`,
    },
  };
}
