import { UpstreamError } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { compareAnswers } from '../compare-answers.ts';
import { CONFORMANCE_DIALECTS, dialectOf, dialectPairs } from '../conformance-dialect.ts';
import { ask, at, chat, IDS, tell, tellWhole } from './bug-steps.ts';

describe('counting, errors, misc', () => {
  test.each(IDS)('bug 87 (CLIProxyAPI#679): counting in %s is asked with system text and tools', (to) => {
    const body = {
      model: 'm',
      system: 'Be very brief.',
      tools: [{ name: 'look_up', input_schema: { type: 'object' } }],
      messages: [{ role: 'user', content: 'Hi' }],
    };
    const request = dialectOf('anthropic').codec.decodeRequest(body, { isStream: false, isTokenCount: true });
    const encoded = dialectOf(to).codec.encodeRequest(request, {
      model: 'm',
      isStream: false,
      origin: 'x',
      isTokenCount: true,
      report: () => {},
    });
    const text = JSON.stringify(encoded.body);
    expect(text).toContain('Be very brief.');
    expect(text).toContain('look_up');
  });

  // Chat Completions has no way to count.
  test.each(CONFORMANCE_DIALECTS.filter(({ id }) => id !== 'openai'))(
    'bug 89 (Antigravity-Manager#3295): a count of $id is the number that was counted',
    ({ codec }) => {
      expect(codec.decodeTokenCount(codec.encodeTokenCount(1234))).toBe(1234);
    },
  );

  test.each(IDS)('bug 91 (Portkey#771): an error of Gemini is an error of %s, with its words', (to) => {
    const body = JSON.stringify({ error: { code: 429, message: 'Quota is used up.', status: 'RESOURCE_EXHAUSTED' } });
    const decoded = dialectOf('gemini').protocol.decodeError(429, () => undefined, body);
    expect(decoded).toMatchObject({ message: 'Quota is used up.' });
    if (decoded === undefined) return;
    const rendered = dialectOf(to).protocol.renderError(
      new UpstreamError({ ...decoded, upstreamStatus: 429 }),
      'req_1',
    );
    expect(rendered.status).toBe(429);
    const error: unknown = JSON.parse(rendered.body);
    expect(at(error, 'error', 'message')).toBe('Quota is used up.');
    expect(at(error, 'type')).toBe(to === 'anthropic' ? 'error' : undefined);
  });

  test.each(IDS)('bug 92 (claude-code-router#667): an error in %s holds no stack and no path', (to) => {
    const fault = new UpstreamError({
      code: 'model_not_found',
      kind: 'not-found',
      message: 'No such model.',
      upstreamStatus: 404,
      cause: new Error('inner'),
    });
    const { body, status } = dialectOf(to).protocol.renderError(fault, 'req_1');
    expect(status).toBe(404);
    expect(body).not.toMatch(/ at |\.ts|node_modules|inner/);
  });

  test.each(IDS)('bug 93 (litellm#31551): an answer with unusual fields is an answer in %s', (to) => {
    const body = {
      id: 'odd',
      object: 'response',
      created_at: 1.5,
      model: 'm',
      status: 'completed',
      error: {},
      tools: null,
      text: null,
      reasoning: 'none',
      metadata: [],
      output: [
        {
          type: 'message',
          id: 'x',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Fine.', annotations: null, logprobs: null }],
        },
      ],
      usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3, vendor: { cost: 1 } },
    };
    expect(dialectOf(to).raw.read(tellWhole('responses', to, body)).choices[0]?.text).toBe('Fine.');
  });

  test.each(IDS)('bug 94 (bifrost#6132): the bound of the answer reaches %s', (to) => {
    const { body } = ask('openai', to, { model: 'm', max_tokens: 321, messages: [{ role: 'user', content: 'Hi' }] });
    expect(JSON.stringify(body)).toContain('321');
  });

  test.each(dialectPairs('all'))('bug 95 (new-api#863): $id says the same streaming and whole', (from, to) => {
    const stream = tell(
      'openai',
      from.id,
      chat([{ reasoning_content: 'Hm.' }, { content: 'Said.' }], 'stop', { prompt_tokens: 3, completion_tokens: 4 }),
    );
    const whole = to.raw.read(tellWhole(from.id, to.id, stream.body));
    expect(compareAnswers(tell(from.id, to.id, stream.frames).facts, whole, to.id)).toEqual([]);
  });
});
