import { isObject, isString, type JsonObject, objectsOf } from '../json.ts';

/** What no request says and Bedrock fills in. */
const DEFAULT_MAX_TOKENS = 4_096;
const EPHEMERAL = { cache_control: { type: 'ephemeral' } };

/** A request of Converse as Bedrock hands it to Claude: in Messages, whose refusals then hold. */
export function claudeBodyOf(body: JsonObject, model: string): JsonObject {
  const { temperature, topP, maxTokens, stopSequences } = isObject(body.inferenceConfig) ? body.inferenceConfig : {};
  const { tools, toolChoice } = isObject(body.toolConfig) ? body.toolConfig : {};
  const additional = isObject(body.additionalModelRequestFields) ? body.additionalModelRequestFields : {};
  const { anthropic_beta: _, ...fields } = additional;
  const choice = choiceOf(toolChoice);
  return {
    model,
    max_tokens: maxTokens ?? DEFAULT_MAX_TOKENS,
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(stopSequences === undefined ? {} : { stop_sequences: stopSequences }),
    ...(body.system === undefined ? {} : { system: withMarks(objectsOf(body.system)) }),
    ...(tools === undefined ? {} : { tools: withMarks(objectsOf(tools)) }),
    ...(choice === undefined ? {} : { tool_choice: choice }),
    messages: objectsOf(body.messages).map(({ role, content }) => ({ role, content: withMarks(objectsOf(content)) })),
    ...fields,
  };
}

function choiceOf(choice: unknown): JsonObject | undefined {
  if (!isObject(choice)) return undefined;
  if (isObject(choice.tool)) return { type: 'tool', name: choice.tool.name };
  return { type: choice.any === undefined ? 'auto' : 'any' };
}

/** A cache point marks what stands before it. */
function withMarks(parts: readonly JsonObject[]): readonly JsonObject[] {
  const blocks: JsonObject[] = [];
  for (const part of parts) {
    const last = blocks.at(-1);
    if (part.cachePoint === undefined) blocks.push(blockOf(part));
    else if (last !== undefined) blocks[blocks.length - 1] = { ...last, ...EPHEMERAL };
  }
  return blocks;
}

function blockOf({ text, image, document, toolUse, toolResult, reasoningContent, toolSpec }: JsonObject): JsonObject {
  if (isObject(image)) {
    const data = isObject(image.source) ? image.source.bytes : undefined;
    return { type: 'image', source: { type: 'base64', media_type: `image/${String(image.format)}`, data } };
  }
  if (isObject(document)) {
    const data = isObject(document.source) ? document.source.bytes : undefined;
    const isPdf = document.format === 'pdf';
    // Bedrock reads the other formats itself.
    const source = isPdf
      ? { type: 'base64', media_type: 'application/pdf', data }
      : { type: 'text', media_type: 'text/plain', data: 'its text' };
    return { type: 'document', source };
  }
  if (isObject(toolUse)) {
    return { type: 'tool_use', id: idOf(toolUse.toolUseId), name: toolUse.name, input: toolUse.input };
  }
  if (isObject(toolResult)) {
    const content = objectsOf(toolResult.content).map(blockOf);
    return { type: 'tool_result', tool_use_id: idOf(toolResult.toolUseId), content };
  }
  if (isObject(reasoningContent)) {
    const { reasoningText, redactedContent } = reasoningContent;
    return isObject(reasoningText)
      ? { type: 'thinking', thinking: reasoningText.text, signature: reasoningText.signature }
      : { type: 'redacted_thinking', data: redactedContent };
  }
  if (isObject(toolSpec)) {
    const { name, description, inputSchema } = toolSpec;
    const schema = isObject(inputSchema) ? inputSchema.json : undefined;
    return { name, ...(description === undefined ? {} : { description }), input_schema: schema };
  }
  return { type: 'text', text };
}

/** Bedrock's ids may have more characters than Claude's. */
const idOf = (id: unknown): unknown => (isString(id) ? id.replaceAll(/[.:]/g, '_') : id);
