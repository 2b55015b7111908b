import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { FetchRefusedError } from '@proxycast/spec';
import { describe, expect, test, vi } from 'vitest';
import { createGuardedFetch, type GuardedRequest } from './create-guarded-fetch.ts';
import { createOutside, type Outside, type OutsideOptions, PUBLIC } from './testing/outside.ts';

const BOUNDS: GuardedRequest = { maxBytes: 1_000_000, timeoutMs: 5_000 };

async function read(outside: Outside, url: string, request: Partial<GuardedRequest> = {}): Promise<Buffer> {
  await using answer = await outside.fetch(url, { ...BOUNDS, ...request });
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The code of the refusal; fails when there is none or when it is nobody's fault but the client's. */
async function refusal(outside: Outside, url: string, request: Partial<GuardedRequest> = {}): Promise<string> {
  const fault = await read(outside, url, request).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(fault instanceof FetchRefusedError)) throw new Error('It was not refused.', { cause: fault });
  expect(fault).toMatchObject({ fault: 'client', kind: 'invalid-request', isPublic: true });
  return fault.code;
}

const saying = (text: string): OutsideOptions => ({ answer: (_request, response) => response.end(text) });

const noneLeft = (outside: Outside) => vi.waitFor(async () => expect(await outside.openConnections()).toBe(0));

test('a public address is fetched, by the address that was looked up and under its own name', async () => {
  await using outside = await createOutside(saying('hello'));
  expect(String(await read(outside, 'https://files.example/a?b=c#d'))).toBe('hello');
  expect(outside.connected).toEqual([`${PUBLIC}:443`]);
  expect(outside.requests).toMatchObject([{ url: 'files.example/a?b=c', headers: { 'accept-encoding': 'identity' } }]);
  await noneLeft(outside);
});

describe('what is refused before anything is connected to', () => {
  const names = {
    localhost: [['127.0.0.1', '::1']],
    'localhost.': [['127.0.0.1']],
    'files.localhost': [[PUBLIC]],
    'metadata.example': [['169.254.169.254']],
    'half.example': [[PUBLIC, '10.0.0.1']],
    'none.example': [[]],
  };
  test.each([
    ['https://127.0.0.1/', 'url_address_refused'],
    ['https://127.0.0.1./', 'url_address_refused'],
    ['https://127.1/', 'url_address_refused'],
    ['https://2130706433/', 'url_address_refused'],
    ['https://0x7f000001/', 'url_address_refused'],
    ['https://0177.0.0.1/', 'url_address_refused'],
    ['https://0x7f.0.0.1:8080/', 'url_address_refused'],
    ['https://①②⑦.0.0.1/', 'url_address_refused'],
    ['https://0/', 'url_address_refused'],
    ['https://169.254.169.254/latest/meta-data/', 'url_address_refused'],
    ['https://2852039166/', 'url_address_refused'],
    ['https://[::1]/', 'url_address_refused'],
    ['https://[::ffff:127.0.0.1]/', 'url_address_refused'],
    ['https://[64:ff9b::7f00:1]/', 'url_address_refused'],
    ['https://[2002:7f00:1::]/', 'url_address_refused'],
    ['https://localhost/', 'url_address_refused'],
    ['https://localhost./', 'url_address_refused'],
    ['https://files.localhost/', 'url_address_refused'],
    ['https://metadata.example/', 'url_address_refused'],
    ['https://half.example/', 'url_address_refused'],
    ['https://none.example/', 'url_host_unknown'],
    ['https://[fe80::1%25eth0]/', 'url_invalid'],
    ['https://[fe80::1%eth0]/', 'url_invalid'],
    ['https://256.1.1.1/', 'url_invalid'],
    ['https:///', 'url_invalid'],
    ['not a url', 'url_invalid'],
    [`https://files.example/${'a'.repeat(9_000)}`, 'url_invalid'],
    ['https://files.example@127.0.0.1/', 'url_credentials_refused'],
    ['https://user:secret@files.example/', 'url_credentials_refused'],
    ['http://files.example/', 'url_scheme_refused'],
    ['file:///etc/passwd', 'url_invalid'],
    ['file://host/etc/passwd', 'url_scheme_refused'],
    ['ftp://files.example/', 'url_scheme_refused'],
    ['gopher://files.example/', 'url_scheme_refused'],
  ])('%s: %s', async (url, code) => {
    await using outside = await createOutside({ ...saying('secret'), names });
    expect(await refusal(outside, url)).toBe(code);
    expect(outside.connected).toEqual([]);
  });
});

