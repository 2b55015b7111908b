import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTarget, type ProviderType, type Target } from '../support/create-target.ts';
import { expectNoViolations } from '../support/expect-no-violations.ts';
import { readObject } from '../support/read-object.ts';
import { runClaudeCode } from '../support/run-claude-code.ts';

/** `/context` counts its system prompt, each tool and the messages by some twenty calls of count_tokens. */
const LEAST_COUNTS = 5;

const UPSTREAMS: readonly (readonly [ProviderType, 'counted' | 'estimated'])[] = [
  ['anthropic', 'counted'],
  ['gemini', 'counted'],
  ['openai-response', 'counted'],
  ['openai', 'estimated'],
];

describe('Claude Code shows its context', () => {
  let target: Target;
  let folder: string;

  beforeAll(async () => {
    target = await createTarget('proxycast');
    folder = await mkdtemp(join(tmpdir(), 'proxycast-claude-context-'));
  });
  afterAll(async () => {
    await target?.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => target.upstream.reset());

  test.each(UPSTREAMS)('before %s, where tokens are %s', async (type, how) => {
    const { model, providerId } = await target.provide(type);
    const run = { baseUrl: target.baseUrl, key: target.key, model, folder, prompt: '/context', allowedTools: ['Read'] };
    const { exitCode, result, stderr } = await runClaudeCode({ ...run, auth: 'api-key' });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(result).toMatchObject({ subtype: 'success', is_error: false });
    // A count that it could not read would be none, and the row would not be there.
    expect(String(result?.result)).toMatch(/System prompt \| [1-9]/);
    expect(String(result?.result)).toMatch(/System tools \| [1-9]/);
    expectNoViolations(target.upstream);
    expect(target.upstream.requests.length >= LEAST_COUNTS).toBe(how === 'counted');
    await expect.poll(() => countsOf(target, providerId), { timeout: 10_000 }).toBeGreaterThanOrEqual(LEAST_COUNTS);
  });
});

/** How many counts of a provider were answered; throws for one that was not. */
async function countsOf(target: Target, providerId: string): Promise<number> {
  const answer = await target.server?.adminFetch('/requests?limit=200');
  const { items } = readObject(answer?.body);
  const rows = (Array.isArray(items) ? items : []).map(readObject).filter((row) => row.provider_id === providerId);
  for (const row of rows) expect(row).toMatchObject({ operation: 'count-tokens', outcome: 'answered' });
  return rows.length;
}
