import { type ChatRequest, InvalidRequestError } from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { decodeRequest } from './decode-request.ts';

const CONTEXT = { isStream: true, pathModel: 'gemini-3-flash' };
const decode = (body: unknown): ChatRequest => decodeRequest(body, CONTEXT);
const SIGNATURE = { origin: 'gemini', value: 'c2ln' };
const PARAMETERS = { type: 'OBJECT', properties: { type: { type: 'STRING', nullable: true } } };

/** The same request twice: as the documents spell it, and as the API takes it too. */
const CAMEL = {
  systemInstruction: { role: 'user', parts: [{ text: 'one' }, { text: 'two' }] },
  contents: [
    {
      role: 'user',
      parts: [
        { text: 'look' },
        { inlineData: { mimeType: 'image/png', data: 'QUJD' }, mediaResolution: { level: 'MEDIA_RESOLUTION_HIGH' } },
        { fileData: { mimeType: 'video/mp4', fileUri: 'gs://bucket/film' }, videoMetadata: { fps: 2 } },
      ],
    },
    {
      role: 'model',
      parts: [
        { text: 'hm', thought: true },
        { text: 'well', thoughtSignature: 'c2ln' },
        { functionCall: { name: 'read', args: { some_name: 1 } }, thoughtSignature: 'c2ln' },
      ],
    },
    { role: 'user', parts: [{ functionResponse: { name: 'read', response: { result: 'file' } } }, { text: 'and?' }] },
  ],
  tools: [
    { functionDeclarations: [{ name: 'read', description: 'Reads.', parameters: PARAMETERS }] },
    { googleSearch: {} },
  ],
  toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['read'] } },
  generationConfig: {
    temperature: 0.5,
    topP: 0.9,
    topK: 40,
    seed: 7,
    candidateCount: 2,
    maxOutputTokens: 100,
    stopSequences: ['END'],
    responseLogprobs: true,
    logprobs: 3,
    responseMimeType: 'application/json',
    responseJsonSchema: { type: 'object' },
    responseModalities: ['TEXT'],
    thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' },
  },
  safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
  cachedContent: 'cachedContents/1',
  labels: { team_name: 'a_b' },
  serviceTier: 'flex',
};
const SNAKE = {
  system_instruction: { role: 'user', parts: [{ text: 'one' }, { text: 'two' }] },
  contents: [
    {
      role: 'user',
      parts: [
        { text: 'look' },
        { inline_data: { mime_type: 'image/png', data: 'QUJD' }, media_resolution: { level: 'MEDIA_RESOLUTION_HIGH' } },
        { file_data: { mime_type: 'video/mp4', file_uri: 'gs://bucket/film' }, video_metadata: { fps: 2 } },
      ],
    },
    {
      role: 'model',
      parts: [
        { text: 'hm', thought: true, thought_signature: null },
        { text: 'well', thought_signature: 'c2ln' },
        { function_call: { id: null, name: 'read', args: { some_name: 1 } }, thought_signature: 'c2ln' },
      ],
    },
    {
      role: 'function',
      parts: [{ function_response: { name: 'read', response: { result: 'file' } } }, { text: 'and?' }],
    },
  ],
  tools: [
    { function_declarations: { name: 'read', description: 'Reads.', parameters: PARAMETERS } },
    { google_search: {} },
  ],
  tool_config: { function_calling_config: { mode: 'any', allowed_function_names: ['read'] } },
  generation_config: {
    temperature: 0.5,
    top_p: 0.9,
    top_k: 40,
    seed: 7,
    candidate_count: 2,
    max_output_tokens: 100,
    stop_sequences: ['END'],
    response_logprobs: true,
    logprobs: 3,
    response_mime_type: 'application/json',
    response_json_schema: { type: 'object' },
    response_modalities: ['TEXT'],
    thinking_config: { includeThoughts: true, thinkingLevel: 'LOW' },
  },
  safety_settings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
  cached_content: 'cachedContents/1',
  labels: { team_name: 'a_b' },
  service_tier: 'flex',
};

