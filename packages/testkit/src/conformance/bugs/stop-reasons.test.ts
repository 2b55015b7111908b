import { expect, test } from 'vitest';
import { dialectOf } from '../conformance-dialect.ts';
import { convertBody, convertStream } from '../convert-answer.ts';
import { endingOf } from '../stream-ending.ts';
import { at, gemini, IDS, tell, tellWhole } from './bug-steps.ts';

const REASONS = [
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'LANGUAGE',
  'OTHER',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'IMAGE_SAFETY',
  'NO_IMAGE',
  'A_NEW_ONE',
];

test('bug 26 (litellm#21041, #12240): calls of Gemini end with the tool reason, streaming and whole', () => {
  const parts = [{ functionCall: { name: 'read', args: {} } }];
  const whole = { candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP' }] };
  for (const to of IDS) {
    expect(tell('gemini', to, gemini([parts])).facts.choices[0]?.stop).toBe('tool-use');
    expect(dialectOf(to).raw.read(tellWhole('gemini', to, whole)).choices[0]?.stop).toBe('tool-use');
  }
});

test.each(IDS)('bug 27 (litellm#21744): a malformed call is a failure in %s, so that the client tries again', (to) => {
  const way = { from: dialectOf('gemini'), to: dialectOf(to) };
  if (to !== 'gemini') {
    expect(endingOf(to, convertStream(way, gemini([[]], 'MALFORMED_FUNCTION_CALL')).text)).toBe('error');
    const whole = { candidates: [{ content: {}, finishReason: 'MALFORMED_FUNCTION_CALL' }] };
    expect(() => convertBody(way, whole)).toThrow();
  }
});

test('bug 28 (any-llm#1202): no reason of Gemini leaks to a client of another dialect', () => {
  for (const reason of REASONS) {
    const said = at(tell('gemini', 'openai', gemini([[{ text: 'x' }]], reason)).body, 'choices', 0, 'finish_reason');
    expect(['stop', 'length', 'content_filter']).toContain(said);
    const stop = tell('gemini', 'anthropic', gemini([[{ text: 'x' }]], reason)).body.stop_reason;
    expect(['end_turn', 'max_tokens', 'refusal']).toContain(stop);
  }
});

test('bug 29 (bifrost#4679): an answer cut by its bound is incomplete in Responses', () => {
  const { body } = tell('gemini', 'responses', gemini([[{ text: 'As far as' }]], 'MAX_TOKENS'));
  expect(body).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
});
