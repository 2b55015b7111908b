import { spawn } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunningServer, startServer } from '@proxycast/testkit';
import { rolldown } from 'rolldown';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

/** Both as they are built: what is run is what a person runs. */
const PROGRAM = fileURLToPath(new URL('../bin/proxycast.js', import.meta.url));
const TEMPLATE = fileURLToPath(new URL('../../../plugins/template/', import.meta.url));
const REFRESH_TOKEN = 'rt-of-this-test-1';

let folder: string;
let built: string;
let server: RunningServer;
let service: Service;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proxycast-cli-plugin-'));
  built = join(folder, 'package');
  mkdirSync(join(built, 'bin'), { recursive: true });
  const bundle = await rolldown({ cwd: TEMPLATE, input: 'backend/index.ts', platform: 'node' });
  await bundle.write({ file: join(built, 'bin', 'backend.js'), format: 'esm', codeSplitting: false });
  await bundle.close();
  writeFileSync(join(built, 'package.json'), '{ "type": "module" }\n');
  for (const name of ['plugin.json', 'config.json']) cpSync(join(TEMPLATE, name), join(built, name));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  service = await startService();
  server = await startServer();
}, 60_000);
afterEach(async () => {
  await server.stop();
  await service.stop();
});

interface Service {
  readonly baseUrl: string;
  stop(): Promise<void>;
}

/** The service of the template: each refresh token is good once, and only the last access token opens anything. */
async function startService(): Promise<Service> {
  let count = 0;
  let refreshToken: string | undefined = REFRESH_TOKEN;
  const http: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const answer = (status: number, value: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      };
      if (request.url === '/token') {
        const form = new URLSearchParams(body);
        if (form.get('grant_type') !== 'refresh_token' || form.get('refresh_token') !== refreshToken)
          return answer(400, { error: 'invalid_grant' });
        count++;
        refreshToken = `rt-of-this-test-${count + 1}`;
        return answer(200, {
          access_token: `at-of-this-test-${count}`,
          refresh_token: refreshToken,
          expires_in: 3600,
          token_type: 'Bearer',
        });
      }
      if (request.headers.authorization !== `Bearer at-of-this-test-${count}`)
        return answer(401, { error: 'token_expired', message: 'The token has ended.' });
      if (request.url === '/account') return answer(200, { used: 1, limit: 2, resets_at: 3 });
      if (request.url !== '/v1/chat/completions') return answer(404, { error: 'not_found' });
      const { model } = JSON.parse(body);
      const message = { role: 'assistant', content: 'hello 漢' };
      answer(200, {
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1,
        model,
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
      });
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  return {
    baseUrl: typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '',
    async stop() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Everything that was printed, for what must be nowhere. */
let printed = '';

function run(args: readonly string[], stdin = '', language = 'en_US.UTF-8'): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: server.home,
        LANG: language,
        PROXYCAST_HOME: join(server.home, '.proxycast'),
        PROXYCAST_URL: server.baseUrl,
        PROXYCAST_ADMIN_TOKEN: server.adminToken,
      },
    });
    let out = '';
    let error = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      error += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      printed += out + error;
      resolve({ code, out, error });
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
  });
}

