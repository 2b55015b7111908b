import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { applyDeclared } from '../declared/apply-declared.ts';
import { parseDeclared } from '../declared/parse-declared.ts';
import { checkDeclared, watchDeclared } from '../declared/watch-declared.ts';
import { type AppUnderTest, startApp } from '../testing/start-app.ts';

const FILE = `
settings:
  limits.max_attempts: 3
providers:
  - id: deepseek
    enabled: true
    keys:
      - { name: main, key_env: DEEPSEEK_KEY }
  - id: own
    type: openai
    api_host: http://127.0.0.1:9/v1
    models: [m]
routes:
  - pattern: fast
    targets: [{ provider: own, model: m }]
`;

describe('parseDeclared', () => {
  test('an empty file declares nothing', () => {
    expect(parseDeclared('# nothing yet\n')).toEqual({ type: 'valid', config: {} });
  });

  test('names every fault with its place', () => {
    const parsed = parseDeclared(
      'settings:\n  limits.max_attempts: many\nproviders:\n  - id: "a b"\n    colour: red\n',
    );
    if (parsed.type !== 'faulty') throw new Error('faults expected');
    expect(parsed.faults.map(({ path }) => path)).toEqual([
      'proxycast.yaml settings.limits.max_attempts',
      'proxycast.yaml providers.0.id',
      'proxycast.yaml providers.0',
    ]);
  });

  test('names the line of broken YAML', () => {
    expect(parseDeclared('a: 1\nb: [')).toMatchObject({
      type: 'faulty',
      faults: [{ path: expect.stringMatching(/line [23]$/) }],
    });
  });
});

describe('applyDeclared', () => {
  let app: AppUnderTest;
  beforeEach(async () => {
    app = await startApp();
  });
  afterEach(() => app.stop());

  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const reply = await app.admin(method, path, body);
    if (reply.status >= 300) throw new Error(JSON.stringify(reply.body));
    return reply.body;
  };
  const apply = (text: string, environment: Record<string, string> = { DEEPSEEK_KEY: 'sk-of-the-file-1234' }) => {
    const parsed = parseDeclared(text);
    if (parsed.type !== 'valid') throw new Error(JSON.stringify(parsed.faults));
    return applyDeclared(parsed.config, { call, environment });
  };

  test('makes what is missing, changes what differs, and does nothing the second time', async () => {
    expect(await apply(FILE)).toEqual(['settings', 'providers.deepseek', 'providers.own', 'routes.fast']);
    expect(await apply(FILE)).toEqual([]);
    expect(JSON.stringify(await call('GET', '/providers/deepseek'))).toContain('"enabled":true');
    expect(await apply(FILE, { DEEPSEEK_KEY: 'sk-of-the-file-9999' })).toEqual(['providers.deepseek']);
    expect(JSON.stringify(await call('GET', '/providers/deepseek/keys'))).toContain('9999');
    expect(await apply(FILE.replace('model: m }', 'model: n }'), { DEEPSEEK_KEY: 'sk-of-the-file-9999' })).toEqual([
      'routes.fast',
    ]);
  });

  test('names the part that could not be applied', async () => {
    await expect(apply(FILE, {})).rejects.toThrow(
      'proxycast.yaml providers.deepseek: the environment variable DEEPSEEK_KEY is not set',
    );
    // Nothing of a file is applied when its keys are missing.
    expect(JSON.stringify(await call('GET', '/settings'))).not.toContain('"limits.max_attempts":3');
    await expect(apply('providers:\n  - { id: x, type: nonsense }\n')).rejects.toThrow('proxycast.yaml providers.x');
  });

  test('a change of the file is applied; a faulty one changes nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'proxycast-declared-'));
    const path = join(folder, 'proxycast.yaml');
    const errors: string[] = [];
    const log = { info: () => undefined, error: (_fields: unknown, message: string) => errors.push(message) };
    const attempts = async () => JSON.stringify(await call('GET', '/settings'));
    try {
      writeFileSync(path, 'settings: { limits.max_attempts: 4 }\n');
      const watch = await watchDeclared({ path, call, environment: {}, log });
      expect(await attempts()).toContain('"limits.max_attempts":4');
      writeFileSync(path, 'settings: { limits.max_attempts: lots }\n');
      await vi.waitFor(() => expect(errors).toEqual(['proxycast.yaml is wrong; what was in force stays']), 8_000);
      await expect(checkDeclared(path)).rejects.toThrow('limits.max_attempts');
      writeFileSync(path, 'settings: { limits.max_attempts: 5 }\n# longer\n');
      await vi.waitFor(async () => expect(await attempts()).toContain('"limits.max_attempts":5'), 8_000);
      await watch.stop();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
