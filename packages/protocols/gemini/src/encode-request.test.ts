import {
  type ChatBlock,
  type ChatRequest,
  type ChatTool,
  type ChatTurn,
  type FunctionTool,
  InvalidRequestError,
  type ToolCallBlock,
  type ToolResultBlock,
} from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { encodeRequest } from './encode-request.ts';

const ORIGIN = 'gemini:google';
const PRO = 'gemini-3-pro-preview';
const OLD = 'gemini-2.5-flash';
const HI: ChatTurn = { role: 'user', blocks: [{ type: 'text', text: 'hi' }] };

const objectsIn = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

interface Encoded {
  readonly body: JsonObject;
  readonly contents: readonly JsonObject[];
  readonly reports: readonly string[];
}

function encode(request: Partial<ChatRequest>, model = PRO, more: { readonly isTokenCount?: boolean } = {}): Encoded {
  const reports: string[] = [];
  const { body } = encodeRequest(
    { protocol: 'anthropic', model: 'asked', stream: false, turns: [HI], tools: [], ...request },
    { model, isStream: false, origin: ORIGIN, report: (field, action) => reports.push(`${field} ${action}`), ...more },
  );
  const { contents } = body;
  return { body, contents: objectsIn(contents), reports };
}

const user = (...blocks: readonly ChatBlock[]): ChatTurn => ({ role: 'user', blocks });
const assistant = (...blocks: readonly ChatBlock[]): ChatTurn => ({ role: 'assistant', blocks });
const results = (...blocks: readonly ChatBlock[]): ChatTurn => ({ role: 'tool', blocks });
const text = (words: string): ChatBlock => ({ type: 'text', text: words });
const call = (callId: string, name = 'read', more: Partial<ToolCallBlock> = {}): ChatBlock => ({
  type: 'tool-call',
  callId,
  name,
  kind: 'function',
  input: {},
  ...more,
});
const result = (callId: string, words: string, more: Partial<ToolResultBlock> = {}): ChatBlock => ({
  type: 'tool-result',
  callId,
  blocks: [text(words)],
  ...more,
});
const tool = (name: string, more: Partial<FunctionTool> = {}): FunctionTool => ({
  type: 'function',
  name,
  inputSchema: { type: 'object', properties: { a: { type: 'string' } } },
  ...more,
});
const png: ChatBlock = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'QUJD' } };
const PNG = { inlineData: { mimeType: 'image/png', data: 'QUJD' } };
const own = (value: string) => ({ origin: ORIGIN, value });
const foreign = { origin: 'anthropic:claude', value: 'secret' };
const SKIP = 'skip_thought_signature_validator';

describe('turns', () => {
  test('neighbours of one role are one content, and the model is never first', () => {
    const { contents, reports } = encode({
      turns: [assistant(text('a')), assistant(text('b')), user(text('c')), user(text('d'))],
    });
    expect(contents).toEqual([
      { role: 'user', parts: [{ text: '.' }] },
      { role: 'model', parts: [{ text: 'a' }, { text: 'b' }] },
      { role: 'user', parts: [{ text: 'c' }, { text: 'd' }] },
    ]);
    expect(reports).toEqual(['messages added']);
  });

  test('bug 71: system text of any name is an instruction at the front and the user’s in the middle', () => {
    const { body, contents, reports } = encode({
      turns: [
        { role: 'system', blocks: [text('one')] },
        { role: 'system', blocks: [text('two')] },
        HI,
        { role: 'system', blocks: [text('three')] },
      ],
    });
    expect(body.systemInstruction).toEqual({ parts: [{ text: 'one\n\ntwo' }] });
    expect(contents).toEqual([
      { role: 'user', parts: [{ text: 'hi' }, { text: '<system-reminder>\nthree\n</system-reminder>' }] },
    ]);
    expect(reports).toEqual(['messages.1 changed']);
  });

  test('system text alone is followed by a user', () => {
    expect(encode({ turns: [{ role: 'system', blocks: [text('be')] }] }).contents).toEqual([
      { role: 'user', parts: [{ text: '.' }] },
    ]);
  });

  test('a last turn of the model stays, for it to go on', () => {
    expect(encode({ turns: [HI, assistant(text('{'))] }).contents.at(-1)).toEqual({
      role: 'model',
      parts: [{ text: '{' }],
    });
  });
});