const ask = async (): Promise<{ readonly status: number; readonly text: string }> => {
  const response = await fetch(`${server.baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sample-chat', messages: [{ role: 'user', content: 'hi' }] }),
  });
  return { status: response.status, text: await response.text() };
};

test('the built server and command line: from a folder to an answer of the service, and back to nothing', async () => {
  expect((await run(['plugin', 'list'])).out).toBe(
    'There is no plugin. Install one: proxycast plugin install <folder>\n',
  );
  const refused = await run(['plugin', 'install', 'package']);
  expect([refused.code, refused.out]).toEqual([2, '']);
  expect(refused.error).toMatch(/Notice \(in order\)[\s\S]*network: api\.sample\.example[\s\S]*--yes/);
  expect(existsSync(join(server.home, '.proxycast', 'plugins', 'template'))).toBe(false);

  const installed = await run(['plugin', 'install', 'package', '--yes']);
  expect([installed.code, installed.error]).toEqual([0, '']);
  expect(installed.out).toContain('template: running\nLog in: proxycast credential add template\n');
  expect((await run(['doctor'])).out).toContain('template has no login that can be used');
  expect((await run(['plugin', 'config', 'template', '--set', `endpoints.api=${service.baseUrl}`])).out).toContain(
    `endpoints.api=${service.baseUrl}`,
  );
  const wrong = await run(['plugin', 'config', 'template', '--file', '-'], '{"endpoints":{"api":1}}');
  expect([wrong.code, wrong.error]).toEqual([1, 'settings.endpoints.api must be a string.\n']);

  const missing = await run(['credential', 'add', 'template']);
  expect([missing.code, missing.error]).toEqual([2, expect.stringContaining('--field refresh_token=-')]);
  const added = await run(
    ['credential', 'add', 'template', '--field', 'refresh_token=-', '--json'],
    `${REFRESH_TOKEN}\n`,
  );
  expect(added.code, added.error).toBe(0);
  const { id } = JSON.parse(added.out);
  expect((await run(['credential', 'list'])).out).toMatch(new RegExp(`template +${id} +token +active`));
  expect(await ask()).toMatchObject({ status: 200, text: expect.stringContaining('hello 漢') });

  expect((await run(['credential', 'test', 'template', id])).out).toBe(`${id} works.\n`);
  expect((await run(['credential', 'refresh', 'template', id])).out).toBe(`${id} was renewed.\n`);
  expect((await ask()).status).toBe(200);
  expect((await run(['credential', 'disable', 'template', id])).out).toBe(`${id}: disabled\n`);
  expect((await ask()).status).not.toBe(200);
  expect((await run(['credential', 'enable', 'template', id])).out).toBe(`${id}: active\n`);
  expect((await ask()).status).toBe(200);

  const spent = await run(
    ['credential', 'add', 'template', '--field', 'refresh_token=-'],
    REFRESH_TOKEN,
    'zh_CN.UTF-8',
  );
  expect([spent.code, spent.out]).toEqual([1, expect.stringContaining('需要重新登录')]);
  expect((await run(['doctor'])).out).toMatch(/warning {2}credential: The login \S+ of template has ended\./);

  expect((await run(['plugin', 'remove', 'template'])).code).toBe(2);
  expect((await run(['plugin', 'remove', 'template', '-y', '--json'])).out).toContain('"credentials": 2');
  expect((await run(['credential', 'list', '--json'])).out).toBe('[]\n');
  expect(existsSync(join(server.home, '.proxycast', 'plugins', 'template'))).toBe(false);
  expect(printed + server.logs()).not.toMatch(/[ar]t-of-this-test/);
}, 120_000);

test('what was changed on disk is named by verify and by the doctor, and is not started', async () => {
  await run(['plugin', 'install', 'package', '--yes']);
  expect((await run(['plugin', 'verify', 'template'])).out).toBe('Every file of template is as it was installed.\n');
  expect((await run(['plugin', 'disable', 'template'])).out).toBe('template: disabled\n');
  appendFileSync(join(server.home, '.proxycast', 'plugins', 'template', 'bin', 'backend.js'), '// more\n');
  const verified = await run(['plugin', 'verify', 'template']);
  expect([verified.code, verified.out]).toEqual([1, expect.stringContaining('bin/backend.js: changed\n')]);
  const enabled = await run(['plugin', 'enable', 'template']);
  expect([enabled.code, enabled.out]).toEqual([1, expect.stringMatching(/does not start\n {2}.*bin\/backend\.js/)]);
  const examined = await run(['doctor']);
  expect(examined.code).toBe(1);
  expect(examined.out).toMatch(/fault {2}plugin: template does not run\. .*bin\/backend\.js/);
}, 120_000);

test('the boundary tells of both walls on this machine, as the server found them', async () => {
  const { code, out } = await run(['plugin', 'boundary', '--json']);
  expect(code).toBe(0);
  const { outer, protections, open } = JSON.parse(out);
  // Reading other files is what the runtime holds back on every system.
  expect(protections.files.runtime).toBe('holds');
  const text = (await run(['plugin', 'boundary'])).out;
  expect(text).toContain(outer.type === 'none' ? 'puts no wall' : `a wall: ${outer.type}`);
  expect(text).toContain(open.length === 0 ? 'Nothing is open' : 'Open here');
});