test('decodes every field, in either spelling', () => {
  const decoded = decode(CAMEL);
  expect(decoded).toMatchObject({
    protocol: 'gemini',
    model: 'gemini-3-flash',
    stream: true,
    turns: [
      {
        role: 'system',
        blocks: [
          { type: 'text', text: 'one' },
          { type: 'text', text: 'two' },
        ],
      },
      {
        role: 'user',
        blocks: [
          { type: 'text', text: 'look' },
          { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'QUJD' } },
          { type: 'video', source: { type: 'url', url: 'gs://bucket/film', mediaType: 'video/mp4' } },
        ],
      },
      {
        role: 'assistant',
        blocks: [
          { type: 'thinking', kind: 'full', parts: ['hm'] },
          { type: 'text', text: 'well', signature: SIGNATURE },
          { type: 'tool-call', name: 'read', kind: 'function', input: { some_name: 1 }, signature: SIGNATURE },
        ],
      },
      { role: 'tool', blocks: [{ type: 'tool-result', name: 'read', blocks: [{ type: 'text', text: 'file' }] }] },
      { role: 'user', blocks: [{ type: 'text', text: 'and?' }] },
    ],
    tools: [
      {
        type: 'function',
        name: 'read',
        description: 'Reads.',
        inputSchema: { type: 'object', properties: { type: { type: ['string', 'null'] } } },
      },
      { type: 'server', tool: 'web-search', name: 'googleSearch' },
    ],
    toolChoice: { type: 'named', name: 'read' },
    sampling: { temperature: 0.5, topP: 0.9, topK: 40, seed: 7 },
    choices: 2,
    maxOutputTokens: 100,
    stop: ['END'],
    logprobs: { top: 3 },
    output: { type: 'schema', schema: { type: 'object' } },
    reasoning: { mode: 'on', effort: 'low', display: 'summary' },
    serviceTier: 'flex',
    keptByService: ['cachedContent'],
    extensions: {
      gemini: {
        safetySettings: CAMEL.safetySettings,
        cachedContent: 'cachedContents/1',
        labels: { team_name: 'a_b' },
      },
    },
  });
  expect(decode(SNAKE)).toEqual(decoded);
  expect(decode({ generateContentRequest: { model: 'models/gemini-3-flash', ...CAMEL } })).toEqual(decoded);
});

const contents = [{ role: 'user', parts: [{ text: 'hi' }] }];
const HI = [{ role: 'user', blocks: [{ type: 'text', text: 'hi' }] }];

test.each([
  ['one content', { contents: contents[0] }, HI],
  ['no role', { contents: [{ parts: [{ text: 'hi' }] }] }, HI],
  ['one part', { contents: [{ parts: { text: 'hi' } }] }, HI],
  [
    'an instruction as text',
    { contents, system_instruction: 'be' },
    [{ role: 'system', blocks: [{ type: 'text', text: 'be' }] }, ...HI],
  ],
  [
    'an instruction as one part',
    { contents, systemInstruction: { text: 'be' } },
    [{ role: 'system', blocks: [{ type: 'text', text: 'be' }] }, ...HI],
  ],
  [
    'an instruction as parts',
    { contents, systemInstruction: [{ text: 'be' }] },
    [{ role: 'system', blocks: [{ type: 'text', text: 'be' }] }, ...HI],
  ],
  [
    'a picture with an empty text beside it (bug 69)',
    { contents: [{ parts: [{ text: '', inlineData: { mimeType: 'image/png', data: 'QQ==' } }] }] },
    [{ role: 'user', blocks: [{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'QQ==' } }] }],
  ],
  [
    'base64 of the URL kind',
    { contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: '-_8' } }] }] },
    [{ role: 'user', blocks: [{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: '+/8=' } }] }],
  ],
  [
    'pieces of a streamed answer as contents of their own',
    {
      contents: [
        ...contents,
        { role: 'model', parts: [{ text: 'a' }] },
        { role: 'model', parts: [{ text: 'b' }] },
        { role: 'model', parts: [{ text: '', thoughtSignature: 'c2ln' }] },
        { role: 'model', parts: [{ text: '' }] },
      ],
    },
    [
      ...HI,
      {
        role: 'assistant',
        blocks: [
          { type: 'text', text: 'ab' },
          { type: 'text', text: '', signature: SIGNATURE },
        ],
      },
    ],
  ],
  [
    'a part nobody knows',
    { contents: [{ parts: [{ hologram: { data: 1 } }] }] },
    [{ role: 'user', blocks: [{ type: 'opaque', protocol: 'gemini', value: { hologram: { data: 1 } } }] }],
  ],
])('decodes %s', (_name, body, turns) => {
  expect(decode(body).turns).toEqual(turns);
});

