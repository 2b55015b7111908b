import type { ChatBlock, ChatRequest } from '@proxycast/spec';
import { propertyNamesOf } from '../property-names.ts';
import { atomsOf } from '../request-atoms.ts';
import type { Capability, CapabilityGroup } from './capability.ts';
import { both, declared, OBJECT_SCHEMA, said, withTools } from './plain-bodies.ts';
import { lookAtRequest, type RequestLook } from './request-look.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const PDF = 'JVBERi0xLjQKJSVFT0YK';
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=';
const ADDRESS = 'https://example.com/file';

const asked = (title: string, look: RequestLook): Capability => ({
  title,
  look: (client, upstream) => lookAtRequest(look, client, upstream),
});

const blocksOf = ({ turns }: ChatRequest): readonly ChatBlock[] =>
  turns.flatMap(({ blocks }) => blocks.flatMap((block) => (block.type === 'tool-result' ? block.blocks : [block])));
const mediaOf =
  (type: ChatBlock['type']) =>
  (request: ChatRequest): unknown =>
    blocksOf(request).flatMap((block) => (block.type === type && 'source' in block ? [sourceOf(block.source)] : []));
const sourceOf = (source: { readonly type: string }): string =>
  'data' in source ? String(source.data) : 'url' in source ? String(source.url) : source.type;
/** The turns as normalisations 1 to 4 of architecture/conversion.md leave them. */
const conversation = (request: ChatRequest): unknown =>
  atomsOf(request, 'anthropic').map((atom) =>
    atom.type === 'text' ? { ...atom, texts: atom.texts.join('').replace(/\s+/g, '') } : atom,
  );

const READ = declared('read', OBJECT_SCHEMA);
const LIST = declared('list', { type: 'object', properties: {} });
export const TOOLS = withTools(READ, LIST);

/** Two calls side by side, and a result for each. */
const history = (first: { readonly isError?: boolean; readonly picture?: boolean }) => {
  const isError = first.isError === true;
  const text = isError ? 'No such file.' : 'Four lines.';
  const anthropicImage = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } };
  const picture = first.picture === true;
  const two = { type: 'text', text: 'Nothing.' };
  return both(TOOLS, {
    anthropic: {
      messages: [
        { role: 'user', content: 'Read.' },
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'toolu_1', name: 'read', input: { path: 'a', lines: 4 } },
            { type: 'tool_use', id: 'toolu_2', name: 'list', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'toolu_1',
              content: [{ type: 'text', text }, ...(picture ? [anthropicImage] : [])],
              ...(isError ? { is_error: true } : {}),
            },
            { type: 'tool_result', tool_use_id: 'toolu_2', content: [two] },
          ],
        },
      ],
    },
    ...(picture || isError
      ? {}
      : {
          openai: {
            messages: [
              { role: 'user', content: 'Read.' },
              {
                role: 'assistant',
                content: null,
                tool_calls: [
                  { id: 'call_1', type: 'function', function: { name: 'read', arguments: '{"path":"a","lines":4}' } },
                  { id: 'call_2', type: 'function', function: { name: 'list', arguments: '{}' } },
                ],
              },
              { role: 'tool', tool_call_id: 'call_1', content: text },
              { role: 'tool', tool_call_id: 'call_2', content: 'Nothing.' },
            ],
          },
        }),
    ...(isError
      ? {}
      : {
          responses: {
            input: [
              { role: 'user', content: 'Read.' },
              { type: 'function_call', call_id: 'call_1', name: 'read', arguments: '{"path":"a","lines":4}' },
              { type: 'function_call', call_id: 'call_2', name: 'list', arguments: '{}' },
              {
                type: 'function_call_output',
                call_id: 'call_1',
                output: picture
                  ? [
                      { type: 'input_text', text },
                      { type: 'input_image', image_url: `data:image/png;base64,${PNG}`, detail: 'auto' },
                    ]
                  : text,
              },
              { type: 'function_call_output', call_id: 'call_2', output: 'Nothing.' },
            ],
          },
        }),
    gemini: {
      contents: [
        { role: 'user', parts: [{ text: 'Read.' }] },
        {
          role: 'model',
          parts: [
            { functionCall: { name: 'read', args: { path: 'a', lines: 4 } } },
            { functionCall: { name: 'list', args: {} } },
          ],
        },
        {
          role: 'user',
          parts: [
            {
              functionResponse: {
                name: 'read',
                response: isError ? { error: text } : { result: text },
                ...(picture ? { parts: [{ inlineData: { mimeType: 'image/png', data: PNG } }] } : {}),
              },
            },
            { functionResponse: { name: 'list', response: { result: 'Nothing.' } } },
          ],
        },
      ],
    },
  });
};