test('a message shows no password, no query and not what a name resolved to', async () => {
  await using outside = await createOutside({ ...saying(''), names: { 'in.example': [['10.1.2.3']] } });
  for (const url of [
    'https://in.example/a?sig=SECRET#SECRET',
    'https://u:SECRET@in.example/',
    'http://in.example/?SECRET',
  ]) {
    const fault: unknown = await outside.fetch(url, BOUNDS).catch((thrown: unknown) => thrown);
    expect(String(fault)).not.toMatch(/SECRET|10\.1\.2\.3/);
  }
});

test('DNS that changes: the address that was checked is the one that is connected to, and it is asked once', async () => {
  await using outside = await createOutside({ ...saying('x'), names: { 'flip.example': [[PUBLIC], ['127.0.0.1']] } });
  await read(outside, 'https://flip.example/');
  expect(outside.connected).toEqual([`${PUBLIC}:443`]);
  expect(outside.lookUps.get('flip.example')).toBe(1);
  expect(await refusal(outside, 'https://flip.example/')).toBe('url_address_refused');
});

test('where one of several addresses is dead the next is tried, IPv4 before IPv6', async () => {
  const names = { 'two.example': [['2606:4700::1', '1.1.1.1', '1.0.0.1']] };
  await using outside = await createOutside({ ...saying('x'), names, dead: ['1.1.1.1'] });
  expect(String(await read(outside, 'https://two.example/'))).toBe('x');
  expect(outside.connected).toEqual(['1.1.1.1:443', '1.0.0.1:443']);
});

test('a host where nobody listens is named as such', async () => {
  await using outside = await createOutside({ ...saying('x'), dead: [PUBLIC] });
  expect(await refusal(outside, 'https://files.example/')).toBe('url_unreachable');
});

describe('redirects', () => {
  /** `/to/<encoded address>` leads there. */
  const leading: OutsideOptions = {
    names: { 'in.example': [['192.168.1.1']], 'flip.example': [[PUBLIC], ['127.0.0.1']] },
    answer(request, response) {
      const target = /^\/to\/(.*)$/.exec(request.url ?? '')?.[1];
      if (target === undefined) response.end('arrived');
      else response.writeHead(302, { location: decodeURIComponent(target), 'set-cookie': 'a=b' }).end('moved');
    },
  };
  const via = (...targets: readonly string[]): string =>
    targets.reduceRight((next, host) => `${host}/to/${encodeURIComponent(next)}`);

  test('are followed, relative ones too, within their bound', async () => {
    await using outside = await createOutside(leading);
    expect(String(await read(outside, via('https://a.example', 'https://b.example', '/to/%2Flast')))).toBe('arrived');
    expect(outside.requests.map(({ url }) => url.split('/')[0])).toEqual([
      'a.example',
      'b.example',
      'b.example',
      'b.example',
    ]);
    const long = via(
      'https://a.example',
      'https://b.example',
      'https://c.example',
      'https://d.example',
      'https://e.example',
    );
    expect(await refusal(outside, long)).toBe('url_too_many_redirects');
    expect(await refusal(outside, via('https://a.example', 'https://b.example'), { maxRedirects: 0 })).toBe(
      'url_too_many_redirects',
    );
    await noneLeft(outside);
  });

  test('that come back to themselves end', async () => {
    await using outside = await createOutside({
      answer: (_request, response) => response.writeHead(301, { location: '/again' }).end(),
    });
    expect(await refusal(outside, 'https://loop.example/')).toBe('url_too_many_redirects');
    expect(outside.requests).toHaveLength(4);
  });

  test.each([
    ['https://127.0.0.1/', 'url_address_refused'],
    ['https://[::1]/', 'url_address_refused'],
    ['https://in.example/', 'url_address_refused'],
    ['//2130706433/', 'url_address_refused'],
    ['http://b.example/', 'url_scheme_refused'],
    ['https://u:p@b.example/', 'url_credentials_refused'],
    ['file:///etc/passwd', 'url_invalid'],
    ['data:text/plain,hello', 'url_invalid'],
    ['https://', 'url_invalid'],
  ])('to %s are not followed: %s', async (target, code) => {
    await using outside = await createOutside(leading);
    expect(await refusal(outside, via('https://a.example', target))).toBe(code);
    expect(outside.connected).toHaveLength(1);
  });

  test('are looked up anew each, also to the same name', async () => {
    await using outside = await createOutside(leading);
    expect(await refusal(outside, via('https://flip.example', 'https://flip.example/last'))).toBe(
      'url_address_refused',
    );
    expect(outside.connected).toEqual([`${PUBLIC}:443`]);
  });

  test('from https to http are not followed unless that is meant', async () => {
    await using outside = await createOutside(leading);
    const url = via('https://a.example', 'http://b.example/');
    expect(await refusal(outside, url, { allowsHttp: true })).toBe('url_downgrade_refused');
    expect(String(await read(outside, url, { allowsHttp: true, allowsDowngrade: true }))).toBe('arrived');
  });

  test('carry no cookie, and headers of the caller to no other host', async () => {
    await using outside = await createOutside(leading);
    await read(outside, via('https://a.example', '/to/https%3A%2F%2Fb.example%2F'), {
      headers: { authorization: 'Bearer SECRET' },
    });
    expect(outside.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer SECRET',
      'Bearer SECRET',
      undefined,
    ]);
    expect(outside.requests.every(({ headers }) => headers.cookie === undefined)).toBe(true);
  });

  test('of a request with a body are answers: nothing is sent twice', async () => {
    await using outside = await createOutside(leading);
    const answer = await outside.fetch(via('https://a.example', 'https://b.example'), {
      ...BOUNDS,
      method: 'POST',
      body: '{}',
    });
    expect(answer.status).toBe(302);
    await answer[Symbol.asyncDispose]();
    expect(outside.requests).toHaveLength(1);
    await noneLeft(outside);
  });
});

