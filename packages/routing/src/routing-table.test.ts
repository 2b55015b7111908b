import { type Operation, type Provider, parseProtocolId, parseProviderId } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { matchGlob } from './match-glob.ts';
import type { PlanQuery } from './plan.ts';
import { createRoutingTable, type RoutingTableParts } from './routing-table.ts';

const OPENAI = parseProtocolId('openai');
const ANTHROPIC = parseProtocolId('anthropic');

function provider(id: string, protocols: readonly string[], models: readonly string[] = []): Provider {
  return {
    id: parseProviderId(id),
    displayName: id,
    models,
    protocolsFor: (operation: Operation) => (operation === 'chat' ? protocols.map(parseProtocolId) : []),
    transport: { type: 'http', credentials: [], prepare: () => ({ origin: '', path: '', headers: [] }) },
  };
}

const BASE: RoutingTableParts = {
  providers: [
    provider('openai', ['openai', 'responses'], ['gpt-5.5', 'shared']),
    provider('anthropic', ['anthropic']),
    provider('deepseek', ['openai', 'anthropic'], ['deepseek-chat', 'shared']),
  ],
  routes: [
    { pattern: 'fast', targets: [{ provider: 'deepseek', model: 'deepseek-chat' }, { model: 'gpt-5.5' }] },
    { pattern: 'house-*', targets: [{ provider: 'gone' }] },
  ],
  families: [
    { patterns: ['claude-*'], protocols: [ANTHROPIC], providers: [parseProviderId('anthropic')] },
    { patterns: ['gpt-*'], protocols: [parseProtocolId('responses')], providers: [parseProviderId('openai')] },
  ],
};

function explain(
  query: Partial<PlanQuery> & { readonly model: string },
  parts: Partial<RoutingTableParts> = {},
): string {
  const plan = createRoutingTable({ ...BASE, ...parts }).plan({ operation: 'chat', protocol: OPENAI, ...query });
  if (plan.type === 'refused') return `refused ${plan.error.code}`;
  return plan.providers.map(({ provider: { id }, model, reason }) => `${id}:${model}(${reason})`).join(' ');
}

describe('plan', () => {
  test.each([
    [{ model: 'gpt-5.5' }, 'openai:gpt-5.5(listed-model)'],
    [{ model: 'shared' }, 'openai:shared(listed-model) deepseek:shared(listed-model)'],
    [{ model: 'deepseek/x/y' }, 'deepseek:x/y(provider-prefix)'],
    [{ model: 'nobody/x' }, 'refused model_not_found'],
    [{ model: 'fast' }, 'deepseek:deepseek-chat(route) openai:gpt-5.5(route)'],
    [{ model: 'gpt-new' }, 'openai:gpt-new(model-family)'],
    [
      { model: 'claude-new', protocol: ANTHROPIC },
      'anthropic:claude-new(model-family) deepseek:claude-new(model-family)',
    ],
    [{ model: 'claude-new' }, 'anthropic:claude-new(model-family) deepseek:claude-new(model-family)'],
    [{ model: 'gpt-5.5', protocol: ANTHROPIC }, 'openai:gpt-5.5(listed-model)'],
    [{ model: 'gpt-5.5', pinnedProvider: 'deepseek' }, 'deepseek:gpt-5.5(pinned)'],
    [{ model: 'deepseek/r1', pinnedProvider: 'deepseek' }, 'deepseek:r1(pinned)'],
    [{ model: 'gpt-5.5', pinnedProvider: 'gone' }, 'refused provider_not_found'],
    [{ model: 'house-1' }, 'refused model_not_found'],
    [{ model: '' }, 'refused provider_required'],
    [{ model: 'gpt-5.5', operation: 'rerank' as const }, 'refused protocol_not_served'],
  ])('%o → %s', (query, expected) => {
    expect(explain(query)).toBe(expected);
  });

  test('an unknown model goes to the default provider, or to the only one there is', () => {
    expect(explain({ model: 'x' }, { defaultProvider: 'deepseek' })).toBe('deepseek:x(default-provider)');
    expect(explain({ model: 'x' }, { providers: [provider('mine', ['openai'])] })).toBe('mine:x(only-provider)');
  });

  test('an alias comes before a listed model of the same name', () => {
    const routes = [{ pattern: 'gpt-5.5', targets: [{ provider: 'deepseek' }] }];
    expect(explain({ model: 'gpt-5.5' }, { routes })).toBe('deepseek:gpt-5.5(route)');
  });
});

test.each([
  ['*', '', true],
  ['a*', 'abc', true],
  ['*c', 'abc', true],
  ['a*c', 'ac', true],
  ['a*a', 'a', false],
  ['a*b*c', 'a1b2c', true],
  ['a*b*c', 'acb', false],
  ['abc', 'abcd', false],
])('glob %s on %s: %s', (pattern, text, expected) => {
  expect(matchGlob(pattern, text)).toBe(expected);
});

describe('the dialect an upstream is spoken to in', () => {
  const VARIANT = parseProtocolId('variant');
  const spoken = (providerProtocols: readonly string[], client: string): string => {
    const plan = createRoutingTable({
      ...BASE,
      providers: [provider('p', providerProtocols, ['m'])],
      baseOf: (protocol) => (protocol === VARIANT ? OPENAI : protocol),
    }).plan({ operation: 'chat', protocol: parseProtocolId(client), model: 'm' });
    return plan.type === 'planned' ? (plan.providers[0]?.protocol ?? '') : plan.error.code;
  };

  test.each([
    ['the client’s own, wherever it stands', ['gemini', 'anthropic'], 'anthropic', 'anthropic'],
    ['a variant of the client’s', ['gemini', 'variant'], 'openai', 'variant'],
    ['else the provider’s best', ['variant', 'gemini'], 'anthropic', 'variant'],
  ])('is %s', (_name, offered, client, expected) => {
    expect(spoken(offered, client)).toBe(expected);
  });
});

describe('counting tokens', () => {
  const counts = (id: string, models: readonly string[], counted: readonly string[]): Provider => ({
    ...provider(id, ['openai'], models),
    protocolsFor: (operation) =>
      (operation === 'chat' ? ['openai'] : operation === 'count-tokens' ? counted : []).map(parseProtocolId),
  });
  const table = createRoutingTable({
    ...BASE,
    providers: [counts('chats', ['shared'], []), counts('counts', ['shared', 'own'], ['responses', 'anthropic'])],
  });
  const planned = (operation: Operation, model: string) => {
    const plan = table.plan({ operation, protocol: ANTHROPIC, model });
    if (plan.type === 'refused') throw plan.error;
    return plan.providers.map(({ provider: { id }, protocol, cannotCount }) => `${id} ${protocol} ${cannotCount}`);
  };

  test('goes where a chat would go, and a provider that cannot count keeps its place', () => {
    expect(planned('count-tokens', 'shared')).toEqual(['chats openai true', 'counts anthropic undefined']);
    expect(planned('count-tokens', 'own')).toEqual(['counts anthropic undefined']);
  });

  test('leaves no mark on a chat, and other operations still need a provider that has them', () => {
    expect(planned('chat', 'shared')).toEqual(['chats openai undefined', 'counts openai undefined']);
    expect(table.plan({ operation: 'embeddings', protocol: OPENAI, model: 'own' })).toMatchObject({ type: 'refused' });
  });
});