const results = (request: ChatRequest): unknown =>
  atomsOf(request, 'anthropic').flatMap((atom): readonly unknown[] => {
    if (atom.type === 'call') return [atom.name];
    return atom.type === 'result' ? [atom.texts, atom.isError] : [];
  });

const CONVERSATION: readonly Capability[] = [
  asked('text', {
    asks: { anthropic: {}, openai: {}, responses: {}, gemini: {} },
    read: conversation,
  }),
  asked('several turns, no text lost', {
    asks: {
      anthropic: {
        messages: [
          { role: 'user', content: 'One.' },
          { role: 'assistant', content: 'Two.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Three. ' },
              { type: 'text', text: '👩‍👩‍👧' },
            ],
          },
        ],
      },
      openai: {
        messages: [
          { role: 'user', content: 'One.' },
          { role: 'assistant', content: 'Two.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Three. ' },
              { type: 'text', text: '👩‍👩‍👧' },
            ],
          },
        ],
      },
      responses: {
        input: [
          { role: 'user', content: 'One.' },
          { role: 'assistant', content: 'Two.' },
          {
            role: 'user',
            content: [
              { type: 'input_text', text: 'Three. ' },
              { type: 'input_text', text: '👩‍👩‍👧' },
            ],
          },
        ],
      },
      gemini: {
        contents: [
          { role: 'user', parts: [{ text: 'One.' }] },
          { role: 'model', parts: [{ text: 'Two.' }] },
          { role: 'user', parts: [{ text: 'Three. ' }, { text: '👩‍👩‍👧' }] },
        ],
      },
    },
    read: conversation,
  }),
  asked('system text at the front', {
    asks: {
      anthropic: { system: 'Be kind.' },
      openai: {
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'Begin.' },
        ],
      },
      responses: { instructions: 'Be kind.' },
      gemini: { systemInstruction: { parts: [{ text: 'Be kind.' }] } },
    },
    read: ({ turns }) =>
      turns
        .filter(({ role }) => role === 'system')
        .map(({ blocks }) => blocks.map((block) => (block.type === 'text' ? block.text : block.type))),
  }),
  asked('system text in the middle', {
    forms: { anthropic: 'the user’s text inside a mark', gemini: 'the user’s text inside a mark' },
    asks: {
      anthropic: {
        messages: [
          { role: 'user', content: 'One.' },
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Two.' },
        ],
      },
      openai: {
        messages: [
          { role: 'user', content: 'One.' },
          { role: 'developer', content: 'Be brief.' },
          { role: 'user', content: 'Two.' },
        ],
      },
      responses: {
        input: [
          { role: 'user', content: 'One.' },
          { role: 'developer', content: 'Be brief.' },
          { role: 'user', content: 'Two.' },
        ],
      },
    },
    read: ({ turns }) =>
      turns.map(({ role, blocks }) => [role, blocks.map((block) => (block.type === 'text' ? block.text : block.type))]),
  }),
  asked('parallel calls with their results', { asks: history({}), read: results }),
  asked('result that is an error', {
    asks: history({ isError: true }),
    read: (request) => JSON.stringify(results(request)).includes('No such file.'),
  }),
  asked('picture in a result', {
    forms: { openai: 'in a message of the user’s right behind the results' },
    asks: history({ picture: true }),
    read: mediaOf('image'),
  }),
];

const isCustom = (request: ChatRequest): unknown => request.tools.map(({ type, name }) => [type, name]);
const CUSTOM_TOOL = {
  openai: { tools: [{ type: 'custom', custom: { name: 'apply_patch', description: 'Takes a patch.' } }] },
  responses: {
    tools: [{ type: 'custom', name: 'apply_patch', description: 'Takes a patch.', format: { type: 'text' } }],
  },
};
const chosen = ({ toolChoice }: ChatRequest): unknown => {
  if (toolChoice?.type !== 'allowed') return toolChoice?.type === 'named' ? toolChoice.name : toolChoice;
  return toolChoice.names.length === 1 && toolChoice.mode === 'required' ? toolChoice.names[0] : toolChoice;
};

