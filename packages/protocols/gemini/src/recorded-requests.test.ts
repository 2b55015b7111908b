import { loadRecordings, requestOf } from '@proxycast/testkit';
import { isObject, type JsonObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { codec } from './codec.ts';
import { normaliseRequest } from './testing/raw-request.ts';

const recorded = loadRecordings({ protocol: ['gemini', 'gemini-count'], status: 200, hasRequest: true }).map(
  (recording) => ({
    file: recording.file,
    request: requestOf(recording) ?? {},
    model: /models\/([^:]+):/.exec(recording.endpoint ?? '')?.[1] ?? 'gemini-2.5-flash',
    isTokenCount: recording.protocol === 'gemini-count',
  }),
);

test('there are requests of both kinds', () => {
  expect(recorded.filter(({ isTokenCount }) => isTokenCount).length).toBe(3);
  expect(recorded.filter(({ isTokenCount }) => !isTokenCount).length).toBeGreaterThan(120);
});

describe.each(recorded)('$file', ({ request, model, isTokenCount }) => {
  const decode = (body: JsonObject) => codec.decodeRequest(body, { pathModel: model, isStream: false, isTokenCount });
  const reports: string[] = [];
  const encode = (body: JsonObject): JsonObject =>
    codec.encodeRequest(decode(body), {
      model,
      isStream: false,
      isTokenCount,
      origin: 'gemini:google',
      report: (field, action) => reports.push(`${field} ${action}`),
    }).body;

  test('is itself again, and nothing is reported', () => {
    const encoded = encode(request);
    expect(normaliseRequest(encoded)).toEqual(normaliseRequest(request));
    expect(reports).toEqual([]);
    expect(encode(encoded)).toEqual(encoded);
  });

  test('is decoded with all its texts, calls and tools', () => {
    const normal = normaliseRequest(request);
    const inner = isObject(normal.generateContentRequest) ? normal.generateContentRequest : normal;
    const { turns, tools } = decode(request);
    const parts = (Array.isArray(inner.contents) ? inner.contents.filter(isObject) : []).flatMap(({ parts: list }) =>
      Array.isArray(list) ? list.filter(isObject) : [],
    );
    const blocks = turns.filter(({ role }) => role !== 'system').flatMap((turn) => turn.blocks);
    expect(blocks.map((block) => (block.type === 'text' ? block.text : '')).join('')).toBe(
      parts.map(({ text, thought }) => (thought === true ? '' : String(text ?? ''))).join(''),
    );
    expect(blocks.flatMap((block) => (block.type === 'tool-call' ? [[block.name, block.input]] : []))).toEqual(
      parts.flatMap(({ functionCall: call }) => (isObject(call) ? [[call.name, call.args]] : [])),
    );
    const callIds = blocks.flatMap((block) => (block.type === 'tool-call' ? [block.callId] : []));
    const resultIds = blocks.flatMap((block) => (block.type === 'tool-result' ? [block.callId] : []));
    expect(callIds.slice(0, resultIds.length)).toEqual(resultIds);
    const declared = (Array.isArray(inner.tools) ? inner.tools.filter(isObject) : []).flatMap((tool) =>
      Array.isArray(tool.functionDeclarations) ? tool.functionDeclarations.filter(isObject) : [],
    );
    expect(tools.flatMap((tool) => (tool.type === 'function' ? [tool.name] : []))).toEqual(
      declared.map(({ name }) => name),
    );
  });
});
