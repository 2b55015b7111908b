import { expect, test } from 'vitest';
import { clientToolOf } from './client-tools.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeRequest } from './encode-request.ts';

test.each([
  ['bash_20250124', true],
  ['text_editor_20250728', true],
  ['memory_20250818', true],
  ['computer_20250124', false],
  ['bash_code_execution_20250825', false],
  ['text_editor_code_execution_20250825', false],
  ['code_execution_20250825', false],
  ['bash', false],
  ['web_search_20250305', false],
])('%s is a tool of the client’s: %s', (type, isKnown) => {
  expect(clientToolOf(type) !== undefined).toBe(isKnown);
});

const BODY = {
  model: 'claude-sonnet-4-5',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'List.' }],
  tools: [
    { type: 'bash_20250124', name: 'bash', cache_control: { type: 'ephemeral' } },
    { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool', max_characters: 10_000 },
  ],
  tool_choice: { type: 'tool', name: 'bash' },
};

test('other dialects are given it as a function with the input the models know', () => {
  const { tools, toolChoice } = decodeRequest(BODY, { isStream: false });
  expect(tools).toMatchObject([
    { type: 'function', name: 'bash', inputSchema: { properties: { command: { type: 'string' } } }, cache: {} },
    { type: 'function', name: 'str_replace_based_edit_tool', inputSchema: { required: ['command', 'path'] } },
  ]);
  expect(toolChoice).toEqual({ type: 'named', name: 'bash' });
});

test('its own service is given it as the client wrote it', () => {
  const request = decodeRequest(BODY, { isStream: false });
  const { body } = encodeRequest(request, {
    model: 'claude-sonnet-4-5',
    isStream: false,
    origin: 'anthropic:test',
    report: (field) => expect.unreachable(field),
  });
  expect(body.tools).toEqual(BODY.tools);
  expect(body.tool_choice).toEqual(BODY.tool_choice);
});