describe('calls and results', () => {
  const call = (name: string, more: JsonObject = {}) => ({ functionCall: { name, args: {}, ...more } });
  const result = (name: string, more: JsonObject = {}) => ({
    functionResponse: { name, response: { result: name }, ...more },
  });
  const idsOf = (...turns: readonly (readonly JsonObject[])[]): readonly (readonly string[])[] =>
    decode({
      contents: [
        ...contents,
        ...turns.map((parts) => ({ role: 'functionCall' in (parts[0] ?? {}) ? 'model' : 'user', parts })),
      ],
    })
      .turns.slice(1)
      .map(({ blocks }) =>
        blocks.flatMap((block) => (block.type === 'tool-call' || block.type === 'tool-result' ? [block.callId] : [])),
      );

  test('without ids are linked by name and order, and have the same ids in each turn', () => {
    const turns = [
      [call('read'), call('read'), call('list')],
      [result('list'), result('read'), result('read')],
      [call('read')],
      [result('read')],
    ];
    const [calls, results, more, moreResults] = idsOf(...turns);
    const [first, second, third] = calls ?? [];
    expect(new Set([first, second, third, ...(more ?? [])]).size).toBe(4);
    expect(results).toEqual([third, first, second]);
    expect(moreResults).toEqual(more);
    expect(idsOf(...turns.slice(0, 2))).toEqual([calls, results]);
  });

  test('with ids are linked by them', () => {
    expect(
      idsOf([call('a', { id: '1' }), call('a', { id: '2' })], [result('a', { id: '2' }), result('a', { id: '1' })]),
    ).toEqual([
      ['1', '2'],
      ['2', '1'],
    ]);
  });

  test('a result with an id of which its call knows nothing answers the first open call of its name', () => {
    const [calls, results] = idsOf([call('a')], [result('a', { id: 'x' })]);
    expect(results).toEqual(calls);
  });

  test.each([
    ['a text', { result: 'x' }, 'x', undefined, undefined],
    ['a text under another name', { output: 'x' }, 'x', undefined, { response: { output: 'x' } }],
    ['an error', { error: 'x' }, 'x', true, undefined],
    ['an object', { a: 1, b: ['c'] }, '{"a":1,"b":["c"]}', undefined, undefined],
    ['a text that is an object', { result: '{"a":1}' }, '{"a":1}', undefined, { response: { result: '{"a":1}' } }],
    ['nothing', undefined, '', undefined, undefined],
  ])('a result may be %s', (_name, response, text, isError, kept) => {
    const { turns } = decode({
      contents: [
        ...contents,
        { role: 'model', parts: [call('a')] },
        { parts: [{ functionResponse: { name: 'a', response } }] },
      ],
    });
    expect(turns[2]?.blocks[0]).toMatchObject({
      type: 'tool-result',
      blocks: [{ type: 'text', text }],
      ...(isError === undefined ? {} : { isError }),
    });
    expect(turns[2]?.blocks[0]?.extensions?.gemini?.functionResponse).toEqual(kept);
  });

  test('a result may hold files', () => {
    const { turns } = decode({
      contents: [
        ...contents,
        { role: 'model', parts: [call('a')] },
        { parts: [result('a', { parts: [{ inline_data: { mime_type: 'image/png', data: 'QQ==' } }] })] },
      ],
    });
    expect(turns[2]?.blocks[0]).toMatchObject({
      blocks: [
        { type: 'text', text: 'a' },
        { type: 'image', source: { data: 'QQ==' } },
      ],
    });
  });
});

