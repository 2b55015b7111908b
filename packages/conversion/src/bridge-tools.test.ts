import type { ChatBlock, ChatRequest, ChatTool, ChatTurn, ToolChoice } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { bridgeTools, type ToolRule } from './bridge-tools.ts';

const STRICT: ToolRule = { pattern: /^[A-Za-z0-9_-]{1,64}$/, maxLength: 64, takesCustom: false };
const LETTER_FIRST: ToolRule = { pattern: /^[A-Za-z_][A-Za-z0-9_.:-]*$/, maxLength: 64, takesCustom: false };
const ROOMY: ToolRule = { pattern: /^[A-Za-z0-9_-]{1,64}$/, maxLength: 64, takesCustom: true, takesNamespace: true };

const request = (parts: Partial<ChatRequest> = {}): ChatRequest => ({
  protocol: 'a',
  model: 'm',
  stream: false,
  turns: [],
  tools: [],
  ...parts,
});

const tool = (name: string, namespace?: string): ChatTool => ({
  type: 'function',
  name,
  inputSchema: { type: 'object' },
  ...(namespace === undefined ? {} : { namespace }),
});

const call = (name: string, parts: Partial<Extract<ChatBlock, { type: 'tool-call' }>> = {}): ChatBlock => ({
  type: 'tool-call',
  callId: `id of ${name}`,
  name,
  kind: 'function',
  input: {},
  ...parts,
});

const assistant = (...blocks: readonly ChatBlock[]): ChatTurn => ({ role: 'assistant', blocks });

const PATCH: ChatTool = {
  type: 'custom',
  name: 'apply_patch',
  description: 'Applies a patch.',
  grammar: { syntax: 'lark', definition: 'start: "x"' },
  cache: {},
};

function bridge(parts: Partial<ChatRequest>, rule = STRICT) {
  const reports: string[] = [];
  const bridged = bridgeTools(request(parts), rule, (field, action) => reports.push(`${field} ${action}`));
  const tools = bridged.bridge === undefined ? {} : Object.fromEntries(bridged.bridge.tools);
  return {
    ...bridged.request,
    tools: bridged.request.tools,
    names: bridged.request.tools.map(({ name }) => name),
    reports,
    bridged: tools,
  };
}

