import { arrayOf, isObject, isString } from '../../json.ts';
import type { AnswerContext, WrittenAnswer } from '../dialect.ts';
import { openAiRequestId } from '../openai-errors.ts';

/** One transparent pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

/** Deterministic answers of the services beside chat. `undefined`: not one of them. */
export function writeServiceAnswer({ request, nowMs }: AnswerContext): WrittenAnswer | undefined {
  const id = { 'x-request-id': openAiRequestId(request.index) };
  const json = (value: unknown): WrittenAnswer => ({
    headers: { ...id, 'content-type': 'application/json' },
    frames: [JSON.stringify(value)],
  });
  const body = isObject(request.json) ? request.json : {};
  switch (request.operation) {
    case 'embeddings': {
      const inputs = Array.isArray(body.input) ? arrayOf(body.input) : [body.input];
      const isBase64 = body.encoding_format === 'base64';
      const vectors = inputs.map((input, index) => fakeVector(JSON.stringify(input), index));
      return json({
        object: 'list',
        data: vectors.map((vector, index) => ({
          object: 'embedding',
          index,
          embedding: isBase64 ? Buffer.from(new Float32Array(vector).buffer).toString('base64') : vector,
        })),
        model: request.model,
        usage: { prompt_tokens: inputs.length * 3, total_tokens: inputs.length * 3 },
      });
    }
    case 'images-generate':
    case 'images-edit':
    case 'images-vary':
      return json({
        created: Math.floor(nowMs / 1000),
        data: [{ b64_json: PNG }],
        usage: { input_tokens: 4, output_tokens: 8, total_tokens: 12 },
      });
    case 'audio-speech':
      return {
        headers: { ...id, 'content-type': 'audio/mpeg' },
        frames: [Buffer.from([0xff, 0xfb, 0x90, 0x00, 0x0d, 0x0a, 0x00, 0xff])],
      };
    case 'audio-transcribe':
    case 'audio-translate': {
      const file = request.parts.find((part) => part.name === 'file');
      return json({ text: `Heard ${file?.bytes.length ?? 0} bytes of ${file?.fileName ?? 'nothing'}.` });
    }
    case 'rerank':
      return json({
        id: `rerank-fake${request.index}`,
        results: arrayOf(body.documents).map((_document, index) => ({ index, relevance_score: 1 / (index + 1) })),
        usage: { total_tokens: 9 },
      });
    case 'moderate':
      return json({
        id: `modr-fake${request.index}`,
        model: isString(body.model) ? body.model : 'omni-moderation-latest',
        results: [{ flagged: false, categories: { violence: false }, category_scores: { violence: 0.01 } }],
      });
    default:
      return undefined;
  }
}

function fakeVector(text: string, index: number): readonly number[] {
  // Multiples of 1/8 are exact as 32-bit floats, so both encodings give the same numbers.
  return [text.length / 8, index / 8, 0.125, -0.5];
}