test('bug 42: tools of the service keep their parts and signatures', () => {
  const parts = [
    { toolCall: { toolType: 'GOOGLE_SEARCH_WEB', args: { queries: ['x'] }, id: '1' }, thoughtSignature: 'c2ln' },
    { toolResponse: { toolType: 'GOOGLE_SEARCH_WEB', response: { a: 1 }, id: '1' }, thoughtSignature: 'c2ln' },
    { executableCode: { language: 'PYTHON', code: '1' } },
    { codeExecutionResult: { outcome: 'OUTCOME_FAILED', output: 'no' } },
  ];
  const { turns } = decode({ contents: [...contents, { role: 'model', parts }] });
  expect(turns[1]?.blocks).toMatchObject([
    { type: 'server-tool-call', callId: '1', tool: 'web-search', input: { queries: ['x'] }, signature: SIGNATURE },
    { type: 'server-tool-result', callId: '1', tool: 'web-search', signature: SIGNATURE },
    { type: 'server-tool-call', tool: 'code-execution', input: { language: 'PYTHON', code: '1' } },
    { type: 'server-tool-result', tool: 'code-execution', isError: true, text: 'no' },
  ]);
});

test.each([
  ['off', { thinkingBudget: 0 }, { mode: 'off' }],
  ['as the model likes', { thinkingBudget: -1 }, { mode: 'auto', display: 'omitted' }],
  ['a budget', { thinkingBudget: 2048, includeThoughts: true }, { mode: 'on', budget: 2048, display: 'summary' }],
  ['a level', { thinkingLevel: 'minimal' }, { mode: 'on', effort: 'minimal', display: 'omitted' }],
  ['thoughts alone', { includeThoughts: true }, { mode: 'auto', display: 'summary' }],
])('thinking may be %s', (_name, thinkingConfig, reasoning) => {
  expect(decode({ contents, generationConfig: { thinkingConfig } }).reasoning).toEqual(reasoning);
});

test.each([
  ['AUTO', undefined, { type: 'auto' }],
  ['NONE', undefined, { type: 'none' }],
  ['ANY', undefined, { type: 'required' }],
  ['ANY', ['a'], { type: 'named', name: 'a' }],
  ['ANY', ['a', 'b'], { type: 'allowed', mode: 'required', names: ['a', 'b'] }],
  ['VALIDATED', ['a'], { type: 'allowed', mode: 'auto', names: ['a'] }],
  ['VALIDATED', undefined, { type: 'auto' }],
])('mode %s with %j is a choice', (mode, allowedFunctionNames, toolChoice) => {
  const toolConfig = { functionCallingConfig: { mode, allowedFunctionNames } };
  expect(decode({ contents, toolConfig }).toolChoice).toEqual(toolChoice);
});

test('a schema is JSON Schema, property names apart', () => {
  const parameters = {
    type: 'OBJECT',
    property_ordering: ['b', 'a'],
    properties: {
      a: { type: 'ARRAY', minItems: '1', items: { anyOf: [{ type: 'NUMBER' }, { type: 3 }] } },
      b: { type: 'STRING', format: 'enum', enum: ['x'], nullable: true, example: 'x' },
      any_of: { type: 'STRING' },
    },
  };
  const [tool] = decode({ contents, tools: { functionDeclarations: [{ name: 'f', parameters }] } }).tools;
  const schema = tool?.type === 'function' ? tool.inputSchema : {};
  expect(schema).toEqual({
    type: 'object',
    properties: {
      b: { type: ['string', 'null'], enum: ['x', null], examples: ['x'] },
      a: { type: 'array', minItems: 1, items: { anyOf: [{ type: 'number' }, { type: 'integer' }] } },
      any_of: { type: 'string' },
    },
  });
  expect(Object.keys(schema.properties ?? {})).toEqual(['b', 'a', 'any_of']);
});