describe('bridgeTools', () => {
  describe('gives back the same request', () => {
    test.each<[string, Partial<ChatRequest>, ToolRule]>([
      ['without tools', {}, STRICT],
      ['whose names fit', { tools: [tool('a'), tool('b-1')], turns: [assistant(call('a'))] }, STRICT],
      ['whose choice fits', { tools: [tool('a')], toolChoice: { type: 'named', name: 'a' } }, STRICT],
      [
        'whose allowed names fit',
        { tools: [tool('a')], toolChoice: { type: 'allowed', mode: 'auto', names: ['a'] } },
        STRICT,
      ],
      ['with custom tools and namespaces where both are taken', { tools: [PATCH, tool('a', 'n')] }, ROOMY],
      ['with server tools of any name', { tools: [{ type: 'server', tool: 'other', name: 'a/b' }] }, STRICT],
    ])('%s', (_, parts, rule) => {
      const given = request(parts);
      const { request: taken, bridge: none } = bridgeTools(given, rule, expect.fail);
      expect(taken).toBe(given);
      expect(none).toBeUndefined();
    });
  });

  test('bug 50: gives names that become the same different ones, and leaves the one that fits', () => {
    const { names, bridged, reports } = bridge({ tools: [tool('a/b'), tool('a.b'), tool('a_b')] });
    expect(names[2]).toBe('a_b');
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(STRICT.pattern);
    expect(bridged).toEqual({
      [names[0] ?? '']: { name: 'a/b', kind: 'function' },
      [names[1] ?? '']: { name: 'a.b', kind: 'function' },
    });
    expect(reports).toEqual([]);
  });

  test('bug 49: shortens long names, apart where only their ends differ', () => {
    const long = `mcp__${'server'.repeat(12)}__tool`;
    const { names, bridged } = bridge({ tools: [tool(`${long}_1`), tool(`${long}_2`)] });
    for (const name of names) {
      expect(name).toMatch(STRICT.pattern);
      expect(name).toHaveLength(64);
      expect(name.startsWith('mcp__serverserver')).toBe(true);
    }
    expect(Object.values(bridged).map(({ name }) => name)).toEqual([`${long}_1`, `${long}_2`]);
  });

  test.each([
    ['1st', LETTER_FIRST, '_1st'],
    ['-a', LETTER_FIRST, '_-a'],
    ['a.b:c', LETTER_FIRST, 'a.b:c'],
    ['a b', LETTER_FIRST, 'a_b'],
    ['read file', STRICT, 'read_file'],
  ])('names %j so that it fits', (name, rule, expected) => {
    expect(bridge({ tools: [tool(name)] }, rule).names).toEqual([expected]);
  });

  test('names tools of another script apart', () => {
    const { names, bridged } = bridge({ tools: [tool('天気'), tool('検索'), tool('')] });
    for (const name of names) expect(name).toMatch(/^tool_[a-z0-9]{8}$/);
    expect(Object.keys(bridged)).toEqual(names);
  });

  test('bug 59: keeps the order of tools, and names them the same each time', () => {
    const tools = [tool('b/1'), tool('ok'), tool('a/1'), PATCH];
    const first = bridge({ tools });
    expect(first.names).toEqual(['b_1', 'ok', 'a_1', 'apply_patch']);
    expect(bridge({ tools })).toEqual(first);
    expect(bridge({ tools, turns: [assistant(call('gone/1'), call('b/1'))] }).names).toEqual(first.names);
  });

  test('changes no request it is given', () => {
    const given = request({ tools: [tool('a/b'), PATCH], turns: [assistant(call('a/b'))] });
    const before = structuredClone(given);
    bridgeTools(given, STRICT, () => {});
    expect(given).toEqual(before);
  });

  describe('history, choice and allowed names', () => {
    test('have the new names too', () => {
      const { turns, toolChoice, names } = bridge({
        tools: [tool('a_b'), tool('a/b')],
        turns: [
          assistant(call('a/b'), call('a_b'), { type: 'text', text: 'a/b' }),
          { role: 'tool', blocks: [{ type: 'tool-result', callId: 'id of a/b', name: 'a/b', blocks: [] }] },
          { role: 'user', blocks: [{ type: 'text', text: 'a/b' }] },
        ],
        toolChoice: { type: 'named', name: 'a/b', kind: 'function' },
      });
      const renamed = names[1] ?? '';
      expect(turns).toEqual([
        assistant(call('a/b', { name: renamed }), call('a_b'), { type: 'text', text: 'a/b' }),
        { role: 'tool', blocks: [{ type: 'tool-result', callId: 'id of a/b', name: renamed, blocks: [] }] },
        { role: 'user', blocks: [{ type: 'text', text: 'a/b' }] },
      ]);
      expect(toolChoice).toEqual({ type: 'named', name: renamed, kind: 'function' });
    });

    test('bug 58: keep what is allowed and how many calls there may be', () => {
      const bridged = bridge({
        tools: [tool('a/b'), tool('c'), tool('d')],
        toolChoice: { type: 'allowed', mode: 'required', names: ['a/b', 'c'] },
        allowsParallelTools: false,
      });
      expect(bridged.toolChoice).toEqual({ type: 'allowed', mode: 'required', names: ['a_b', 'c'] });
      expect(bridged.allowsParallelTools).toBe(false);
    });

    test('name tools that are no longer declared apart from those that are', () => {
      const { turns, bridged } = bridge({ tools: [tool('a_b')], turns: [assistant(call('a/b'), call('a/b'))] });
      const names = turns[0]?.blocks.map((block) => (block.type === 'tool-call' ? block.name : ''));
      expect(names?.[0]).toMatch(/^a_b_[a-z0-9]{8}$/);
      expect(names?.[1]).toBe(names?.[0]);
      expect(bridged[names?.[0] ?? '']).toEqual({ name: 'a/b', kind: 'function' });
    });

    test('never share a name with another tool that was given it', () => {
      const { turns, bridged } = bridge({ tools: [tool('a/b')], turns: [assistant(call('a_b'))] });
      const [block] = turns[0]?.blocks ?? [];
      const name = block?.type === 'tool-call' ? block.name : '';
      expect(name).toMatch(/^a_b_[a-z0-9]{8}$/);
      expect(bridged).toEqual({ a_b: { name: 'a/b', kind: 'function' }, [name]: { name: 'a_b', kind: 'function' } });
    });

    test('never change what a declared tool is called', () => {
      const tools = [tool('a/b')];
      expect(bridge({ tools, turns: [assistant(call('a_b'))] }).names).toEqual(bridge({ tools }).names);
    });

    test.each<[ToolChoice]>([
      [{ type: 'auto' }],
      [{ type: 'none' }],
      [{ type: 'required' }],
      [{ type: 'server', tool: 'web-search', name: 'web_search' }],
    ])('leave the choice %j', (toolChoice) => {
      expect(bridge({ tools: [tool('a/b')], toolChoice }).toolChoice).toBe(toolChoice);
    });

    test('leave the name of a tool that nobody declares', () => {
      expect(bridge({ tools: [], toolChoice: { type: 'named', name: 'a/b' } }).toolChoice).toEqual({
        type: 'named',
        name: 'a/b',
      });
    });
  });

  describe('bug 56: custom tools', () => {
    test('become functions with one field, their grammar in words', () => {
      const { tools, bridged, reports } = bridge({ tools: [tool('a'), PATCH] });
      expect(tools[1]).toEqual({
        type: 'function',
        name: 'apply_patch',
        description: 'Applies a patch.\n\nThe input must match this lark grammar:\nstart: "x"',
        inputSchema: {
          type: 'object',
          properties: { input: { type: 'string', description: expect.any(String) } },
          required: ['input'],
          additionalProperties: false,
        },
        cache: {},
      });
      expect(bridged).toEqual({ apply_patch: { name: 'apply_patch', kind: 'custom' } });
      expect(reports).toEqual(['tools.1 changed']);
    });

    test('without a grammar are not reported, and have no description made up', () => {
      const { tools, reports } = bridge({ tools: [{ type: 'custom', name: 'note' }] });
      expect(tools[0]).not.toHaveProperty('description');
      expect(reports).toEqual([]);
    });

    test('have calls and results of functions, and are chosen as functions', () => {
      const { turns, toolChoice } = bridge({
        tools: [PATCH],
        turns: [
          assistant(call('apply_patch', { kind: 'custom', input: '*** Begin' })),
          { role: 'tool', blocks: [{ type: 'tool-result', callId: 'id of apply_patch', kind: 'custom', blocks: [] }] },
        ],
        toolChoice: { type: 'named', name: 'apply_patch', kind: 'custom' },
      });
      expect(turns).toEqual([
        assistant(call('apply_patch', { kind: 'function', input: { input: '*** Begin' } })),
        { role: 'tool', blocks: [{ type: 'tool-result', callId: 'id of apply_patch', kind: 'function', blocks: [] }] },
      ]);
      expect(toolChoice).toEqual({ type: 'named', name: 'apply_patch', kind: 'function' });
    });

    test('that share their name with a function get another one', () => {
      const { names, bridged } = bridge({ tools: [{ type: 'custom', name: 'run' }, tool('run')] });
      expect(names[1]).toBe('run');
      expect(names[0]).toMatch(/^run_[a-z0-9]{8}$/);
      expect(bridged).toEqual({ [names[0] ?? '']: { name: 'run', kind: 'custom' } });
    });

    test('stay custom, with a name that fits, where they are taken', () => {
      const { tools, bridged, reports } = bridge({ tools: [{ ...PATCH, name: 'apply/patch' }] }, ROOMY);
      expect(tools).toEqual([{ ...PATCH, name: 'apply_patch' }]);
      expect(bridged).toEqual({ apply_patch: { name: 'apply/patch', kind: 'custom' } });
      expect(reports).toEqual([]);
    });
  });

  describe('namespaces', () => {
    test('go into the names, in history and choice too', () => {
      const { tools, names, turns, toolChoice, bridged } = bridge({
        tools: [tool('read', 'files'), tool('read', 'mail'), tool('read')],
        turns: [assistant(call('read', { namespace: 'mail' }), call('read'), call('read', { namespace: 'files' }))],
        toolChoice: { type: 'allowed', mode: 'auto', names: ['read'] },
      });
      expect(names).toEqual(['files__read', 'mail__read', 'read']);
      for (const flat of tools) expect(flat).not.toHaveProperty('namespace');
      expect(turns[0]?.blocks).toEqual([
        call('read', { name: 'mail__read' }),
        call('read'),
        call('read', { name: 'files__read' }),
      ]);
      expect(toolChoice).toEqual({ type: 'allowed', mode: 'auto', names: ['files__read', 'mail__read', 'read'] });
      expect(bridged).toEqual({
        files__read: { name: 'read', kind: 'function', namespace: 'files' },
        mail__read: { name: 'read', kind: 'function', namespace: 'mail' },
      });
    });

    test('that make the name of another tool get a suffix', () => {
      const { names } = bridge({ tools: [tool('read', 'files'), tool('files__read')] });
      expect(names[1]).toBe('files__read');
      expect(names[0]).toMatch(/^files__read_[a-z0-9]{8}$/);
    });

    test('stay where they are taken', () => {
      const { tools, bridged } = bridge({ tools: [tool('read file', 'files'), tool('read', 'mail')] }, ROOMY);
      expect(tools).toEqual([tool('read_file', 'files'), tool('read', 'mail')]);
      expect(bridged).toEqual({ read_file: { name: 'read file', kind: 'function', namespace: 'files' } });
    });

    test('are found for a call whose dialect leaves them out', () => {
      const { turns } = bridge({ tools: [tool('read', 'files')], turns: [assistant(call('read'))] });
      expect(turns[0]?.blocks).toEqual([call('read', { name: 'files__read' })]);
    });
  });
});
