import { mediaFault } from '../fake-upstream/media-bytes.ts';
import { filledString, integer, listOf, number, type Shape } from '../fake-upstream/shape.ts';
import { isObject, isString, type JsonObject, objectsOf } from '../json.ts';

const TOP = ['messages', 'system', 'inferenceConfig', 'toolConfig', 'additionalModelRequestFields'];
/** InferenceConfiguration. */
const INFERENCE: Readonly<Record<string, Shape>> = {
  maxTokens: integer(1),
  temperature: number(0, 1),
  topP: number(0, 1),
  stopSequences: listOf(filledString, 2_500),
};
/** Those of them that stand in a result. */
const RESULT_PARTS = ['text', 'image', 'document', 'json', 'video'];
const MAX_CACHE_POINTS = 4;
const PARTS = ['text', 'image', 'document', 'toolUse', 'toolResult', 'reasoningContent', 'cachePoint'];
const NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const CALL_ID = /^[a-zA-Z0-9_.:-]{1,64}$/;

/** Signatures that were given out, with the thinking each one signs. */
export type KnownSignatures = ReadonlyMap<string, string>;

/** What Converse would refuse with a ValidationException (API reference, 2026-11); signatures must be ones it gave out. */
export function findConverseFaults(body: JsonObject, known: KnownSignatures): readonly string[] {
  const faults: string[] = [];
  const only = (object: unknown, names: readonly string[], at: string): void => {
    if (!isObject(object)) return;
    for (const name of Object.keys(object))
      if (!names.includes(name)) faults.push(`extraneous key [${name}] in ${at} is not permitted`);
  };
  only(body, TOP, 'the request');
  only(body.inferenceConfig, Object.keys(INFERENCE), 'inferenceConfig');
  for (const [name, value] of Object.entries(isObject(body.inferenceConfig) ? body.inferenceConfig : {})) {
    const expected = INFERENCE[name]?.(value);
    if (expected !== undefined) faults.push(`inferenceConfig.${name} must be ${expected}`);
  }
  faults.push(...findSystemFaults(body.system), ...findCacheFaults(body));
  const messages = objectsOf(body.messages);
  if (messages.length === 0) faults.push('messages must not be empty');
  let asked: string[] = [];
  for (const [index, message] of messages.entries()) {
    const at = `messages.${index}`;
    if (message.role !== 'user' && message.role !== 'assistant') faults.push(`${at}.role is none`);
    if (index === 0 && message.role !== 'user') faults.push('A conversation must start with a user message.');
    if (index > 0 && messages[index - 1]?.role === message.role) faults.push(`${at}: roles must alternate`);
    const parts = objectsOf(message.content);
    if (parts.length === 0) faults.push(`${at}.content is empty`);
    const answered: string[] = [];
    const calls: string[] = [];
    for (const [partIndex, part] of parts.entries()) {
      const partAt = `${at}.content.${partIndex}`;
      const kinds = Object.keys(part);
      if (kinds.length !== 1 || !PARTS.includes(kinds[0] ?? ''))
        faults.push(`${partAt}: one of ${PARTS.join(', ')} is needed`);
      if (isString(part.text) && part.text.trim() === '') faults.push(`${partAt}: the text field is blank`);
      if (isObject(part.toolUse)) {
        const { toolUseId, name, input } = part.toolUse;
        if (!isString(toolUseId) || !CALL_ID.test(toolUseId)) faults.push(`${partAt}.toolUse.toolUseId is not allowed`);
        else calls.push(toolUseId);
        if (!isString(name) || !NAME.test(name)) faults.push(`${partAt}.toolUse.name is not allowed`);
        if (!isObject(input)) faults.push(`${partAt}.toolUse.input must be an object`);
        if (message.role !== 'assistant') faults.push(`${partAt}: only the assistant calls tools`);
      }
      if (isObject(part.toolResult)) {
        const { toolUseId, content, status } = part.toolResult;
        only(part.toolResult, ['toolUseId', 'content', 'status'], `${partAt}.toolResult`);
        if (status !== undefined && status !== 'success' && status !== 'error')
          faults.push(`${partAt}.toolResult.status must be success or error`);
        if (message.role !== 'user') faults.push(`${partAt}: only the user gives results`);
        for (const inner of objectsOf(content)) {
          const named = Object.keys(inner);
          if (named.length !== 1 || !RESULT_PARTS.includes(named[0] ?? ''))
            faults.push(`${partAt}.toolResult.content: one of ${RESULT_PARTS.join(', ')} is needed`);
          if (inner.text !== undefined && !isString(inner.text)) faults.push(`${partAt}.toolResult: text is none`);
        }
        if (!isString(toolUseId) || !asked.includes(toolUseId))
          faults.push(`${partAt}: the toolUse of this result is not in the previous turn`);
        else answered.push(toolUseId);
        if (objectsOf(content).length === 0) faults.push(`${partAt}.toolResult.content is empty`);
      }
      faults.push(...findMediaFaults(part).map((fault) => `${partAt}: ${fault}`));
      if (isObject(part.document) && !parts.some((other) => isString(other.text)))
        faults.push(`${at}: a document needs a text beside it`);
      if (isObject(part.reasoningContent)) {
        const { reasoningText, redactedContent } = part.reasoningContent;
        const signature = isObject(reasoningText) ? reasoningText.signature : redactedContent;
        if (message.role !== 'assistant') faults.push(`${partAt}: only the assistant thinks`);
        const signed = isString(signature) ? known.get(signature) : undefined;
        if (signed === undefined) faults.push(`${partAt}: Invalid signature in thinking block`);
        else if (isObject(reasoningText) && signed !== reasoningText.text)
          faults.push(`${partAt}: thinking blocks cannot be modified`);
      }
    }
    if (asked.some((id) => !answered.includes(id)))
      faults.push(
        `${at}: toolResult blocks are missing for ${asked.filter((id) => !answered.includes(id)).join(', ')}`,
      );
    if (new Set(answered).size !== answered.length) faults.push(`${at}: a result stands twice`);
    asked = calls;
  }
  const hasToolParts = messages.some(({ content }) =>
    objectsOf(content).some((part) => isObject(part.toolUse) || isObject(part.toolResult)),
  );
  const tools = isObject(body.toolConfig) ? objectsOf(body.toolConfig.tools) : [];
  if (hasToolParts && tools.length === 0)
    faults.push('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
  if (body.toolConfig !== undefined && tools.length === 0) faults.push('toolConfig.tools is empty');
  only(body.toolConfig, ['tools', 'toolChoice'], 'toolConfig');
  if (isObject(body.toolConfig)) faults.push(...findChoiceFaults(body.toolConfig.toolChoice, tools));
  for (const [index, tool] of tools.entries()) {
    const spec = tool.toolSpec;
    if (!isObject(spec)) {
      if (tool.cachePoint === undefined) faults.push(`toolConfig.tools.${index}: toolSpec or cachePoint is needed`);
      continue;
    }
    only(spec, ['name', 'description', 'inputSchema', 'strict'], `toolConfig.tools.${index}.toolSpec`);
    if (tools.findIndex((other) => isObject(other.toolSpec) && other.toolSpec.name === spec.name) !== index)
      faults.push(`toolConfig.tools.${index}: the name ${String(spec.name)} stands twice`);
    if (!isString(spec.name) || !NAME.test(spec.name))
      faults.push(`toolConfig.tools.${index}.toolSpec.name is not allowed`);
    const schema = isObject(spec.inputSchema) ? spec.inputSchema.json : undefined;
    if (!isObject(schema) || schema.type !== 'object')
      faults.push(`toolConfig.tools.${index}.toolSpec.inputSchema.json.type must be object`);
    if (spec.description === '') faults.push(`toolConfig.tools.${index}.toolSpec.description is empty`);
  }
  return faults;
}

function findSystemFaults(system: unknown): readonly string[] {
  if (system === undefined) return [];
  if (!Array.isArray(system)) return ['system must be a list'];
  return objectsOf(system).flatMap((part, index) => {
    if (Object.keys(part).length !== 1) return [`system.${index}: one of text, cachePoint is needed`];
    if (part.cachePoint !== undefined) return [];
    return isString(part.text) && part.text.trim() !== '' ? [] : [`system.${index}: the text field is blank`];
  });
}

/** Cache points wherever they stand: of the one kind there is, and not more than the service takes. */
function findCacheFaults({ messages, system, toolConfig }: JsonObject): readonly string[] {
  const tools = isObject(toolConfig) ? objectsOf(toolConfig.tools) : [];
  const parts = [...objectsOf(messages).flatMap(({ content }) => objectsOf(content)), ...objectsOf(system), ...tools];
  const points = parts.flatMap(({ cachePoint }) => (cachePoint === undefined ? [] : [cachePoint]));
  const isKnown = (point: unknown): boolean => isObject(point) && point.type === 'default';
  return [
    ...points.filter((point) => !isKnown(point)).map(() => 'cachePoint.type must be default'),
    ...(points.length > MAX_CACHE_POINTS ? [`A maximum of 4 cache points is allowed, found ${points.length}`] : []),
  ];
}

function findChoiceFaults(choice: unknown, tools: readonly JsonObject[]): readonly string[] {
  if (choice === undefined) return [];
  const [kind, ...others] = isObject(choice) ? Object.keys(choice) : [];
  if (!isObject(choice) || others.length > 0 || kind === undefined || !['auto', 'any', 'tool'].includes(kind))
    return ['toolConfig.toolChoice: one of auto, any, tool is needed'];
  if (kind !== 'tool') return [];
  const name = isObject(choice.tool) ? choice.tool.name : undefined;
  return tools.some(({ toolSpec }) => isObject(toolSpec) && toolSpec.name === name)
    ? []
    : [`toolConfig.toolChoice.tool.name ${String(name)} is no tool of this request`];
}

const IMAGE_TYPES: ReadonlyMap<unknown, string> = new Map([
  ['png', 'image/png'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
]);
const DOCUMENT_FORMATS: readonly unknown[] = ['pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md'];

/** A picture or a document, in a result too: its format is one that is known, its bytes are there and are of it. */
function findMediaFaults({ image, document, toolResult }: JsonObject): readonly string[] {
  if (isObject(toolResult)) return objectsOf(toolResult.content).flatMap(findMediaFaults);
  const bytesOf = ({ source }: JsonObject): string | undefined =>
    isObject(source) && isString(source.bytes) && source.bytes !== '' ? source.bytes : undefined;
  if (isObject(image)) {
    const mediaType = IMAGE_TYPES.get(image.format);
    const bytes = bytesOf(image);
    if (mediaType === undefined) return ['image.format must be one of png, jpeg, gif, webp'];
    if (bytes === undefined) return ['image.source.bytes is needed'];
    const fault = mediaFault(mediaType, bytes);
    return fault === undefined ? [] : [`image.source: ${fault}`];
  }
  if (!isObject(document)) return [];
  const bytes = bytesOf(document);
  if (!DOCUMENT_FORMATS.includes(document.format)) return [`document.format ${String(document.format)} is none`];
  if (!isString(document.name) || !/^[A-Za-z0-9\s()[\]-]{1,200}$/.test(document.name))
    return ['document.name is not allowed'];
  if (bytes === undefined) return ['document.source.bytes is needed'];
  const fault = document.format === 'pdf' ? mediaFault('application/pdf', bytes) : undefined;
  return fault === undefined ? [] : [`document.source: ${fault}`];
}
