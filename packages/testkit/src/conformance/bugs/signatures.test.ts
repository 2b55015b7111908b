import { createOpenaiChat, parseChatVariant } from '@proxycast/protocol-openai-chat';
import { describe, expect, test } from 'vitest';
import { isObject, type JsonObject, objectsOf } from '../../json.ts';
import { dialectOf } from '../conformance-dialect.ts';
import { nextRequest } from '../next-turn.ts';
import { signaturesIn } from '../signatures-in.ts';
import { anthropic, ask, at, callDelta, chat, gemini, IDS, responses, tell, tellWhole } from './bug-steps.ts';

const QUESTIONS: Readonly<Record<(typeof IDS)[number], JsonObject>> = {
  anthropic: { model: 'm', max_tokens: 4096, messages: [{ role: 'user', content: 'Begin.' }] },
  openai: { model: 'm', messages: [{ role: 'user', content: 'Begin.' }] },
  responses: { model: 'm', input: [{ role: 'user', content: 'Begin.' }] },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'Begin.' }] }] },
};
// Every character of base64, and padding.
const SIGNATURE = 'ab+/CD90Ez==';
const signedCall = { functionCall: { name: 'read', args: {} }, thoughtSignature: SIGNATURE };
const geminiStream = gemini([
  [{ text: 'Hm.', thought: true }],
  [signedCall, { functionCall: { name: 'list', args: {} } }],
]);
const anthropicStream = anthropic(
  [
    [
      { type: 'thinking', thinking: '', signature: '' },
      { type: 'thinking_delta', thinking: ' Odd\u2028 "text"\\ \u00e9\n ' },
      { type: 'signature_delta', signature: SIGNATURE },
    ],
    [{ type: 'tool_use', id: 'toolu_1', name: 'read', input: {} }],
  ],
  'tool_use',
);
const reasoning = {
  id: 'rs_1',
  type: 'reasoning',
  summary: [{ type: 'summary_text', text: 'Hm.' }],
  encrypted_content: SIGNATURE,
};
const call = {
  id: 'fc_1',
  type: 'function_call',
  call_id: 'call_1',
  name: 'read',
  arguments: '{}',
  status: 'completed',
};
const responsesStream = responses(
  [
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...reasoning, summary: [], encrypted_content: 'early' },
    },
    {
      type: 'response.reasoning_summary_part.added',
      output_index: 0,
      summary_index: 0,
      item_id: 'rs_1',
      part: { type: 'summary_text', text: '' },
    },
    { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 0, item_id: 'rs_1', delta: 'Hm.' },
    { type: 'response.output_item.done', output_index: 0, item: reasoning },
    { type: 'response.output_item.added', output_index: 1, item: { ...call, arguments: '' } },
    { type: 'response.output_item.done', output_index: 1, item: call },
  ],
  [reasoning, call],
);
const STREAMS = { anthropic: anthropicStream, gemini: geminiStream, responses: responsesStream };
const SIGNERS = ['anthropic', 'gemini', 'responses'] as const;
const SIGNED: Readonly<Record<(typeof SIGNERS)[number], string>> = {
  anthropic: ' Odd\u2028 "text"\\ \u00e9\n ',
  gemini: 'read',
  responses: '',
};

/** The next request of a client of `client` that was answered by `from`. */
const answered = (from: (typeof SIGNERS)[number], client: (typeof IDS)[number]): JsonObject =>
  nextRequest(client, QUESTIONS[client], tell(from, client, STREAMS[from]).body);