describe('calls and results', () => {
  test('bug 53, 54: as many results as calls, in their order, in one content, with the names of the calls', () => {
    const { contents, reports } = encode(
      {
        turns: [
          HI,
          assistant(call('1', 'a'), call('2', 'b'), call('3', 'c')),
          user(text('meanwhile')),
          results(result('3', 'three')),
          results(result('1', '{"one":1}')),
          user(text('and?'), result('9', 'nobody asked')),
        ],
      },
      OLD,
    );
    expect(contents.slice(1)).toEqual([
      {
        role: 'model',
        parts: [
          { functionCall: { name: 'a', args: {} } },
          { functionCall: { name: 'b', args: {} } },
          { functionCall: { name: 'c', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'a', response: { one: 1 } } },
          { functionResponse: { name: 'b', response: { result: '(no result: the call was cancelled)' } } },
          { functionResponse: { name: 'c', response: { result: 'three' } } },
          { text: 'meanwhile' },
          { text: 'and?' },
          { text: 'nobody asked' },
        ],
      },
    ]);
    expect(new Set(reports)).toEqual(new Set(['messages.1 added', 'messages.5 changed']));
  });

  test('a conversation that stops at its calls gets results', () => {
    const { contents, reports } = encode({ turns: [HI, assistant(call('1'))] });
    expect(contents.at(-1)).toEqual({
      role: 'user',
      parts: [
        { functionResponse: { id: '1', name: 'read', response: { result: '(no result: the call was cancelled)' } } },
      ],
    });
    expect(reports).toEqual(['messages added']);
  });

  test.each([
    ['a text', 'x', false, { result: 'x' }],
    ['an object', ' {"a":[1]}', false, { a: [1] }],
    ['a list', '[1]', false, { result: '[1]' }],
    [
      'a number with more digits than fit',
      '{"id":12345678901234567890}',
      false,
      { result: '{"id":12345678901234567890}' },
    ],
    ['digits in a text', '{"id":"12345678901234567890"}', false, { id: '12345678901234567890' }],
    ['an error', '{"a":1}', true, { error: '{"a":1}' }],
    ['nothing', '', false, { result: '' }],
  ])('a result may be %s', (_name, words, isError, response) => {
    const { contents } = encode({ turns: [HI, assistant(call('1')), results(result('1', words, { isError }))] });
    expect(contents[2]?.parts).toEqual([{ functionResponse: { id: '1', name: 'read', response } }]);
  });

  test('bug 67: pictures in results are in them, or behind all of them where the model takes none', () => {
    const turns = [
      HI,
      assistant(call('1'), call('2')),
      results(result('1', 'one', { blocks: [text('one'), png] }), result('2', 'two')),
    ];
    expect(encode({ turns }).contents[2]?.parts).toEqual([
      { functionResponse: { id: '1', name: 'read', response: { result: 'one' }, parts: [PNG] } },
      { functionResponse: { id: '2', name: 'read', response: { result: 'two' } } },
    ]);
    expect(encode({ turns }, OLD).contents[2]?.parts).toEqual([
      { functionResponse: { name: 'read', response: { result: 'one' } } },
      { functionResponse: { name: 'read', response: { result: 'two' } } },
      PNG,
    ]);
  });

  test('ids go to models that take them, within their limits; ids made here go to none', () => {
    const long = 'x'.repeat(90);
    const turns = [HI, assistant(call(long), call('gcall_abc')), results(result(long, 'a'), result('gcall_abc', 'b'))];
    const { contents } = encode({ turns });
    const idsIn = (content: JsonObject | undefined, field: string) =>
      objectsIn(content?.parts).map((part) => (isObject(part[field]) ? part[field].id : undefined));
    const [id, none] = idsIn(contents[1], 'functionCall');
    expect(String(id)).toMatch(/^[A-Za-z0-9_.:-]{1,64}$/);
    expect(none).toBeUndefined();
    expect(idsIn(contents[2], 'functionResponse')).toEqual([id, undefined]);
    expect(idsIn(encode({ turns }, OLD).contents[1], 'functionCall')).toEqual([undefined, undefined]);
  });

  test.each([
    ['', {}],
    ['{"a":1}', { a: 1 }],
    ['{"a":', { _raw: '{"a":' }],
  ])('input %j is %j', (input, args) => {
    const { contents } = encode(
      { turns: [HI, assistant(call('1', 'read', { input })), results(result('1', 'x'))] },
      OLD,
    );
    expect(contents[1]?.parts).toEqual([{ functionCall: { name: 'read', args } }]);
  });

  test('bug 50: names are within the limits, everywhere alike', () => {
    const { body, contents } = encode({
      turns: [HI, assistant(call('1', '1/b')), results(result('1', 'x', { name: '1/b' }))],
      tools: [tool('1/b'), tool('1_b')],
      toolChoice: { type: 'named', name: '1/b' },
    });
    const [entry] = objectsIn(body.tools);
    const [first, second] = objectsIn(entry?.functionDeclarations).map(({ name }) => String(name));
    expect(first).not.toBe(second);
    for (const name of [first, second]) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/);
    expect(contents[1]?.parts).toMatchObject([{ functionCall: { name: first } }]);
    expect(contents[2]?.parts).toMatchObject([{ functionResponse: { name: first } }]);
    expect(body.toolConfig).toEqual({ functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [first] } });
  });
});

