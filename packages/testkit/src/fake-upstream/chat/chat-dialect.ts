import { isObject } from '../../json.ts';
import type { FakeDialect } from '../dialect.ts';
import { openAiErrorFields, openAiRequestId, readBearerKey, writeOpenAiError } from '../openai-errors.ts';
import { applyRules, checkFields, type Finding } from '../rule.ts';
import { checkServiceBody, SERVICE_ENDPOINTS } from '../services/service-rules.ts';
import { writeServiceAnswer } from '../services/write-service-answer.ts';
import { CHAT_FIELDS } from './chat-fields.ts';
import { CHAT_RULES, checkChatParts } from './chat-rules.ts';
import { SHOWN_REASONING, writeChatAnswer } from './write-chat-answer.ts';

export const chatDialect: FakeDialect = {
  id: 'openai',
  endpoints: [
    { method: 'POST', path: /^\/v1\/chat\/completions$/, operation: 'chat', body: 'json' },
    { method: 'GET', path: /^\/v1\/models$/, operation: 'list-models', body: 'none' },
    { method: 'GET', path: /^\/v1\/models\/(?<parameter>.+)$/, operation: 'retrieve-model', body: 'none' },
    ...SERVICE_ENDPOINTS,
  ],
  readKey: readBearerKey,
  checkHead: () => [],
  checkBody(body, operation, context): readonly Finding[] {
    if (!isObject(body)) {
      return [{ rule: 'cc.body', source: 'protocols.md 2.1', message: 'Expected a JSON object as the request body.' }];
    }
    if (operation !== 'chat') return checkServiceBody(body, operation);
    return [
      ...checkFields(body, {
        dialect: 'cc',
        at: '',
        rows: CHAT_FIELDS,
        refuseUnknown: { source: 'protocols.md 2.1', say: (field) => `Unknown parameter: '${field}'.` },
      }),
      ...checkChatParts(body, context.memory.signatures.has(SHOWN_REASONING)),
      ...applyRules(body, CHAT_RULES, context),
    ];
  },
  isStream: (_head, body) => isObject(body) && body.stream === true,
  writeMessage: writeChatAnswer,
  writeUsual(context) {
    const { request, models, nowMs } = context;
    const headers = { 'content-type': 'application/json', 'x-request-id': openAiRequestId(request.index) };
    const shown = (id: string) => ({ id, object: 'model', created: Math.floor(nowMs / 1000), owned_by: 'fake' });
    switch (request.operation) {
      case 'list-models':
        return { headers, frames: [JSON.stringify({ object: 'list', data: models.map(shown) })] };
      case 'retrieve-model': {
        const id = decodeURIComponent(request.pathParameter ?? '');
        return models.includes(id)
          ? { headers, frames: [JSON.stringify(shown(id))] }
          : writeOpenAiError({ status: 404, message: `The model '${id}' does not exist` }, request);
      }
      default:
        return writeServiceAnswer(context);
    }
  },
  writeError: writeOpenAiError,
  // Not specified by OpenAI; this is what its SDK throws on: protocols.md 2.3.
  writeStreamError: (error) => `data: ${JSON.stringify({ error: openAiErrorFields(error) })}\n\n`,
};
