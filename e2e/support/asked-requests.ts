import type { FakeDialectId } from '@proxycast/testkit';

/** A request a client may send, without its model. */
export interface AskedRequest {
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The dialect's own service refuses it; another one can be asked so that it does not. */
  readonly isRefusedAtHome?: true;
  /** It chooses how to sample, or names its bound as it was once named: models that always reason refuse that. */
  readonly isForOlderModels?: true;
}

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const PDF = Buffer.from('%PDF-1.4\n%%EOF').toString('base64');
/** What tools of real clients say: references, constants, several types, limits. */
const INPUT = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $defs: { kind: { type: 'string', const: 'x' } },
  type: 'object',
  properties: {
    city: { type: 'string', minLength: 1 },
    maybe: { oneOf: [{ type: 'string' }, { type: 'null' }] },
    kind: { $ref: '#/$defs/kind' },
    list: { type: 'array', items: { type: ['string', 'null'] } },
  },
  required: ['city'],
  additionalProperties: false,
};
/** One of two forms, which several services refuse at the top. */
const FORMS = {
  type: 'object',
  anyOf: [{ properties: { a: { type: 'string' } } }, { properties: { b: { type: 'string' } } }],
};
const OUTPUT = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

const OLDER = { isForOlderModels: true };

function chatRequests(): readonly AskedRequest[] {
  const hi = { role: 'user', content: 'Hi' };
  const begun = { role: 'assistant', content: 'The answer is ' };
  const tools = [
    { type: 'function', function: { name: 'look', description: 'Looks', parameters: INPUT } },
    { type: 'function', function: { name: 'noargs' } },
  ];
  const call = (id: string, name: string, text: string) => ({
    id,
    type: 'function',
    function: { name, arguments: text },
  });
  const called = {
    role: 'assistant',
    content: null,
    tool_calls: [call('call_1', 'look', '{"city":"Köln"}'), call('call_2', 'noargs', '')],
  };
  const results = [
    { role: 'tool', tool_call_id: 'call_1', content: 'dry' },
    { role: 'tool', tool_call_id: 'call_2', content: '' },
  ];
  const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}`, detail: 'low' } };
  const file = { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` } };
  const sampling = { temperature: 1.2, top_p: 0.9, stop: ['END'], max_completion_tokens: 300 };
  const schema = { type: 'json_schema', json_schema: { name: 'o', strict: true, schema: OUTPUT } };
  const ask = (name: string, fields: object, more: object = {}): AskedRequest => ({
    name,
    body: { messages: [hi], ...fields },
    ...more,
  });
  return [
    ask(
      'a picture',
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'See' }, image] }], ...sampling },
      OLDER,
    ),
    ask('a PDF', { messages: [{ role: 'user', content: [file, { type: 'text', text: 'Read' }] }] }),
    ask(
      'old bounds',
      {
        max_tokens: 300,
        presence_penalty: 0.5,
        frequency_penalty: 0.1,
        seed: 3,
        logit_bias: { 5: 1 },
      },
      OLDER,
    ),
    ask('a forced call', { tools, tool_choice: 'required', parallel_tool_calls: false }),
    ask('a forced call and effort', { tools, tool_choice: 'required', reasoning_effort: 'high' }),
    ask('a named call', { tools, tool_choice: { type: 'function', function: { name: 'look' } } }),
    ask('no call after calls', { tools, tool_choice: 'none', messages: [hi, called, ...results] }),
    ask('calls of tools that are gone', { messages: [hi, called, ...results] }),
    ask('thinking after calls of another', { tools, messages: [hi, called, ...results], reasoning_effort: 'high' }),
    ask('calls without results', { tools, messages: [hi, called] }, { isRefusedAtHome: true }),
    ask('a schema', { response_format: schema }),
    ask('any JSON', { response_format: { type: 'json_object' } }),
    ask('little room to think', { reasoning_effort: 'high', temperature: 0.2, max_completion_tokens: 100 }, OLDER),
    ask('the least effort', { reasoning_effort: 'minimal' }),
    ask('no effort', { reasoning_effort: 'none' }),
    ask('the most effort', { reasoning_effort: 'xhigh', verbosity: 'low' }),
    ask('instructions in the middle', {
      messages: [
        { role: 'developer', content: 'A' },
        hi,
        { role: 'assistant', content: 'Yo' },
        { role: 'system', content: 'B' },
        hi,
      ],
    }),
    ask('a begun answer', { messages: [hi, begun] }),
    ask('a begun answer and effort', { messages: [hi, begun], reasoning_effort: 'high' }),
    ask('several forms of input', { tools: [{ type: 'function', function: { name: 'forms', parameters: FORMS } }] }),
    ask('a tool of free text', { tools: [{ type: 'custom', custom: { name: 'free', description: 'Takes text' } }] }),
    ask('words about the client', {
      user: 'u',
      metadata: { a: 'b' },
      service_tier: 'auto',
      store: false,
      prompt_cache_key: 'k',
      safety_identifier: 's',
    }),
  ];
}