describe('hosts that an administrator chose', () => {
  const names = { 'files.lan': [['10.0.0.7']] };
  test('may be private and speak http, on their port alone where one is named', async () => {
    await using outside = await createOutside({ ...saying('x'), names });
    const trustedHosts = ['files.lan:8080', '127.0.0.1', '[::1]:444'];
    for (const url of ['http://files.lan:8080/', 'https://127.0.0.1/', 'http://127.0.0.1:9/', 'https://[::1]:444/']) {
      expect(String(await read(outside, url, { trustedHosts }))).toBe('x');
    }
    expect(outside.connected).toEqual(['10.0.0.7:8080', '127.0.0.1:443', '127.0.0.1:9', '::1:444']);
    expect(await refusal(outside, 'https://files.lan/', { trustedHosts })).toBe('url_address_refused');
    expect(await refusal(outside, 'https://127.0.0.2/', { trustedHosts })).toBe('url_address_refused');
    expect(await refusal(outside, 'http://files.example/', { trustedHosts })).toBe('url_scheme_refused');
  });
});

describe('limits', () => {
  test('a length over the bound is refused by its head', async () => {
    await using outside = await createOutside({
      answer: (_request, response) => response.writeHead(200, { 'content-length': String(2 ** 31) }).write('x'),
    });
    expect(await refusal(outside, 'https://files.example/')).toBe('url_too_large');
    await noneLeft(outside);
  });

  test('two gigabytes that do not say so are cut at the bound', async () => {
    let sent = 0;
    await using outside = await createOutside({
      answer(_request, response) {
        const block = Buffer.alloc(64 * 1024);
        const pour = (): void => {
          while (!response.destroyed && sent < 2 ** 31) {
            sent += block.length;
            if (!response.write(block)) {
              response.once('drain', pour);
              return;
            }
          }
        };
        pour();
      },
    });
    expect(await refusal(outside, 'https://files.example/')).toBe('url_too_large');
    await noneLeft(outside);
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  test.each(['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip'])(
    'a body in %s, which could be a bomb, is refused',
    async (encoding) => {
      await using outside = await createOutside({
        answer: (_request, response) =>
          response.writeHead(200, { 'content-encoding': encoding }).end(gzipSync(Buffer.alloc(900_000))),
      });
      expect(await refusal(outside, 'https://files.example/')).toBe('url_compressed');
      await noneLeft(outside);
    },
  );

  test.each([
    ['before its head', (_socket: unknown) => undefined],
    ['in its head', (socket: NodeJS.WritableStream) => void socket.write('HTTP/1.1 200 OK\r\nx: ')],
    ['in its body', (socket: NodeJS.WritableStream) => void socket.write('HTTP/1.1 200 OK\r\n\r\nhalf')],
  ])('a server that is silent %s is left in time', async (_name, raw) => {
    await using outside = await createOutside({ raw });
    expect(await refusal(outside, 'https://files.example/', { timeoutMs: 80 })).toBe('url_timeout');
    await noneLeft(outside);
  });

  test('a slow drip is left in time', async () => {
    await using outside = await createOutside({
      async answer(_request, response) {
        while (!response.destroyed) {
          response.write('.');
          await delay(5);
        }
      },
    });
    expect(await refusal(outside, 'https://files.example/', { timeoutMs: 120 })).toBe('url_timeout');
    await noneLeft(outside);
  });

  test('a look-up that hangs is left in time', async () => {
    const fetch = createGuardedFetch({ lookUp: () => new Promise(() => undefined), userAgent: 'test' });
    await expect(fetch('https://files.example/', { ...BOUNDS, timeoutMs: 30 })).rejects.toMatchObject({
      code: 'url_timeout',
    });
  });

  test('a head without an end is refused', async () => {
    await using outside = await createOutside({
      raw: (socket) => void socket.write(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}\r\n`),
    });
    expect(await refusal(outside, 'https://files.example/')).toBe('url_unreachable');
    await noneLeft(outside);
  });
});

describe('a server that lies or breaks', () => {
  test('a length that is more than comes is a cut', async () => {
    await using outside = await createOutside({
      raw: (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'),
    });
    expect(await refusal(outside, 'https://files.example/')).toBe('url_cut');
  });

  test('what comes beyond the length that was said is nobody’s', async () => {
    await using outside = await createOutside({
      raw: (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhalfHTTP/1.1 200 OK\r\n\r\nmore'),
    });
    expect(String(await read(outside, 'https://files.example/'))).toBe('half');
  });

  test.each(['not http at all\r\n\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx', ''])(
    'an answer that is none is refused: %j',
    async (text) => {
      await using outside = await createOutside({ raw: (socket) => socket.end(text) });
      expect(await refusal(outside, 'https://files.example/')).toBe('url_unreachable');
    },
  );
});

describe('the request’s signal', () => {
  test('ends a fetch that waits for its head, with the signal’s own reason', async () => {
    await using outside = await createOutside({ answer: () => undefined });
    const controller = new AbortController();
    const reading = read(outside, 'https://files.example/', { signal: controller.signal });
    await vi.waitFor(() => expect(outside.requests).toHaveLength(1));
    controller.abort(new Error('The client has left.'));
    await expect(reading).rejects.toThrow('The client has left.');
    await noneLeft(outside);
  });

  test('ends a fetch in the middle of its body', async () => {
    await using outside = await createOutside({ answer: (_request, response) => response.write('half') });
    const controller = new AbortController();
    await using answer = await outside.fetch('https://files.example/', { ...BOUNDS, signal: controller.signal });
    const chunks = answer.body[Symbol.asyncIterator]();
    expect(String(Buffer.from((await chunks.next()).value ?? []))).toBe('half');
    controller.abort(new Error('The client has left.'));
    await expect(chunks.next()).rejects.toThrow('The client has left.');
    await noneLeft(outside);
  });

  test('that has ended before lets nothing begin', async () => {
    await using outside = await createOutside(saying('x'));
    await expect(
      read(outside, 'https://files.example/', { signal: AbortSignal.abort(new Error('Gone.')) }),
    ).rejects.toThrow('Gone.');
    expect(outside.connected).toEqual([]);
  });
});

test('an answer that is not read is closed when it is disposed of', async () => {
  await using outside = await createOutside({ answer: (_request, response) => response.write('half') });
  {
    await using answer = await outside.fetch('https://files.example/', BOUNDS);
    expect(answer.status).toBe(200);
  }
  await noneLeft(outside);
});

test('without another way to connect it connects by TCP, to the looked-up address of a name nobody else knows', async () => {
  const server = createServer((request, response) => response.end(request.headers.host));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const fetch = createGuardedFetch({ lookUp: async () => [{ address: '127.0.0.1' }], userAgent: 'test' });
  try {
    const url = `http://files.invalid:${port}/`;
    await using answer = await fetch(url, { ...BOUNDS, trustedHosts: [`files.invalid:${port}`] });
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    expect(String(Buffer.concat(chunks))).toBe(`files.invalid:${port}`);
    await expect(fetch(url, BOUNDS)).rejects.toMatchObject({ code: 'url_scheme_refused' });
    await expect(fetch(url, { ...BOUNDS, allowsHttp: true })).rejects.toMatchObject({ code: 'url_address_refused' });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
