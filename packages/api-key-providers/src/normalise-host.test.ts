import { describe, expect, test } from 'vitest';
import { normaliseHost } from './normalise-host.ts';

describe('normaliseHost', () => {
  test.each([
    ['https://api.deepseek.com', 'https://api.deepseek.com/v1'],
    ['https://api.deepseek.com/v1', 'https://api.deepseek.com/v1'],
    ['https://api.deepseek.com/v1/', 'https://api.deepseek.com/v1'],
    ['https://open.bigmodel.cn/api/paas/v4/', 'https://open.bigmodel.cn/api/paas/v4'],
    ['https://api.ppinfra.com/v3/openai/', 'https://api.ppinfra.com/v3/openai'],
    ['https://api.perplexity.ai/', 'https://api.perplexity.ai'],
    ['https://api.minimaxi.com/v1', 'https://api.minimaxi.com/v1'],
    ['https://example.com/base', 'https://example.com/base/v1'],
    ['https://example.com/base/', 'https://example.com/base'],
    ['https://example.com/base#', 'https://example.com/base'],
    ['https://example.com/v1/chat/completions', 'https://example.com/v1'],
    ['https://example.com/chat/completions#', 'https://example.com'],
    ['  http://127.0.0.1:8000 ', 'http://127.0.0.1:8000/v1'],
    ['', ''],
  ])('%s → %s for a type with a version', (host, base) => {
    expect(normaliseHost(host, { version: '/v1' })).toBe(base);
  });

  test.each([
    ['https://api.anthropic.com', 'https://api.anthropic.com'],
    ['https://api.anthropic.com/', 'https://api.anthropic.com'],
    ['https://api.anthropic.com/v1', 'https://api.anthropic.com'],
    ['https://api.minimax.io/anthropic/v1/messages', 'https://api.minimax.io/anthropic'],
    ['https://generativelanguage.googleapis.com/v1beta', 'https://generativelanguage.googleapis.com'],
  ])('%s → %s where calls name the version', (host, base) => {
    expect(normaliseHost(host, { version: '' })).toBe(base);
  });

  test.each(['not a url', 'ftp://example.com', 'https://user:secret@example.com'])('refuses %s', (host) => {
    expect(() => normaliseHost(host, { version: '/v1' })).toThrow(TypeError);
  });
});
