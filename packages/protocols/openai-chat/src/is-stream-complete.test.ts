import { expect, test } from 'vitest';
import { isStreamComplete } from './is-stream-complete.ts';

const isComplete = (tail: string, isWhole = true): boolean =>
  isStreamComplete({ framing: 'sse', head: tail, tail, isWhole });
const chunk = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const delta = (fields: unknown, reason: string | null = null): string =>
  chunk({ choices: [{ index: 0, delta: fields, finish_reason: reason }] });

test.each([
  ['[DONE]', `${delta({ content: 'a' })}data: [DONE]\n\n`],
  ['[DONE] with CRLF', `${delta({ content: 'a' })}data: [DONE]\n\n`.replaceAll('\n', '\r\n')],
  ['[DONE] without its blank line', `${delta({ content: 'a' })}data: [DONE]`],
  ['a reason to stop', delta({}, 'stop')],
  ['a reason of its own', delta({}, 'eos')],
  ['usage after a reason to stop', delta({}, 'length') + chunk({ choices: [], usage: { prompt_tokens: 1 } })],
  ['an empty delta after a reason to stop', delta({ content: 'a' }, 'stop') + delta({ content: '' })],
  ['an error', delta({ content: 'a' }) + chunk({ error: { message: 'x' } })],
  ['an error event', `${delta({ content: 'a' })}event: error\ndata: {"message":"x"}\n\n`],
  ['the last event of speech', chunk({ type: 'speech.audio.done', usage: {} })],
  ['the last event of an image', chunk({ type: 'image_generation.completed', b64_json: 'aa' })],
])('a stream that ends with %s is complete', (_name, text) => {
  expect(isComplete(text)).toBe(true);
  expect(isComplete(`tent":"..."}}]}\n\n${text}`, false)).toBe(true);
});

test.each([
  ['nothing', ''],
  ['a delta', delta({ content: 'a' })],
  ['a delta that quotes the end', delta({ content: 'data: [DONE]\n\n"finish_reason":"stop"' })],
  ['an empty reason on a delta', delta({ content: 'a' }, '')],
  ['half a chunk', delta({ content: 'a' }) + delta({}, 'stop').slice(0, 50)],
  ['usage without a reason', delta({ content: 'a' }) + chunk({ choices: [], usage: { prompt_tokens: 1 } })],
  ['part of an image', chunk({ type: 'image_generation.partial_image', b64_json: 'aa' })],
  [
    'another choice that goes on',
    delta({}, 'stop') + chunk({ choices: [{ index: 1, delta: { content: 'b' }, finish_reason: null }] }),
  ],
])('a stream that ends with %s is not', (_name, text) => {
  expect(isComplete(text)).toBe(false);
});

test('an image whose event began before the tail is complete when its usage has come', () => {
  const usage = '"usage":{"total_tokens":9,"input_tokens":4,"output_tokens":5}}';
  expect(isComplete(`QUJD","size":"1024x1024",${usage}\n\n`, false)).toBe(true);
  expect(isComplete(`QUJD","size":"1024x1024",${usage.slice(0, -1)}`, false)).toBe(false);
  expect(isComplete('QUJD","partial_image_index":0}\n\n', false)).toBe(false);
});

test('a tail that begins in the middle of a chunk is not read as one', () => {
  expect(isComplete('data: [DONE]', false)).toBe(false);
});