describe('thinking and signatures', () => {
  test('bug 30 (CLIProxyAPI#570): the placeholder of Gemini never goes to Anthropic', () => {
    const body = {
      contents: [
        { role: 'user', parts: [{ text: 'Begin.' }] },
        {
          role: 'model',
          parts: [{ functionCall: { name: 'read', args: {} }, thoughtSignature: 'skip_thought_signature_validator' }],
        },
        { role: 'user', parts: [{ functionResponse: { name: 'read', response: { result: 'x' } } }] },
      ],
    };
    expect(JSON.stringify(ask('gemini', 'anthropic', body).body)).not.toContain('skip_thought');
  });

  test('bug 31 (CLIProxyAPI#1584): a client that switches from Gemini to Claude sends Claude no foreign signature', () => {
    // The strict service refuses any signature it did not give.
    expect(signaturesIn(ask('anthropic', 'anthropic', answered('gemini', 'anthropic')).body)).toEqual([]);
  });

  test('bug 32 (CLIProxyAPI#3052): encrypted reasoning of OpenAI is no signature of Claude', () => {
    for (const client of IDS) {
      const { body } = ask(client, 'anthropic', answered('responses', client));
      expect(signaturesIn(body)).toEqual([]);
      expect(JSON.stringify(body)).not.toContain(SIGNATURE);
    }
  });

  test('bug 33 (CLIProxyAPI#2172): signed thinking comes home byte for byte', () => {
    for (const client of IDS) {
      const sent = signaturesIn(
        ask(client, 'anthropic', answered('anthropic', client), {
          origin: 'anthropic:recorded',
          signatures: new Map([[SIGNATURE, SIGNED.anthropic]]),
        }).body,
      );
      expect(sent).toEqual([{ signature: SIGNATURE, signed: SIGNED.anthropic }]);
    }
  });

  test('bug 34 (CLIProxyAPI#928): a begun answer without thinking is taken with thinking on', () => {
    const body = {
      model: 'm',
      reasoning_effort: 'high',
      messages: [
        { role: 'user', content: 'Begin.' },
        { role: 'assistant', content: 'So far:' },
      ],
    };
    expect(ask('openai', 'anthropic', body).body).toBeDefined();
  });

  test('bug 35 (9router#859): thinking of blanks alone is not sent again', () => {
    const body = {
      model: 'm',
      max_tokens: 10,
      messages: [
        { role: 'user', content: 'Begin.' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: ' \n', signature: '' },
            { type: 'text', text: 'x' },
          ],
        },
        { role: 'user', content: 'On.' },
      ],
    };
    expect(JSON.stringify(ask('anthropic', 'anthropic', body).body)).not.toContain('"thinking"');
  });

  test.each(SIGNERS)(
    'bug 36 (bitrouter#592): streaming and whole, an answer of %s carries the same signatures',
    (from) => {
      const whole = dialectOf(from).raw.fold(STREAMS[from]);
      for (const to of IDS) {
        const [streamed, body] = [
          signaturesIn(tell(from, to, STREAMS[from]).body),
          signaturesIn(tellWhole(from, to, whole)),
        ];
        // Chat Completions has no field for them in the plain reading; what comes home is tested below.
        if (to !== 'openai') expect(streamed).toEqual(body);
        if (to !== 'openai') expect(body.length).toBeGreaterThan(0);
      }
    },
  );

  test('bug 37 (open-webui#29860): reasoning that comes in two fields is told once, with its signature', () => {
    const detail = (more: JsonObject) => ({ type: 'reasoning.text', index: 0, format: 'anthropic-claude-v1', ...more });
    const stream = chat([
      { role: 'assistant', content: '', reasoning: 'Hm. ', reasoning_details: [detail({ text: 'Hm. ' })] },
      { content: '', reasoning: 'So.', reasoning_details: [detail({ text: 'So.' })] },
      { content: '', reasoning_details: [detail({ signature: SIGNATURE })] },
      { content: 'Said.' },
    ]);
    const { facts, body } = tell('openai', 'anthropic', stream);
    expect(facts.choices[0]?.thinking.join('')).toBe('Hm. So.');
    expect(signaturesIn(body)).toHaveLength(1);
  });

  test.each(IDS)('bug 38 (litellm#26916): thinking that %s sends back is never text', (client) => {
    for (const to of IDS) {
      for (const from of SIGNERS) {
        const signatures = new Map([[SIGNATURE, '']]);
        const request = dialectOf(to).codec.decodeRequest(
          ask(client, to, answered(from, client), { signatures }).body,
          {
            isStream: false,
            pathModel: 'm',
          },
        );
        const said = request.turns
          .flatMap((turn) => turn.blocks)
          .map((block) => (block.type === 'text' ? block.text : ''));
        expect(said.join('')).not.toMatch(/Hm\.|Odd|ab\+/);
      }
    }
  });

  test.each(IDS)(
    'bug 39 (litellm#16893, bifrost#1437, #2210): the second turn of Gemini 3 has its signature, through %s',
    (client) => {
      const memory = new Map([[SIGNATURE, 'read']]);
      const { body } = ask(client, 'gemini', answered('gemini', client), {
        origin: 'gemini:recorded',
        signatures: memory,
      });
      expect(signaturesIn(body)).toEqual([{ signature: SIGNATURE, signed: 'read' }]);
    },
  );

  test.each(IDS)('bug 40 (llmgateway#3252): a signature stays with the call it came with, through %s', (client) => {
    const { body } = ask(client, 'gemini', answered('gemini', client), {
      origin: 'gemini:recorded',
      signatures: new Map([[SIGNATURE, 'read']]),
    });
    const parts = objectsOf(body.contents).flatMap((content) => objectsOf(content.parts));
    const signed = parts.filter((part) => part.thoughtSignature !== undefined);
    expect(signed.map((part) => at(part, 'functionCall', 'name'))).toEqual(['read']);
  });

  test('bug 41 (Aether#836): a signature of Gemini that went through Responses is itself again', () => {
    const request = answered('gemini', 'responses');
    expect(JSON.stringify(request)).not.toContain(SIGNATURE);
    expect(JSON.stringify(request)).toContain('encrypted_content');
    const { body } = ask('responses', 'gemini', request, {
      origin: 'gemini:recorded',
      signatures: new Map([[SIGNATURE, 'read']]),
    });
    expect(JSON.stringify(body)).toContain(SIGNATURE);
  });

  test('bug 42 (bifrost#6272): parts of tools of the service stay with their signatures', () => {
    const parts = [
      { toolCall: { id: 't1', toolType: 'GOOGLE_SEARCH_WEB', args: { queries: ['x'] } }, thoughtSignature: SIGNATURE },
      {
        toolResponse: { id: 't1', toolType: 'GOOGLE_SEARCH_WEB', response: { results: [] } },
        thoughtSignature: SIGNATURE,
      },
      { text: 'So.' },
    ];
    const { body } = tell('gemini', 'gemini', gemini([parts]));
    const said = at(body, 'candidates', 0, 'content', 'parts');
    expect(Array.isArray(said) ? said.slice(0, 3) : said).toMatchObject(parts);
    const request = nextRequest('gemini', QUESTIONS.gemini, body);
    const sent = ask('gemini', 'gemini', request, { signatures: new Map([[SIGNATURE, '']]) }).body;
    const again = at(sent, 'contents', 1, 'parts');
    expect(Array.isArray(again) ? again.slice(0, 3) : again).toMatchObject(parts);
  });

  const thought = chat([{ reasoning_content: 'Hm.' }, callDelta(0, 'read', '{}', 'call_1')], 'tool_calls');
  const variant = createOpenaiChat(
    parseChatVariant({
      id: 'thinks-aloud',
      base: 'openai',
      quirks: { reasoning_history: { send: 'tool-turns', form: 'reasoning_content', unknown: 'empty' } },
    }),
  );
  /** The assistant's message as a service that wants its reasoning back is sent it; OpenAI itself would refuse the field. */
  const reasoningSent = (client: (typeof IDS)[number]): unknown => {
    const request = nextRequest(client, QUESTIONS[client], tell('openai', client, thought).body);
    const decoded = dialectOf(client).codec.decodeRequest(request, { isStream: false, pathModel: 'm' });
    const encoded = variant.codec?.encodeRequest(decoded, {
      model: 'm',
      isStream: false,
      origin: 'openai:recorded',
      report: () => {},
    });
    return objectsOf(encoded?.body.messages).find((message) => message.role === 'assistant')?.reasoning_content;
  };

  test('bug 43 (claude-code-router#1378, 9router#355, new-api#4577): reasoning that a service wants back is in the history', () => {
    expect(reasoningSent('anthropic')).toBe('Hm.');
  });

  test('bug 44 (bifrost#5887): and so it is for a client that speaks the same dialect', () => {
    expect(reasoningSent('openai')).toBe('Hm.');
  });

  test('bug 45 (CLIProxyAPI#3451): and so it is for a client of Responses', () => {
    expect(reasoningSent('responses')).toBe('Hm.');
  });

  test('bug 46 (new-api#3124): with thinking on, sampling that Anthropic refuses is left out and reported', () => {
    const { body, changes } = ask('openai', 'anthropic', {
      model: 'm',
      reasoning_effort: 'high',
      temperature: 0.2,
      top_p: 0.5,
      messages: [{ role: 'user', content: 'Begin.' }],
    });
    expect(at(body, 'thinking', 'type')).not.toBe('disabled');
    expect(body.top_p).toBeUndefined();
    expect(changes.map(({ field }) => field)).toEqual(expect.arrayContaining(['top_p', 'temperature']));
  });

  test('bug 47 (claude-code#65863): with thinking off, no effort is asked for', () => {
    const { body } = ask('openai', 'anthropic', {
      model: 'm',
      reasoning_effort: 'none',
      messages: [{ role: 'user', content: 'Begin.' }],
    });
    expect(at(body, 'output_config', 'effort')).toBeUndefined();
  });

  test.each(IDS)('bug 48 (bifrost#974): how much to think reaches %s', (to) => {
    const { body } = ask('openai', to, {
      model: 'm',
      reasoning_effort: 'high',
      messages: [{ role: 'user', content: 'Begin.' }],
    });
    const config = isObject(body.generationConfig) ? body.generationConfig.thinkingConfig : undefined;
    expect(body.reasoning_effort ?? body.reasoning ?? body.thinking ?? config).toBeDefined();
  });
});