const TOOL_ROWS: readonly Capability[] = [
  asked('functions: name, description, schema', {
    asks: TOOLS,
    read: ({ tools }) =>
      tools.map((tool) => [
        tool.name,
        tool.type === 'function' ? [tool.description, propertyNamesOf(tool.inputSchema)] : '',
      ]),
  }),
  asked('strict schema', {
    forms: { gemini: 'the schema goes, without a word that the model is held to it' },
    asks: (({ gemini: _, ...rest }) => rest)(withTools(declared('read', OBJECT_SCHEMA, { isStrict: true }))),
    read: ({ tools }) => tools.map((tool) => tool.type === 'function' && tool.isStrict),
  }),
  asked('tool of free text (Codex’s `apply_patch`)', {
    forms: {
      anthropic: 'a function with one field `input`; free text again for the client',
      gemini: 'a function with one field `input`; free text again for the client',
    },
    asks: CUSTOM_TOOL,
    read: isCustom,
  }),
  asked('tools in namespaces', {
    forms: {
      anthropic: 'one name of the two; apart again for the client',
      openai: 'one name of the two; apart again for the client',
      gemini: 'one name of the two; apart again for the client',
    },
    asks: {
      responses: {
        tools: [{ type: 'namespace', name: 'files', description: 'Files.', tools: [READ.responses, LIST.responses] }],
      },
    },
    read: ({ tools }) => tools.map((tool) => [tool.type === 'server' ? '' : tool.namespace, tool.name]),
  }),
  asked('choice: none', {
    asks: both(TOOLS, {
      anthropic: { tool_choice: { type: 'none' } },
      openai: { tool_choice: 'none' },
      responses: { tool_choice: 'none' },
      gemini: { toolConfig: { functionCallingConfig: { mode: 'NONE' } } },
    }),
    read: chosen,
  }),
  asked('choice: any', {
    asks: both(TOOLS, {
      anthropic: { tool_choice: { type: 'any' } },
      openai: { tool_choice: 'required' },
      responses: { tool_choice: 'required' },
      gemini: { toolConfig: { functionCallingConfig: { mode: 'ANY' } } },
    }),
    read: chosen,
  }),
  asked('choice: one by name', {
    asks: both(TOOLS, {
      anthropic: { tool_choice: { type: 'tool', name: 'list' } },
      openai: { tool_choice: { type: 'function', function: { name: 'list' } } },
      responses: { tool_choice: { type: 'function', name: 'list' } },
      gemini: { toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['list'] } } },
    }),
    read: chosen,
  }),
  asked('choice: some of the tools', {
    forms: { anthropic: 'the other tools are left out' },
    asks: both(withTools(READ, LIST, declared('stat', { type: 'object', properties: {} })), {
      openai: {
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: {
            mode: 'required',
            tools: [
              { type: 'function', function: { name: 'list' } },
              { type: 'function', function: { name: 'read' } },
            ],
          },
        },
      },
      responses: {
        tool_choice: {
          type: 'allowed_tools',
          mode: 'required',
          tools: [
            { type: 'function', name: 'list' },
            { type: 'function', name: 'read' },
          ],
        },
      },
      gemini: { toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['list', 'read'] } } },
    }),
    read: chosen,
  }),
  asked('one call at a time', {
    asks: both(TOOLS, {
      anthropic: { tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
      openai: { parallel_tool_calls: false },
      responses: { parallel_tool_calls: false },
    }),
    read: ({ allowsParallelTools }) => allowsParallelTools,
  }),
];

const OUTPUT_ROWS: readonly Capability[] = [
  asked('JSON', {
    forms: {
      anthropic: 'an instruction in words',
      openai: 'the word JSON is put in, which the service asks for',
      responses: 'the word JSON is put in, which the service asks for',
    },
    asks: {
      openai: { response_format: { type: 'json_object' } },
      responses: { text: { format: { type: 'json_object' } } },
      gemini: { generationConfig: { responseMimeType: 'application/json' } },
    },
    read: ({ output }) => output?.type,
  }),
  asked('JSON of a schema', {
    asks: {
      anthropic: { output_config: { format: { type: 'json_schema', schema: OBJECT_SCHEMA } } },
      openai: {
        response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: OBJECT_SCHEMA, strict: true } },
      },
      responses: { text: { format: { type: 'json_schema', name: 'answer', schema: OBJECT_SCHEMA, strict: true } } },
      gemini: { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: OBJECT_SCHEMA } },
    },
    read: ({ output }) => (output?.type === 'schema' ? propertyNamesOf(output.schema) : output?.type),
  }),
];

