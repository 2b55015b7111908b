import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FakeDialectId, reply } from '@proxycast/testkit';
import { CONFORMANCE_DIALECTS } from '@proxycast/testkit/conformance';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTarget, type ProviderType, type Target } from '../support/create-target.ts';
import { expectNoViolations } from '../support/expect-no-violations.ts';
import { createSdkMedia, type MediaInput, SDK_MEDIA_PLACES, type SdkMedia } from '../support/sdk-media.ts';

const PROVIDER_TYPES: Readonly<Record<FakeDialectId, ProviderType>> = {
  anthropic: 'anthropic',
  openai: 'openai',
  responses: 'openai-response',
  gemini: 'gemini',
};
const PAIRS = CONFORMANCE_DIALECTS.flatMap((client) =>
  CONFORMANCE_DIALECTS.map((upstream) => ({ client: client.id, upstream: upstream.id })),
);

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const PDF = btoa('%PDF-1.4\n%%EOF\n');
const WAV = btoa('RIFF\x24\0\0\0WAVEfmt ');
const FILES: Readonly<Record<string, readonly [string, string]>> = {
  '/cat.png': ['image/png', PNG],
  '/paper.pdf': ['application/pdf', PDF],
};

let target: Target;
let host: string;
const fetched: string[] = [];
const models = new Map<FakeDialectId, string>();
const files = createServer((request, response) => {
  fetched.push(request.url ?? '');
  const [type, data] = FILES[request.url ?? ''] ?? [];
  if (data === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'content-type': type }).end(Buffer.from(data, 'base64'));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(files.address() as AddressInfo).port}`;
  target = await createTarget('proxycast', { checksSignatures: true });
  for (const { id } of CONFORMANCE_DIALECTS) models.set(id, (await target.provide(PROVIDER_TYPES[id])).model);
  await trust([host]);
});
afterAll(async () => {
  files.closeAllConnections();
  files.close();
  await target?.close();
});
beforeEach(() => {
  target.upstream.reset();
  target.upstream.respond(reply.text('A picture.'));
  fetched.length = 0;
});

/** Only an administrator can: the files' server is on loopback, which nobody else may have fetched. */
async function trust(hosts: readonly string[]): Promise<void> {
  const answer = await target.server?.adminFetch('/settings', {
    method: 'PATCH',
    body: { 'media.trusted_hosts': hosts },
  });
  expect(answer?.status).toBe(200);
}

describe.each(PAIRS)('the SDK of $client before an upstream that speaks $upstream', ({ client, upstream }) => {
  const open = (): SdkMedia =>
    createSdkMedia(client, { baseUrl: target.baseUrl, key: target.key, model: models.get(upstream) ?? '' });
  const url = (name: string, mediaType: string): MediaInput => ({
    type: 'url',
    mediaType,
    url: `http://${host}${name}`,
  });
  const bytes = (mediaType: string, data: string): MediaInput => ({ type: 'bytes', mediaType, data });
  const sent = (): string => JSON.stringify(target.upstream.requests.at(-1)?.json) ?? '';
  /** Of a service that answered, or of ProxyCast. */
  const refusal = async (asking: Promise<unknown>): Promise<{ readonly status: unknown; readonly message: string }> => {
    const fault: unknown = await asking.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(fault instanceof Error)) throw new Error('It was answered.');
    return { status: 'status' in fault ? fault.status : undefined, message: fault.message };
  };

  const places = SDK_MEDIA_PLACES[client];

  test.each([
    ['a picture', 'image/png', PNG],
    ['a PDF', 'application/pdf', PDF],
    ...(places.sound && upstream !== 'anthropic' ? [['a sound', 'audio/wav', WAV]] : []),
  ])('%s by its bytes', async (_name, mediaType = '', data = '') => {
    await open().ask(bytes(mediaType, data));
    expect(sent()).toContain(data);
    expectNoViolations(target.upstream);
  });

  if (places.sound && upstream === 'anthropic') {
    test('a sound is refused: the dialect has none', async () => {
      const { status, message } = await refusal(open().ask(bytes('audio/wav', WAV)));
      expect(status).toBe(400);
      expect(message).toContain('this model takes no audio');
      expect(target.upstream.requests).toHaveLength(0);
    });
  }

  test.each([
    ['a picture', '/cat.png', 'image/png', PNG],
    ...(places.pdfUrl ? [['a PDF', '/paper.pdf', 'application/pdf', PDF]] : []),
  ])('%s by its address', async (_name, name = '', mediaType = '', data = '') => {
    const asking = open().ask(url(name, mediaType));
    if (client === 'gemini' && upstream === 'gemini') {
      // Bytes that pass as they are: the service says itself that it reads no such address.
      expect((await refusal(asking)).message).toContain('Unsupported file URI');
      return;
    }
    await asking;
    const isRead =
      upstream === 'anthropic' || upstream === 'responses' || (upstream === 'openai' && name === '/cat.png');
    expect(sent()).toContain(isRead ? `http://${host}${name}` : data);
    expect(fetched).toEqual(isRead ? [] : [name]);
    expectNoViolations(target.upstream);
  });

  if (places.pictureInResult) {
    test('a picture as the result of a call', async () => {
      await open().answerWithPicture(PNG);
      expect(sent()).toContain(PNG);
      expectNoViolations(target.upstream);
    });
  }

  // A provider of Responses is asked in Chat Completions by clients of that.
  if (client === upstream || (client === 'openai' && upstream === 'responses')) {
    test('a file that was uploaded to the service itself passes', async () => {
      await open().ask({ type: 'upload', mediaType: 'image/png' });
      expect(target.upstream.requests).toHaveLength(1);
      expectNoViolations(target.upstream);
    });
  } else {
    test('a file that was uploaded to another service is refused', async () => {
      const { status, message } = await refusal(open().ask({ type: 'upload', mediaType: 'image/png' }));
      expect(status).toBe(400);
      expect(message).toContain('the file was uploaded to another service');
      expect(target.upstream.requests).toHaveLength(0);
    });
  }

  if (upstream === 'gemini' && client !== 'gemini') {
    test.each(['https://127.0.0.2/cat.png', 'https://localhost/cat.png', 'https://169.254.169.254/latest/meta-data/'])(
      '%s, which nobody trusts, is named and not fetched',
      async (address) => {
        const { status, message } = await refusal(open().ask({ type: 'url', mediaType: 'image/png', url: address }));
        expect(status).toBe(400);
        expect(message).toContain('not an address of the public internet');
        expect(target.upstream.requests).toHaveLength(0);
      },
    );
  }
});
