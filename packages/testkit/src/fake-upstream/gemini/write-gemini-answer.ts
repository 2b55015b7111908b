import type { JsonObject } from '../../json.ts';
import { type ScriptedMessage, textPieces, usageOf } from '../answer.ts';
import type { AnswerContext, WrittenAnswer } from '../dialect.ts';

/** An answer as Gemini writes it: whole, as SSE, or as a JSON array that grows: protocols.md 5.2 and 5.3. */
export function writeGeminiAnswer(content: ScriptedMessage, context: AnswerContext): WrittenAnswer {
  const { request, rules } = context;
  const counted = usageOf(content);
  const usage = {
    promptTokenCount: counted.input,
    candidatesTokenCount: counted.output - counted.reasoning,
    totalTokenCount: counted.input + counted.output,
    ...(counted.cacheRead === 0 ? {} : { cachedContentTokenCount: counted.cacheRead }),
    ...(counted.reasoning === 0 ? {} : { thoughtsTokenCount: counted.reasoning }),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: counted.input }],
  };
  const finishReason = content.stop === 'length' ? 'MAX_TOKENS' : content.stop === 'refusal' ? 'SAFETY' : 'STOP';
  const signature = Buffer.from(`gemini signature ${request.index}`).toString('base64');
  const hasThinking = content.thinking !== undefined;
  const firstCall = content.calls?.[0];
  if (hasThinking) rules.memory.signatures.set(signature, firstCall === undefined ? '' : firstCall.name);
  const signed = hasThinking ? { thoughtSignature: signature } : {};
  const calls = (content.calls ?? []).map((call, position) => ({
    functionCall: { ...(call.id === undefined ? {} : { id: call.id }), name: call.name, args: call.input },
    // Only the first of a parallel group carries one.
    ...(position === 0 ? signed : {}),
  }));
  const tail = { modelVersion: request.model ?? 'gemini-fake', responseId: `fake-response-${request.index}` };
  const response = (parts: readonly JsonObject[], more: JsonObject, usageMetadata: JsonObject) => ({
    candidates: [{ content: { parts, role: 'model' }, ...more, index: 0 }],
    usageMetadata,
    ...tail,
  });

  if (!request.isStream) {
    const text = textPieces(content.text).join('');
    const parts = [
      ...(content.thinking === undefined ? [] : [{ text: content.thinking, thought: true }]),
      ...(text === '' ? [] : [{ text, ...(calls.length === 0 ? signed : {}) }]),
      ...calls,
    ];
    return {
      headers: { 'content-type': 'application/json; charset=UTF-8' },
      frames: [JSON.stringify(response(parts, { finishReason }, usage), null, 2)],
    };
  }
  // Early chunks lack candidatesTokenCount; the last has everything.
  const early = { promptTokenCount: counted.input, totalTokenCount: counted.input };
  const chunks: JsonObject[] = [
    ...textPieces(content.thinking).map((text) => response([{ text, thought: true }], {}, early)),
    ...textPieces(content.text).map((text) => response([{ text }], {}, early)),
  ];
  // The last part may carry nothing but the signature: protocols.md 5.3.
  chunks.push(response(calls.length > 0 ? calls : [{ text: '', ...signed }], { finishReason }, usage));
  if (request.query.get('alt') === 'sse') {
    return { headers: { 'content-type': 'text/event-stream' }, frames: chunks.map(geminiEvent) };
  }
  const frames = chunks.map((chunk, index) => `${index === 0 ? '[' : ',\r\n'}${JSON.stringify(chunk, null, 2)}`);
  return { headers: { 'content-type': 'application/json; charset=UTF-8' }, frames: [...frames, '\r\n]'] };
}

export function geminiEvent(value: unknown): string {
  return `data: ${JSON.stringify(value)}\r\n\r\n`;
}