describe('signatures', () => {
  const done = [results(result('1', 'x'))];

  test('bug 39, 40: come back byte for byte on the part they came with', () => {
    const { contents } = encode({
      turns: [
        HI,
        assistant(
          { type: 'text', text: 'a', signature: own('s+/1==') },
          text('b'),
          call('1', 'read', { signature: own('s2') }),
        ),
        ...done,
        assistant({ type: 'text', text: '', signature: own('s3') }),
      ],
    });
    expect(contents[1]?.parts).toMatchObject([
      { text: 'a', thoughtSignature: 's+/1==' },
      { text: 'b' },
      { functionCall: { name: 'read' }, thoughtSignature: 's2' },
    ]);
    expect(contents[3]?.parts).toEqual([{ text: '', thoughtSignature: 's3' }]);
  });

  test('bug 41: one that came back in thinking signs what comes next', () => {
    const thinking = (signature: string, ...parts: readonly string[]): ChatBlock => ({
      type: 'thinking',
      kind: 'full',
      parts,
      signature: own(signature),
    });
    const { contents } = encode({
      turns: [
        HI,
        assistant(thinking('s1', 'hm'), call('1'), call('2')),
        results(result('1', 'x'), result('2', 'x')),
        assistant({ type: 'redacted-thinking', signature: own('s2') }, text('a'), thinking('s3')),
      ],
    });
    expect(contents[1]?.parts).toMatchObject([
      { text: 'hm', thought: true },
      { functionCall: { id: '1' }, thoughtSignature: 's1' },
      { functionCall: { id: '2' } },
    ]);
    expect(contents[3]?.parts).toEqual([
      { text: 'a', thoughtSignature: 's2' },
      { text: '', thoughtSignature: 's3' },
    ]);
  });

  test('bug 30, 31, 32, 38: those of others stay away, and their thinking is no text', () => {
    const { body, contents, reports } = encode(
      {
        turns: [
          HI,
          assistant(
            { type: 'thinking', kind: 'full', parts: ['hidden'], signature: foreign },
            { type: 'thinking', kind: 'full', parts: ['hidden'] },
            { type: 'redacted-thinking', signature: foreign },
            { type: 'text', text: 'a', signature: foreign },
            call('1', 'read', { signature: foreign }),
          ),
          ...done,
        ],
      },
      OLD,
    );
    expect(contents[1]?.parts).toEqual([{ text: 'a' }, { functionCall: { name: 'read', args: {} } }]);
    expect(JSON.stringify(body)).not.toMatch(/hidden|secret/);
    expect(reports).toEqual([]);
  });

  test('the first call of each step of the running turn has one, of new models only', () => {
    const turns = [
      HI,
      assistant(call('1')),
      results(result('1', 'x')),
      assistant(text('done')),
      user(text('next')),
      assistant(call('2'), call('3')),
      results(result('2', 'x'), result('3', 'x')),
      assistant(call('4', 'read', { signature: own('s4') })),
      results(result('4', 'x')),
      user(text('a reminder')),
      assistant(call('5')),
      results(result('5', 'x')),
    ];
    const signaturesOf = (model: string) =>
      encode({ turns }, model).contents.flatMap(({ role, parts }) =>
        role === 'model' ? objectsIn(parts).map((part) => part.thoughtSignature) : [],
      );
    expect(signaturesOf(PRO)).toEqual([undefined, undefined, SKIP, undefined, 's4', SKIP]);
    expect(signaturesOf(OLD)).toEqual([undefined, undefined, undefined, undefined, 's4', undefined]);
  });
});