function messagesRequests(): readonly AskedRequest[] {
  const hi = { role: 'user', content: 'Hi' };
  const begun = { role: 'assistant', content: 'The answer is' };
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } };
  const tools = [
    { name: 'look', description: 'Looks', input_schema: INPUT },
    { name: 'noargs', input_schema: { type: 'object' } },
  ];
  const history = [
    hi,
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'I look' },
        { type: 'tool_use', id: 'toolu_1', name: 'look', input: { city: 'Köln' } },
        { type: 'tool_use', id: 'toolu_2', name: 'noargs', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_1', is_error: true, content: [{ type: 'text', text: 'no' }, image] },
        { type: 'tool_result', tool_use_id: 'toolu_2' },
        { type: 'text', text: 'Go on' },
      ],
    },
  ];
  const budget = { type: 'enabled', budget_tokens: 1_024 };
  const cached = { cache_control: { type: 'ephemeral' } };
  const ask = (name: string, fields: object, more: object = {}): AskedRequest => ({
    name,
    body: { max_tokens: 3_000, messages: [hi], ...fields },
    ...more,
  });
  return [
    ask('a picture', {
      system: 'Brief.',
      messages: [{ role: 'user', content: [image, { type: 'text', text: 'See' }] }],
      temperature: 0.7,
      stop_sequences: ['END'],
      top_k: 5,
    }),
    ask('a document', {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Grüße' }, title: 'T: ü' },
            { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PDF } },
            { type: 'text', text: 'Read' },
          ],
        },
      ],
    }),
    ask('a forced call', { tools, tool_choice: { type: 'any', disable_parallel_tool_use: true } }),
    ask('a named call', { tools, tool_choice: { type: 'tool', name: 'look' } }),
    ask('no call', { tools, tool_choice: { type: 'none' } }),
    ask('results with a picture and an error', { tools, messages: history }),
    ask('calls of tools that are gone', { messages: history }),
    ask('thinking after calls of another', { tools, messages: history, thinking: budget }, { isRefusedAtHome: true }),
    ask('a budget', { thinking: { type: 'enabled', budget_tokens: 2_000 }, tools, tool_choice: { type: 'auto' } }),
    ask('adaptive thinking', { thinking: { type: 'adaptive' }, output_config: { effort: 'max' } }),
    ask('no thinking', { thinking: { type: 'disabled' } }),
    ask('a schema', { output_config: { format: { type: 'json_schema', schema: OUTPUT } } }),
    ask('marks of the cache', {
      tools: [{ ...tools[0], ...cached }],
      system: [{ type: 'text', text: 'a', ...cached }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', ...cached }] }],
    }),
    ask('a begun answer', { messages: [hi, begun] }),
    ask('a begun answer and a budget', { messages: [hi, begun], thinking: budget }, { isRefusedAtHome: true }),
    ask('several forms of input', { tools: [{ name: 'forms', input_schema: FORMS }] }, { isRefusedAtHome: true }),
    ask('a search', { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 2 }, ...tools] }),
    ask('one turn in two', { messages: [hi, { role: 'user', content: 'You there?' }] }),
  ];
}