test('a schema without end is cut', () => {
  let schema: JsonObject = { type: 'STRING' };
  for (let depth = 0; depth < 5000; depth++) schema = { type: 'ARRAY', items: schema };
  const [tool] = decode({ contents, tools: [{ functionDeclarations: [{ name: 'x', parameters: schema }] }] }).tools;
  expect(tool?.type === 'function' && tool.inputSchema).toMatchObject({ type: 'array', items: { type: 'array' } });
});

describe('refuses', () => {
  const saying = (content: unknown): unknown => ({ contents: [content] });

  test.each([
    ['no object', 4, undefined],
    ['no contents', {}, 'contents'],
    ['no content', { contents: [] }, 'contents'],
    ['contents as text', { contents: 'hi' }, 'contents[0]'],
    ['a content without parts', saying({ role: 'user' }), 'contents[0].parts'],
    ['an unknown role', saying({ role: 'assistant', parts: [{ text: 'x' }] }), 'contents[0].role'],
    ['a part as text', saying({ parts: ['x'] }), 'contents[0].parts[0]'],
    ['text as a number', saying({ parts: [{ text: 4 }] }), 'contents[0].parts[0].text'],
    ['a call without a name', saying({ parts: [{ functionCall: {} }] }), 'contents[0].parts[0].functionCall.name'],
    ['a call as text', saying({ parts: [{ functionCall: 'x' }] }), 'contents[0].parts[0].functionCall'],
    [
      'a result without a name',
      saying({ parts: [{ functionResponse: {} }] }),
      'contents[0].parts[0].functionResponse.name',
    ],
    ['an instruction as a number', { systemInstruction: 4, contents }, 'systemInstruction'],
    ['an instruction of a wrong part', { systemInstruction: { parts: [4] }, contents }, 'systemInstruction.parts[0]'],
    ['a tool as text', { contents, tools: ['x'] }, 'tools[0]'],
    [
      'a declaration without a name',
      { contents, tools: [{ functionDeclarations: [{}] }] },
      'tools[0].functionDeclarations[0].name',
    ],
    [
      'parameters as text',
      { contents, tools: [{ functionDeclarations: [{ name: 'x', parameters: 'x' }] }] },
      'tools[0].functionDeclarations[0].parameters',
    ],
  ])('%s', (_name, body, field) => {
    expect(() => decode(body)).toThrow(InvalidRequestError);
    expect(() => decode(body)).toThrow(expect.objectContaining(field === undefined ? {} : { field }));
  });

  test('a path without a model', () => {
    expect(() => decodeRequest({ contents: [] }, { isStream: false })).toThrow(
      expect.objectContaining({ field: 'model' }),
    );
  });
});

test('whatever JSON comes, it is decoded or refused', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  const atoms: readonly unknown[] = [
    null,
    true,
    0,
    -1,
    1e300,
    '',
    'x',
    'STRING',
    [],
    {},
    [null],
    ['x'],
    { parts: 'x' },
  ];
  const mutate = (value: unknown, depth: number): unknown => {
    if (random(14) === 0) return atoms[random(atoms.length)];
    if (Array.isArray(value)) return value.map((element) => mutate(element, depth + 1));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mutate(inner, depth + 1)]));
  };
  let decoded = 0;
  for (let round = 0; round < 2000; round++) {
    try {
      decode(mutate(round % 2 === 0 ? CAMEL : SNAKE, 0));
      decoded++;
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidRequestError);
    }
  }
  expect(decoded).toBeGreaterThan(100);
});