describe('media', () => {
  const media = (block: ChatBlock, model = PRO) => encode({ turns: [user(block)] }, model).contents[0]?.parts;

  test.each([
    ['a picture', png, [PNG]],
    [
      'a document',
      { type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data: 'QQ==' }, title: 'a.pdf' },
      [{ inlineData: { mimeType: 'application/pdf', data: 'QQ==' } }],
    ],
    [
      'a document of text',
      { type: 'document', source: { type: 'text', text: 'words' }, title: 'T' },
      [{ text: 'T\n\nwords' }],
    ],
    [
      'bug 70: a file in a bucket',
      { type: 'image', source: { type: 'url', url: 'gs://b/a.png' } },
      [{ fileData: { mimeType: 'image/png', fileUri: 'gs://b/a.png' } }],
    ],
    [
      'a film on YouTube',
      { type: 'video', source: { type: 'url', url: 'https://www.youtube.com/watch?v=1' } },
      [{ fileData: { fileUri: 'https://www.youtube.com/watch?v=1' } }],
    ],
    [
      'an upload of its own',
      { type: 'document', source: { type: 'file-id', fileId: 'files/1', origin: 'gemini', mediaType: 'text/csv' } },
      [{ fileData: { mimeType: 'text/csv', fileUri: 'files/1' } }],
    ],
  ] satisfies readonly (readonly [string, ChatBlock, unknown])[])('%s', (_name, block, parts) => {
    expect(media(block)).toEqual(parts);
  });

  test.each([
    [
      'an address',
      { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } },
      'media_url_not_supported',
    ],
    [
      'an upload of another',
      { type: 'image', source: { type: 'file-id', fileId: 'file-1', origin: 'openai' } },
      'file_not_portable',
    ],
  ] satisfies readonly (readonly [string, ChatBlock, string])[])('%s is refused by its field', (_name, block, code) => {
    const encoding = () => encode({ turns: [HI, assistant(text('a')), user(text('b'), block)] });
    expect(encoding).toThrow(InvalidRequestError);
    expect(encoding).toThrow(expect.objectContaining({ code, field: 'messages.2.content.1' }));
  });
});

