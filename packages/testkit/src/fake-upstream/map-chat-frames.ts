import { isObject, type JsonObject, parseJson } from '../json.ts';
import type { WrittenAnswer } from './dialect.ts';

/** The answer with each of its JSON objects changed, be it the whole body or the chunks of a stream. */
export function mapChatFrames(answer: WrittenAnswer, change: (value: JsonObject) => JsonObject): WrittenAnswer {
  const frames = answer.frames.map((frame) => {
    const [, head = '', json = '', tail = ''] = /^(data: )?(\{[\s\S]*\})(\n*)$/.exec(String(frame)) ?? [];
    const value = parseJson(json);
    return isObject(value) ? head + JSON.stringify(change(value)) + tail : frame;
  });
  return { ...answer, frames };
}
