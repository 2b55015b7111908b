import { isObject, type JsonObject } from '@proxycast/wire';

/**
 * A request in one spelling, so that two that say the same are equal. What the codec does not keep apart, and why:
 * - snake case is camel case, and `null` is absent: the API takes both
 * - one value where a list is meant is the list; the role of a single turn is the user's
 * - neighbouring contents of one role are one content, as the API counts them
 * - neighbouring plain texts of the model are one, and its empty ones are left out: they are pieces of a stream
 * - functions are declared in one entry of `tools`, before the other tools of the first entry that declares any
 * - a call without arguments has `{}`; the mode of calling is in capitals; base64 is in the standard alphabet
 * - the model is in the path
 * - an empty object of settings says nothing; a whole request that holds contents alone is counted like them
 */
export function normaliseRequest(original: JsonObject): JsonObject {
  const body = camelCased(original, 'request');
  if (!isObject(body)) return {};
  const { model: _, ...fields } = body;
  const inner = isObject(fields.generateContentRequest) ? fields.generateContentRequest : undefined;
  if (inner !== undefined) {
    const request = normaliseRequest(inner);
    return Object.keys(request).length === 1 ? request : { generateContentRequest: request };
  }
  const { tools, systemInstruction, toolConfig } = fields;
  return {
    ...Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value))),
    contents: contentsOf(fields.contents),
    ...(tools === undefined ? {} : { tools: toolsOf(listed(tools)) }),
    ...(systemInstruction === undefined ? {} : { systemInstruction: instructionOf(systemInstruction) }),
    ...(isObject(toolConfig) ? { toolConfig: toolConfigOf(toolConfig) } : {}),
  };
}

const isEmpty = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** What these hold is data, or is known to this dialect only and stays in the client's spelling. */
const DATA = [
  'args',
  'response',
  'parameters',
  'parametersJsonSchema',
  'responseSchema',
  'responseJsonSchema',
  'labels',
];
const OPAQUE = ['safetySettings', 'googleSearch', 'codeExecution', 'fileSearch', 'urlContext', 'thinkingConfig'];
const PARTS = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse', 'modelArmorConfig', 'speechConfig'];
const UNTOUCHED = new Set([...DATA, ...OPAQUE, ...PARTS]);

function camelCased(value: unknown, place: string): unknown {
  if (UNTOUCHED.has(place)) return value;
  if (Array.isArray(value)) return value.map((element) => camelCased(element, place));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([name, inner]) => {
        const camel = name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
        return [camel, camelCased(inner, camel)];
      }),
  );
}

function contentsOf(contents: unknown): readonly JsonObject[] {
  const merged: { role: unknown; parts: JsonObject[] }[] = [];
  for (const content of listed(contents).filter(isObject)) {
    const role = content.role === 'model' ? 'model' : 'user';
    let last = merged[merged.length - 1];
    if (last?.role !== role) {
      last = { role, parts: [] };
      merged.push(last);
    }
    for (const part of listed(content.parts).filter(isObject)) addPart(last.parts, partOf(part), role);
  }
  return merged;
}

function addPart(parts: JsonObject[], part: JsonObject, role: string): void {
  const last = parts[parts.length - 1];
  const isPlain = (other: JsonObject | undefined): boolean =>
    other !== undefined &&
    typeof other.text === 'string' &&
    Object.keys(other).every((name) => name === 'text' || name === 'thought');
  if (role !== 'model' || !isPlain(part)) parts.push(part);
  else if (isPlain(last) && last?.thought === part.thought) {
    parts[parts.length - 1] = { ...last, text: `${String(last?.text)}${String(part.text)}` };
  } else if (part.text !== '' || last === undefined) parts.push(part);
}

function partOf(part: JsonObject): JsonObject {
  const { functionCall, inlineData } = part;
  if (isObject(functionCall)) return { ...part, functionCall: { args: {}, ...functionCall } };
  if (!isObject(inlineData)) return part;
  return {
    ...part,
    inlineData: { ...inlineData, data: String(inlineData.data).replaceAll('-', '+').replaceAll('_', '/') },
  };
}

function toolsOf(tools: readonly unknown[]): readonly JsonObject[] {
  const declarations: unknown[] = [];
  const entries: JsonObject[] = [];
  for (const tool of tools.filter(isObject)) {
    for (const [name, value] of Object.entries(tool)) {
      if (name !== 'functionDeclarations') entries.push({ [name]: value });
      else {
        if (declarations.length === 0) entries.push({ functionDeclarations: declarations });
        declarations.push(...listed(value));
      }
    }
  }
  return entries;
}

function instructionOf(instruction: unknown): JsonObject {
  if (typeof instruction === 'string') return { parts: [{ text: instruction }] };
  return isObject(instruction) ? { ...instruction, parts: listed(instruction.parts) } : {};
}

function toolConfigOf(toolConfig: JsonObject): JsonObject {
  const { functionCallingConfig: calling } = toolConfig;
  if (!isObject(calling)) return toolConfig;
  return { ...toolConfig, functionCallingConfig: { ...calling, mode: String(calling.mode).toUpperCase() } };
}