describe('tools', () => {
  test('bug 57, 59, 61: functions in their order, without what is not said', () => {
    const { body } = encode({
      tools: [tool('b', { description: 'B.' }), tool('a', { inputSchema: {} })],
    });
    expect(body.tools).toEqual([
      {
        functionDeclarations: [
          { name: 'b', description: 'B.', parameters: { type: 'OBJECT', properties: { a: { type: 'STRING' } } } },
          { name: 'a' },
        ],
      },
    ]);
  });

  test.each([
    [{ type: 'auto' }, { mode: 'AUTO' }],
    [{ type: 'none' }, { mode: 'NONE' }],
    [{ type: 'required' }, { mode: 'ANY' }],
    [
      { type: 'named', name: 'a' },
      { mode: 'ANY', allowedFunctionNames: ['a'] },
    ],
    [
      { type: 'allowed', mode: 'required', names: ['a', 'b'] },
      { mode: 'ANY', allowedFunctionNames: ['a', 'b'] },
    ],
    [
      { type: 'allowed', mode: 'auto', names: ['b', 'gone'] },
      { mode: 'VALIDATED', allowedFunctionNames: ['b'] },
    ],
  ] satisfies readonly (readonly [ChatRequest['toolChoice'], unknown])[])(
    'bug 58: choice %j is %j',
    (toolChoice, calling) => {
      expect(encode({ tools: [tool('a'), tool('b')], toolChoice }).body.toolConfig).toEqual({
        functionCallingConfig: calling,
      });
      expect(encode({ tools: [], toolChoice }).body.toolConfig).toBeUndefined();
    },
  );

  const search: ChatTool = {
    type: 'server',
    tool: 'web-search',
    name: 'web_search_20260209',
    webSearch: { allowedDomains: ['a.example'], maxUses: 3 },
  };
  const shell: ChatTool = { type: 'server', tool: 'shell', name: 'shell' };

  test('of the service are those it has; what it lacks is reported, or refused when it is demanded', () => {
    const { body, reports } = encode({ tools: [search, shell] });
    expect(body.tools).toEqual([{ googleSearch: {} }]);
    expect(reports).toEqual(['tools.0.allowed_domains dropped', 'tools.0.max_uses dropped', 'tools.1 dropped']);
    expect(() => encode({ tools: [shell], toolChoice: { type: 'server', tool: 'shell', name: 'shell' } })).toThrow(
      expect.objectContaining({ field: 'tool_choice' }),
    );
  });

  test('of the service beside functions are for new models', () => {
    const both = { tools: [tool('a'), search] };
    expect(encode(both)).toMatchObject({
      body: {
        tools: [{ functionDeclarations: [{}] }, { googleSearch: {} }],
        toolConfig: { includeServerSideToolInvocations: true },
      },
    });
    const old = encode(both, OLD);
    expect(old.body.tools).toMatchObject([{ functionDeclarations: [{}] }]);
    expect(old.reports).toEqual(['tools.1 dropped']);
  });

  test('a format beside functions is asked for in words of old models', () => {
    const request: Partial<ChatRequest> = {
      tools: [tool('a')],
      output: { type: 'schema', schema: { type: 'object', properties: { a: { type: 'string' } } } },
    };
    expect(encode(request).body.generationConfig).toMatchObject({ responseMimeType: 'application/json' });
    const old = encode(request, OLD);
    expect(old.body.generationConfig).toBeUndefined();
    expect(JSON.stringify(old.body.systemInstruction)).toContain('JSON Schema');
    expect(old.reports).toEqual(['response_format changed']);
  });

  test('one at a time cannot be asked for', () => {
    expect(encode({ tools: [tool('a')], allowsParallelTools: false }).reports).toEqual(['parallel_tool_calls dropped']);
  });
});