const MEDIA_ROWS: readonly Capability[] = [
  asked('picture, base64', {
    asks: said({
      anthropic: { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
      openai: { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
      responses: { type: 'input_image', image_url: `data:image/png;base64,${PNG}`, detail: 'auto' },
      gemini: { inlineData: { mimeType: 'image/png', data: PNG } },
    }),
    read: mediaOf('image'),
  }),
  asked('picture by address (fetched where the service does not read it)', {
    asks: said({
      anthropic: { type: 'image', source: { type: 'url', url: ADDRESS } },
      openai: { type: 'image_url', image_url: { url: ADDRESS } },
      responses: { type: 'input_image', image_url: ADDRESS, detail: 'auto' },
    }),
    read: (request) => blocksOf(request).some(({ type }) => type === 'image'),
  }),
  asked('PDF, base64', {
    asks: said({
      anthropic: { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PDF } },
      openai: { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` } },
      responses: { type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` },
      gemini: { inlineData: { mimeType: 'application/pdf', data: PDF } },
    }),
    read: mediaOf('document'),
  }),
  asked('document of text', {
    forms: {
      openai: 'its text, with its title',
      responses: 'its text, with its title',
      gemini: 'its text, with its title',
    },
    asks: said({
      anthropic: {
        type: 'document',
        title: 'Notes',
        source: { type: 'text', media_type: 'text/plain', data: 'Four lines.' },
      },
    }),
    read: (request) => JSON.stringify(request.turns).includes('Four lines.'),
  }),
  asked('sound, base64', {
    asks: said({
      openai: { type: 'input_audio', input_audio: { data: WAV, format: 'wav' } },
      gemini: { inlineData: { mimeType: 'audio/wav', data: WAV } },
    }),
    read: mediaOf('audio'),
  }),
  asked('film', {
    asks: said({ gemini: { inlineData: { mimeType: 'video/mp4', data: 'AAAAIGZ0eXBpc29t' } } }),
    read: mediaOf('video'),
  }),
  asked('file by another service’s id', {
    asks: said({
      anthropic: { type: 'document', source: { type: 'file', file_id: 'file_011' } },
      openai: { type: 'file', file: { file_id: 'file-abc' } },
      responses: { type: 'input_file', file_id: 'file-abc' },
      gemini: {
        fileData: {
          mimeType: 'application/pdf',
          fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc',
        },
      },
    }),
    read: (request) => blocksOf(request).map((block) => ('source' in block ? block.source.type : block.type)),
  }),
];

const sampled = (
  title: string,
  read: RequestLook['read'],
  asks: RequestLook['asks'],
  forms: RequestLook['forms'] = {},
): Capability => asked(title, { read, asks, forms });

const SETTING_ROWS: readonly Capability[] = [
  sampled('bound on the output', ({ maxOutputTokens }) => maxOutputTokens, {
    anthropic: { max_tokens: 500 },
    openai: { max_completion_tokens: 500 },
    responses: { max_output_tokens: 500 },
    gemini: { generationConfig: { maxOutputTokens: 500 } },
  }),
  sampled('temperature up to 1', ({ sampling }) => sampling?.temperature, {
    anthropic: { temperature: 0.5 },
    openai: { temperature: 0.5 },
    responses: { temperature: 0.5 },
    gemini: { generationConfig: { temperature: 0.5 } },
  }),
  sampled('temperature above 1', ({ sampling }) => sampling?.temperature, {
    openai: { temperature: 1.5 },
    responses: { temperature: 1.5 },
    gemini: { generationConfig: { temperature: 1.5 } },
  }),
  sampled('top_p', ({ sampling }) => sampling?.topP, {
    anthropic: { top_p: 0.5 },
    openai: { top_p: 0.5 },
    responses: { top_p: 0.5 },
    gemini: { generationConfig: { topP: 0.5 } },
  }),
  sampled('top_k', ({ sampling }) => sampling?.topK, {
    anthropic: { top_k: 5 },
    gemini: { generationConfig: { topK: 5 } },
  }),
  sampled('penalties', ({ sampling }) => [sampling?.presencePenalty, sampling?.frequencyPenalty], {
    openai: { presence_penalty: 0.5, frequency_penalty: 0.5 },
    gemini: { generationConfig: { presencePenalty: 0.5, frequencyPenalty: 0.5 } },
  }),
  sampled('seed', ({ sampling }) => sampling?.seed, { openai: { seed: 7 }, gemini: { generationConfig: { seed: 7 } } }),
  sampled('logit_bias', ({ sampling }) => sampling?.logitBias, { openai: { logit_bias: { 50256: -100 } } }),
  sampled('stop sequences', ({ stop }) => stop, {
    anthropic: { stop_sequences: ['END', 'STOP'] },
    openai: { stop: ['END', 'STOP'] },
    gemini: { generationConfig: { stopSequences: ['END', 'STOP'] } },
  }),
  sampled('several answers (`n`)', ({ choices }) => choices, {
    openai: { n: 2 },
    gemini: { generationConfig: { candidateCount: 2 } },
  }),
  sampled('log probabilities', ({ logprobs }) => logprobs?.top, {
    openai: { logprobs: true, top_logprobs: 2 },
    responses: { include: ['message.output_text.logprobs'], top_logprobs: 2 },
    gemini: { generationConfig: { responseLogprobs: true, logprobs: 2 } },
  }),
  sampled('verbosity of the answer', ({ verbosity }) => verbosity, {
    openai: { verbosity: 'low' },
    responses: { text: { verbosity: 'low' } },
  }),
  sampled(
    'marks of the prompt cache',
    ({ turns }) => turns.some(({ blocks }) => blocks.some(({ cache }) => cache !== undefined)),
    {
      anthropic: {
        messages: [{ role: 'user', content: [{ type: 'text', text: 'Long.', cache_control: { type: 'ephemeral' } }] }],
      },
    },
  ),
  sampled('name of the prompt cache', ({ cacheKey }) => cacheKey, {
    openai: { prompt_cache_key: 'a' },
    responses: { prompt_cache_key: 'a' },
  }),
  sampled('service tier', ({ serviceTier }) => serviceTier, {
    openai: { service_tier: 'flex' },
    responses: { service_tier: 'flex' },
    anthropic: { service_tier: 'auto' },
  }),
  sampled('user id', ({ userId }) => userId, {
    anthropic: { metadata: { user_id: 'u1' } },
    openai: { user: 'u1' },
    responses: { user: 'u1' },
  }),
  sampled('metadata', ({ metadata }) => metadata, {
    openai: { metadata: { a: 'b' } },
    responses: { metadata: { a: 'b' } },
  }),
];

const THINKING_ASKED: readonly Capability[] = [
  sampled('asked: effort', ({ reasoning }) => reasoning !== undefined && reasoning.mode !== 'off', {
    anthropic: { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
    openai: { reasoning_effort: 'high' },
    responses: { reasoning: { effort: 'high' } },
    gemini: { generationConfig: { thinkingConfig: { thinkingLevel: 'HIGH' } } },
  }),
  sampled('asked: budget', ({ reasoning }) => reasoning?.mode, {
    anthropic: { max_tokens: 9000, thinking: { type: 'enabled', budget_tokens: 8192 } },
    gemini: { generationConfig: { thinkingConfig: { thinkingBudget: 8192 } } },
  }),
  sampled('asked: none', ({ reasoning }) => reasoning?.mode ?? 'off', {
    anthropic: { thinking: { type: 'disabled' } },
    openai: { reasoning_effort: 'none' },
    responses: { reasoning: { effort: 'none' } },
    gemini: { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } },
  }),
  sampled(
    'asked: to be shown',
    ({ reasoning }) => reasoning?.display !== undefined && reasoning.display !== 'omitted',
    {
      anthropic: { max_tokens: 9000, thinking: { type: 'adaptive', display: 'summarized' } },
      responses: { reasoning: { effort: 'high', summary: 'auto' } },
      gemini: { generationConfig: { thinkingConfig: { includeThoughts: true, thinkingLevel: 'HIGH' } } },
    },
    { openai: 'shown by the services that do, without being asked' },
  ),
];

export const REQUEST_GROUPS: readonly CapabilityGroup[] = [
  { title: 'Conversation', capabilities: CONVERSATION },
  { title: 'Tools of the client', capabilities: TOOL_ROWS },
  { title: 'Form of the answer', capabilities: OUTPUT_ROWS },
  { title: 'Pictures, documents, sound', capabilities: MEDIA_ROWS },
  { title: 'Settings', capabilities: SETTING_ROWS },
  { title: 'Thinking, asked for', capabilities: THINKING_ASKED },
];
