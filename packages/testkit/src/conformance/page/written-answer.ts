import type { Frame } from '@proxycast/spec';
import type { ScriptedMessage } from '../../fake-upstream/answer.ts';
import type { UpstreamMemory } from '../../fake-upstream/rule.ts';
import { isObject, type JsonObject, parseJson } from '../../json.ts';
import type { ConformanceDialect } from '../conformance-dialect.ts';
import { framesOf, NOW_MS } from '../convert-answer.ts';

/** What the fake service of a dialect answers, whole and as the frames of a stream; signatures it gives are noted. */
export function writeAnswer(
  { id, strict }: ConformanceDialect,
  message: ScriptedMessage,
  memory: UpstreamMemory = { signatures: new Map(), checksSignatures: true, responses: new Map() },
): { readonly body: JsonObject; readonly frames: readonly Frame[] } {
  const head = {
    index: 0,
    method: 'POST',
    path: id === 'gemini' ? '/v1beta/models/gemini-3-recorded:streamGenerateContent' : '/',
    query: new URLSearchParams('alt=sse'),
    headers: {},
    rawHeaders: [],
    arrivedAtMs: 0,
  };
  const write = (isStream: boolean): string =>
    strict
      .writeMessage(message, {
        request: {
          ...head,
          json: { stream_options: { include_usage: true }, store: false },
          body: Buffer.alloc(0),
          parts: [],
          model: 'fake-model',
          isStream,
          answerBytes: 0,
          ended: Promise.resolve({ type: 'answered' }),
        },
        nowMs: NOW_MS,
        models: [],
        rules: { head, memory },
      })
      .frames.join('');
  const body = parseJson(write(false));
  return { body: isObject(body) ? body : {}, frames: framesOf(write(true)) };
}