describe('settings', () => {
  const config = (request: Partial<ChatRequest>, model = PRO) => encode(request, model).body.generationConfig;

  test('are those of the dialect, within its bounds', () => {
    const { body, reports } = encode({
      sampling: {
        temperature: 3,
        topP: 0.5,
        topK: 10,
        seed: 2 ** 40 + 5,
        presencePenalty: 1,
        frequencyPenalty: -1,
        logitBias: { 1: 2 },
      },
      stop: ['a', '', 'b', 'c', 'd', 'e', 'f'],
      maxOutputTokens: 10,
      choices: 2,
      logprobs: { top: 4 },
      userId: 'u',
      metadata: { a: 'b' },
      store: true,
      verbosity: 'low',
      serviceTier: 'priority',
    });
    expect(body).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
      generationConfig: {
        temperature: 2,
        topP: 0.5,
        topK: 10,
        seed: 5,
        presencePenalty: 1,
        frequencyPenalty: -1,
        stopSequences: ['a', 'b', 'c', 'd', 'e'],
        maxOutputTokens: 10,
        candidateCount: 2,
        responseLogprobs: true,
        logprobs: 4,
      },
    });
    const expected = ['service_tier', 'logit_bias', 'temperature', 'seed', 'stop'];
    expect(new Set(reports.map((said) => said.replace(/ .*/, '')))).toEqual(new Set(expected));
    expect(reports.length).toBe(expected.length);
  });

  test.each([
    ['more answers than it gives', { choices: 9 }, 'n'],
    ['an answer it does not keep', { previousResponseId: 'r' }, 'previous_response_id'],
    ['work in the background', { background: true }, 'background'],
    ['what another service keeps', { keptByService: ['conversation'] }, 'conversation'],
  ])('%s are refused', (_name, request, field) => {
    expect(() => encode(request)).toThrow(InvalidRequestError);
    expect(() => encode(request)).toThrow(expect.objectContaining({ field }));
  });

  test.each([
    [PRO, { mode: 'on', effort: 'low' }, { thinkingLevel: 'LOW', includeThoughts: true }, false],
    [PRO, { mode: 'on', effort: 'medium' }, { thinkingLevel: 'HIGH', includeThoughts: true }, true],
    [PRO, { mode: 'on', effort: 'xhigh' }, { thinkingLevel: 'HIGH', includeThoughts: true }, true],
    [PRO, { mode: 'off' }, { thinkingLevel: 'LOW' }, true],
    [PRO, { mode: 'on', budget: 900, display: 'omitted' }, { thinkingLevel: 'LOW' }, false],
    [PRO, { mode: 'auto' }, { includeThoughts: true }, false],
    ['gemini-3.1-pro', { mode: 'on', effort: 'medium' }, { thinkingLevel: 'MEDIUM', includeThoughts: true }, false],
    ['gemini-3-flash', { mode: 'on', effort: 'minimal' }, { thinkingLevel: 'MINIMAL', includeThoughts: true }, false],
    [OLD, { mode: 'on', effort: 'high' }, { thinkingBudget: 24_576, includeThoughts: true }, false],
    [OLD, { mode: 'on', budget: 50_000 }, { thinkingBudget: 24_576, includeThoughts: true }, true],
    [OLD, { mode: 'off' }, { thinkingBudget: 0 }, false],
    [OLD, { mode: 'auto' }, { thinkingBudget: -1, includeThoughts: true }, false],
    ['gemini-2.5-pro', { mode: 'off' }, { thinkingBudget: 128 }, true],
    ['gemini-2.0-flash', { mode: 'off' }, undefined, false],
    ['gemini-2.0-flash', { mode: 'on', effort: 'low' }, undefined, true],
  ] satisfies readonly (readonly [string, NonNullable<ChatRequest['reasoning']>, unknown, boolean])[])(
    'bug 48: %s thinks for %j with %j',
    (model, reasoning, thinkingConfig, isReported) => {
      const { body, reports } = encode({ reasoning }, model);
      expect(body.generationConfig).toEqual(thinkingConfig === undefined ? undefined : { thinkingConfig });
      expect(reports.length).toBe(isReported ? 1 : 0);
    },
  );

  test('a format is JSON, by a schema', () => {
    expect(config({ output: { type: 'json' } })).toEqual({ responseMimeType: 'application/json' });
    expect(config({ output: { type: 'schema', schema: { type: 'string' }, description: 'D.' } })).toEqual({
      responseMimeType: 'application/json',
      responseSchema: { type: 'STRING', description: 'D.' },
    });
  });

  test('sound and pictures may be the answer', () => {
    expect(config({ modalities: ['text', 'audio'], voice: { name: 'Kore' } })).toEqual({
      responseModalities: ['AUDIO'],
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
    });
    expect(config({ modalities: ['text', 'image'] })).toEqual({ responseModalities: ['TEXT', 'IMAGE'] });
    expect(encode({ modalities: ['audio'], voice: { name: 'alloy' } }).reports).toEqual(['audio.voice dropped']);
  });
});

test('tokens are counted of contents alone, or of a whole request', () => {
  const counted = { isTokenCount: true };
  expect(encode({ reasoning: { mode: 'auto' } }, PRO, counted).body).toEqual({
    contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
  });
  expect(encode({ tools: [tool('a')] }, PRO, counted).body).toMatchObject({
    generateContentRequest: { model: `models/${PRO}`, contents: [{}], tools: [{}] },
  });
});