function responsesRequests(): readonly AskedRequest[] {
  const image = { type: 'input_image', image_url: `data:image/png;base64,${PNG}`, detail: 'auto' };
  const hi = { role: 'user', content: 'Hi' };
  const tools = [
    { type: 'function', name: 'look', description: 'Looks', parameters: INPUT, strict: false },
    { type: 'custom', name: 'free', description: 'Takes text' },
  ];
  const history = [
    hi,
    { type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{"city":"Köln"}' },
    { type: 'custom_tool_call', call_id: 'call_2', name: 'free', input: 'abc' },
    { type: 'function_call_output', call_id: 'call_1', output: [{ type: 'input_text', text: 'dry' }, image] },
    { type: 'custom_tool_call_output', call_id: 'call_2', output: 'done' },
  ];
  const ask = (name: string, fields: object): AskedRequest => ({
    name,
    body: { input: 'Hi', store: false, ...fields },
  });
  return [
    ask('a picture', {
      instructions: 'Brief.',
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'See' }, image] }],
      temperature: 0.7,
      top_p: 0.9,
      max_output_tokens: 300,
    }),
    ask('a forced call', { tools, tool_choice: 'required', parallel_tool_calls: false }),
    ask('a named call', { tools, tool_choice: { type: 'function', name: 'look' } }),
    ask('results with a picture', { tools, input: history }),
    ask('calls of tools that are gone', { input: history }),
    ask('thinking after calls of another', { tools, input: history, reasoning: { effort: 'medium' } }),
    ask('a schema', {
      text: { format: { type: 'json_schema', name: 'o', strict: true, schema: OUTPUT }, verbosity: 'low' },
    }),
    ask('effort', {
      reasoning: { effort: 'high', summary: 'detailed' },
      include: ['reasoning.encrypted_content'],
      tools,
    }),
    ask('the least effort', { reasoning: { effort: 'minimal' } }),
    ask('no effort', { reasoning: { effort: 'none' } }),
    ask('an answer that is kept', { store: true }),
    ask('little room', { max_output_tokens: 20 }),
    ask('words about the client', {
      user: 'u',
      metadata: { a: 'b' },
      service_tier: 'auto',
      prompt_cache_key: 'k',
      safety_identifier: 's',
      truncation: 'auto',
    }),
    ask('instructions in the middle', {
      input: [
        { role: 'developer', content: 'A' },
        hi,
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Yo', annotations: [] }] },
        { role: 'developer', content: 'B' },
        hi,
      ],
    }),
  ];
}

function geminiRequests(): readonly AskedRequest[] {
  const tools = [
    { functionDeclarations: [{ name: 'look', description: 'Looks', parametersJsonSchema: INPUT }, { name: 'noargs' }] },
  ];
  const hi = { role: 'user', parts: [{ text: 'Hi' }] };
  const history = [
    hi,
    {
      role: 'model',
      parts: [
        {
          functionCall: { name: 'look', args: { city: 'Köln' } },
          thoughtSignature: 'skip_thought_signature_validator',
        },
        { functionCall: { name: 'noargs', args: {} } },
      ],
    },
    {
      role: 'user',
      parts: [
        { functionResponse: { name: 'look', response: { result: 'dry' } } },
        { functionResponse: { name: 'noargs', response: { error: 'no' } } },
      ],
    },
  ];
  const think = (thinkingConfig: object) => ({ generationConfig: { thinkingConfig } });
  const ask = (name: string, fields: object): AskedRequest => ({ name, body: { contents: [hi], ...fields } });
  return [
    ask('a picture', {
      systemInstruction: { parts: [{ text: 'Brief.' }] },
      contents: [{ role: 'user', parts: [{ text: 'See' }, { inlineData: { mimeType: 'image/png', data: PNG } }] }],
      generationConfig: { temperature: 1.5, topP: 0.9, topK: 4, maxOutputTokens: 300, stopSequences: ['END'], seed: 4 },
    }),
    ask('a turn of nobody', { contents: [{ parts: [{ text: 'Hi' }] }] }),
    ask('a forced call', {
      tools,
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['look'] } },
    }),
    ask('no call', { tools, toolConfig: { functionCallingConfig: { mode: 'NONE' } } }),
    ask('results', { tools, contents: history }),
    ask('calls of tools that are gone', { contents: history }),
    ask('thinking after calls of another', { tools, contents: history, ...think({ thinkingBudget: 5_000 }) }),
    ask('a schema', { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: OUTPUT } }),
    ask('a level', think({ thinkingLevel: 'high', includeThoughts: true })),
    ask('no thinking', think({ thinkingBudget: 0 })),
    ask('a search', { tools: [{ googleSearch: {} }] }),
    ask('safety', { safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }] }),
  ];
}

/** What clients of each dialect really ask, beyond the plain conversation. */
export const ASKED_REQUESTS: Readonly<Record<FakeDialectId, readonly AskedRequest[]>> = {
  openai: chatRequests(),
  anthropic: messagesRequests(),
  responses: responsesRequests(),
  gemini: geminiRequests(),
};
