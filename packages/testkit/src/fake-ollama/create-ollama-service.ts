import { anthropicDialect } from '../fake-upstream/anthropic/anthropic-dialect.ts';
import { chatDialect } from '../fake-upstream/chat/chat-dialect.ts';
import type { FakeDialect } from '../fake-upstream/dialect.ts';
import type { FakeService } from '../fake-upstream/fake-service.ts';
import { mapChatFrames } from '../fake-upstream/map-chat-frames.ts';
import type { Finding } from '../fake-upstream/rule.ts';
import { isObject, type JsonObject, objectsOf } from '../json.ts';

const SOURCE = 'api-key-system.md 2.8; https://docs.ollama.com/api/openai-compatibility, 2026-11';
const EFFORTS: readonly unknown[] = [undefined, 'none', 'low', 'medium', 'high'];

/** A local Ollama: its Chat Completions and Messages routes, without a key. It says its reasoning as `reasoning`. */
export function createOllamaService({ models }: { readonly models: readonly string[] }): FakeService {
  const chat: FakeDialect = {
    ...chatDialect,
    endpoints: [
      ...chatDialect.endpoints.filter(({ operation }) => ['chat', 'embeddings', 'list-models'].includes(operation)),
      { method: 'GET', path: /^\/api\/tags$/, operation: 'list-models', body: 'none' },
    ],
    checkBody: (body, operation, context) => [
      ...chatDialect.checkBody(renameInMessages(body, 'reasoning', 'reasoning_content'), operation, context),
      ...findRefused(body),
    ],
    writeMessage: (content, context) =>
      mapChatFrames(chatDialect.writeMessage(content, context), (value) => ({
        ...value,
        choices: objectsOf(value.choices).map((choice) => ({
          ...choice,
          ...(isObject(choice.delta) ? { delta: rename(choice.delta, 'reasoning_content', 'reasoning') } : {}),
          ...(isObject(choice.message) ? { message: rename(choice.message, 'reasoning_content', 'reasoning') } : {}),
        })),
      })),
    writeUsual: (context) =>
      context.request.path === '/api/tags'
        ? {
            headers: { 'content-type': 'application/json' },
            frames: [JSON.stringify({ models: context.models.map((name) => ({ name, model: name, size: 1 })) })],
          }
        : chatDialect.writeUsual(context),
  };
  const messages: FakeDialect = {
    ...anthropicDialect,
    endpoints: anthropicDialect.endpoints.filter(({ operation }) => operation === 'chat'),
    checkBody: (body, operation, context) => [
      ...anthropicDialect.checkBody(body, operation, context),
      ...findAddresses(body),
    ],
  };
  return {
    // The lists of models share a path, and the first one here that has it is asked.
    dialects: [chat, messages],
    isKeyOptional: true,
    refuse: ({ operation, model }) =>
      operation !== 'chat' || (model !== undefined && models.includes(model))
        ? undefined
        : { status: 404, code: 'not_found_error', message: `model '${String(model)}' not found` },
  };
}

function rename(object: JsonObject, from: string, to: string): JsonObject {
  const { [from]: value, ...others } = object;
  return value === undefined ? object : { ...others, [to]: value };
}

function renameInMessages(body: unknown, from: string, to: string): unknown {
  return isObject(body) ? { ...body, messages: objectsOf(body.messages).map((turn) => rename(turn, from, to)) } : body;
}

/** Pictures and documents by an address, also in results: https://docs.ollama.com/api/anthropic-compatibility, 2026-11. */
function findAddresses(body: unknown): readonly Finding[] {
  const isNamed = (block: JsonObject): boolean =>
    (isObject(block.source) && block.source.type === 'url') || objectsOf(block.content).some(isNamed);
  const blocks = isObject(body) ? objectsOf(body.messages).flatMap(({ content }) => objectsOf(content)) : [];
  return blocks
    .filter(isNamed)
    .map(() => ({ rule: 'ol.url-source', source: SOURCE, message: 'invalid image source type: url' }));
}

function findRefused(body: unknown): readonly Finding[] {
  if (!isObject(body)) return [];
  const findings: Finding[] = [];
  if (!EFFORTS.includes(body.reasoning_effort)) {
    const message = `invalid reasoning value: '${String(body.reasoning_effort)}' (must be "high", "medium", "low", or "none")`;
    findings.push({ rule: 'ol.reasoning_effort', source: SOURCE, message });
  }
  const parts = objectsOf(body.messages).flatMap(({ content }) => objectsOf(content));
  for (const { image_url: image } of parts) {
    if (isObject(image) && !String(image.url).startsWith('data:'))
      findings.push({ rule: 'ol.image', source: SOURCE, message: 'invalid image input' });
  }
  return findings;
}
