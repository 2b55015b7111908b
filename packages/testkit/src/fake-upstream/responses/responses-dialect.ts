import { isObject } from '../../json.ts';
import type { FakeDialect, WrittenAnswer, WrittenError } from '../dialect.ts';
import { openAiErrorFields, openAiRequestId, readBearerKey, writeOpenAiError } from '../openai-errors.ts';
import { applyRules, checkFields, type Finding } from '../rule.ts';
import { RESPONSES_FIELDS } from './responses-fields.ts';
import { checkResponsesParts, RESPONSES_RULES } from './responses-rules.ts';
import { responsesEvent, writeResponsesAnswer } from './write-responses-answer.ts';

export const responsesDialect: FakeDialect = {
  id: 'responses',
  endpoints: [
    { method: 'POST', path: /^\/v1\/responses$/, operation: 'chat', body: 'json' },
    { method: 'POST', path: /^\/v1\/responses\/input_tokens$/, operation: 'count-tokens', body: 'json' },
    { method: 'GET', path: /^\/v1\/responses\/(?<parameter>[^/]+)$/, operation: 'response-retrieve', body: 'none' },
    { method: 'DELETE', path: /^\/v1\/responses\/(?<parameter>[^/]+)$/, operation: 'response-delete', body: 'none' },
    {
      method: 'GET',
      path: /^\/v1\/responses\/(?<parameter>[^/]+)\/input_items$/,
      operation: 'response-input-items',
      body: 'none',
    },
    {
      method: 'POST',
      path: /^\/v1\/responses\/(?<parameter>[^/]+)\/cancel$/,
      operation: 'response-cancel',
      body: 'none',
    },
  ],
  readKey: readBearerKey,
  checkHead: () => [],
  checkBody(body, _operation, context): readonly Finding[] {
    if (!isObject(body)) {
      return [{ rule: 'rs.body', source: 'protocols.md 3.1', message: 'Expected a JSON object as the request body.' }];
    }
    return [
      ...checkFields(body, {
        dialect: 'rs',
        at: '',
        rows: RESPONSES_FIELDS,
        refuseUnknown: { source: 'protocols.md 3.1', say: (field) => `Unknown parameter: '${field}'.` },
      }),
      ...checkResponsesParts(body),
      ...applyRules(body, RESPONSES_RULES, context),
    ];
  },
  isStream: (_head, body) => isObject(body) && body.stream === true,
  writeMessage: writeResponsesAnswer,
  writeUsual({ request, rules }): WrittenAnswer | WrittenError | undefined {
    const json = (value: unknown): WrittenAnswer => ({
      headers: { 'content-type': 'application/json', 'x-request-id': openAiRequestId(request.index) },
      frames: [JSON.stringify(value)],
    });
    if (request.operation === 'count-tokens') {
      return json({ object: 'response.input_tokens', input_tokens: Math.ceil(request.body.length / 4) });
    }
    const id = request.pathParameter ?? '';
    const stored = rules.memory.responses.get(id);
    if (stored === undefined) {
      return writeOpenAiError(
        { status: 404, code: 'not_found', message: `Response with id '${id}' not found.` },
        request,
      );
    }
    switch (request.operation) {
      case 'response-retrieve':
        return json(stored.response);
      case 'response-delete':
        rules.memory.responses.delete(id);
        return json({ id, object: 'response', deleted: true });
      case 'response-input-items': {
        const data = stored.input.map((item, index) => (isObject(item) ? { id: `msg_input${index}`, ...item } : item));
        return json({
          object: 'list',
          data: data.toReversed(),
          first_id: `msg_input${data.length - 1}`,
          last_id: 'msg_input0',
          has_more: false,
        });
      }
      case 'response-cancel':
        return stored.isBackground
          ? json({ ...stored.response, status: 'cancelled' })
          : writeOpenAiError(
              { status: 400, message: 'Only responses created with background=true can be cancelled.' },
              request,
            );
      default:
        return undefined;
    }
  },
  writeError: writeOpenAiError,
  writeStreamError: (error) => {
    const { message, code, param } = openAiErrorFields(error);
    return responsesEvent({ type: 'error', code, message, param, sequence_number: 999 });
  },
};
