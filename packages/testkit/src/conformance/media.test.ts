import { InvalidRequestError, type JsonObject } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import type { FakeDialectId } from '../fake-upstream/recorded-request.ts';
import { CONFORMANCE_DIALECTS, type ConformanceDialect, dialectOf, dialectPairs } from './conformance-dialect.ts';
import { decodeRecordedRequest, encodeFor, resolveMedia, strictFindings } from './convert-request.ts';

/** Beginnings of files, enough for whoever looks at what they are. */
const BYTES = {
  png: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  jpeg: btoa('\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01'),
  gif: btoa('GIF89a\x01\0\x01\0\0\0\0;'),
  webp: btoa('RIFF\x24\0\0\0WEBPVP8 '),
  bmp: btoa('BM\x1e\0\0\0\0\0\0\0'),
  pdf: btoa('%PDF-1.4\n%%EOF\n'),
  wav: btoa('RIFF\x24\0\0\0WAVEfmt '),
  mp3: btoa('ID3\x04\0\0\0\0\0\0'),
  flac: btoa('fLaC\0\0\0\x22'),
  docx: btoa('PK\x03\x04\x14\0\x06\0'),
} as const;
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

type Say = { readonly [Dialect in FakeDialectId]?: JsonObject };

interface MediaCase {
  readonly name: string;
  /** The part as each dialect's client writes it, where it can. */
  readonly say: Say;
  /** What the upstream's body holds then. */
  readonly holds: string;
  /** Upstreams that cannot be shown it, with the code; the others take it. */
  readonly refused?: { readonly [Dialect in FakeDialectId]?: string };
}

const dataUri = (mediaType: string, data: string): string => `data:${mediaType};base64,${data}`;

const picture = (mediaType: string, data: string): Say => ({
  anthropic: { type: 'image', source: { type: 'base64', media_type: mediaType, data } },
  openai: { type: 'image_url', image_url: { url: dataUri(mediaType, data) } },
  responses: { type: 'input_image', detail: 'auto', image_url: dataUri(mediaType, data) },
  gemini: { inlineData: { mimeType: mediaType, data } },
});
const document = (mediaType: string, data: string): Say => ({
  openai: { type: 'file', file: { filename: 'paper', file_data: dataUri(mediaType, data) } },
  responses: { type: 'input_file', filename: 'paper', file_data: dataUri(mediaType, data) },
  gemini: { inlineData: { mimeType: mediaType, data } },
});
const pictureAt = (url: string): Say => ({
  anthropic: { type: 'image', source: { type: 'url', url } },
  openai: { type: 'image_url', image_url: { url } },
  responses: { type: 'input_image', detail: 'auto', image_url: url },
  gemini: { fileData: { mimeType: 'image/png', fileUri: url } },
});
const sound = (format: 'wav' | 'mp3', mimeType: string): Say => ({
  openai: { type: 'input_audio', input_audio: { data: BYTES[format], format } },
  responses: { type: 'input_audio', input_audio: { data: BYTES[format], format } },
  gemini: { inlineData: { mimeType, data: BYTES[format] } },
});

const TYPE = 'media_type_not_supported';
const KIND = 'media_kind_not_supported';
const UPLOAD = 'file_not_portable';

const CASES: readonly MediaCase[] = [
  { name: 'a PNG', say: picture('image/png', BYTES.png), holds: BYTES.png },
  { name: 'a JPEG', say: picture('image/jpeg', BYTES.jpeg), holds: BYTES.jpeg },
  { name: 'a WebP', say: picture('image/webp', BYTES.webp), holds: BYTES.webp },
  {
    name: 'a GIF',
    say: picture('image/gif', BYTES.gif),
    holds: BYTES.gif,
    refused: { gemini: TYPE },
  },
  {
    name: 'a JPEG that is named a PNG',
    say: { ...picture('image/png', BYTES.jpeg) },
    holds: BYTES.jpeg,
  },
  {
    name: 'a JPEG by the name it should not have',
    say: { openai: { type: 'image_url', image_url: { url: dataUri('image/jpg', BYTES.jpeg) } } },
    holds: BYTES.jpeg,
  },
  {
    name: 'a PNG in the alphabet of addresses, without its padding',
    say: {
      openai: {
        type: 'image_url',
        image_url: {
          url: `data:image/png;charset=x;base64,${BYTES.png.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}`,
        },
      },
    },
    holds: BYTES.png,
  },
  { name: 'a picture that was sent as a document', say: document('image/png', BYTES.png), holds: BYTES.png },
  {
    name: 'a PNG in a data address where an address is meant',
    say: {
      anthropic: { type: 'image', source: { type: 'url', url: dataUri('image/png', BYTES.png) } },
      gemini: { fileData: { fileUri: dataUri('image/png', BYTES.png) } },
    },
    holds: BYTES.png,
  },
  {
    name: 'a BMP',
    say: picture('image/bmp', BYTES.bmp),
    holds: BYTES.bmp,
    // The others do not say before they have seen it: their own 400 comes back.
    refused: { anthropic: TYPE, gemini: TYPE },
  },
  {
    name: 'a PDF',
    say: {
      ...document('application/pdf', BYTES.pdf),
      anthropic: { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: BYTES.pdf } },
    },
    holds: BYTES.pdf,
  },
  {
    name: 'a document of text',
    say: {
      ...document('text/plain', btoa('The very text.')),
      anthropic: { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'The very text.' } },
    },
    holds: 'The very text.',
  },
  {
    name: 'a document of text in a data address without base64',
    say: { openai: { type: 'file', file: { filename: 'a.txt', file_data: 'data:text/plain,The%20very%20text.' } } },
    holds: 'The very text.',
  },
  {
    name: 'a document of an office',
    say: document(DOCX, BYTES.docx),
    holds: BYTES.docx,
    refused: { anthropic: TYPE, gemini: TYPE },
  },
  { name: 'a WAV', say: sound('wav', 'audio/wav'), holds: BYTES.wav, refused: { anthropic: KIND } },
  { name: 'an MP3', say: sound('mp3', 'audio/mp3'), holds: BYTES.mp3, refused: { anthropic: KIND } },
  {
    name: 'a sound of another form',
    say: { gemini: { inlineData: { mimeType: 'audio/flac', data: BYTES.flac } } },
    holds: BYTES.flac,
    refused: { anthropic: KIND, openai: TYPE, responses: TYPE },
  },
  {
    name: 'a film',
    say: { gemini: { inlineData: { mimeType: 'video/mp4', data: btoa('\0\0\0\x18ftypmp42') } } },
    holds: btoa('\0\0\0\x18ftypmp42'),
    refused: { anthropic: KIND, openai: KIND, responses: KIND },
  },
  {
    name: 'an upload to Anthropic',
    say: { anthropic: { type: 'document', source: { type: 'file', file_id: 'file_011' } } },
    holds: 'file_011',
    refused: { openai: UPLOAD, responses: UPLOAD, gemini: UPLOAD },
  },
  {
    name: 'an upload to OpenAI, by Chat Completions',
    say: { openai: { type: 'file', file: { file_id: 'file-abc' } } },
    holds: 'file-abc',
    refused: { anthropic: UPLOAD, responses: UPLOAD, gemini: UPLOAD },
  },
  {
    name: 'an upload to OpenAI, by Responses',
    say: {
      responses: { type: 'input_image', detail: 'auto', file_id: 'file-abc' },
    },
    holds: 'file-abc',
    refused: { anthropic: UPLOAD, openai: UPLOAD, gemini: UPLOAD },
  },
  {
    name: 'an upload to Google',
    say: {
      gemini: {
        fileData: { mimeType: 'image/png', fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc' },
      },
    },
    holds: 'files/abc',
    refused: { anthropic: UPLOAD, openai: UPLOAD, responses: UPLOAD },
  },
];

/** The part in a request of the dialect, behind a question. */
function requestOf(dialect: FakeDialectId, part: JsonObject): JsonObject {
  switch (dialect) {
    case 'anthropic':
      return {
        model: 'm',
        max_tokens: 100,
        messages: [{ role: 'user', content: [{ type: 'text', text: 'See.' }, part] }],
      };
    case 'openai':
      return { model: 'm', messages: [{ role: 'user', content: [{ type: 'text', text: 'See.' }, part] }] };
    case 'responses':
      return { model: 'm', input: [{ role: 'user', content: [{ type: 'input_text', text: 'See.' }, part] }] };
    case 'gemini':
      return { contents: [{ role: 'user', parts: [{ text: 'See.' }, part] }] };
  }
}

function convert(from: ConformanceDialect, to: ConformanceDialect, part: JsonObject) {
  return encodeFor(to, resolveMedia(decodeRecordedRequest(from, requestOf(from.id, part), undefined), to));
}

describe.each(dialectPairs('foreign'))('media of a client of $id', (from, to) => {
  const cases = CASES.flatMap((media) => {
    const part = media.say[from.id];
    return part === undefined ? [] : [{ ...media, part }];
  });

  test(`reach ${to.id}, or are refused with a code that says why`, () => {
    const faults = cases.flatMap(({ name, part, holds, refused }): readonly string[] => {
      const encoded = convert(from, to, part);
      const code = refused?.[to.id];
      if (encoded instanceof InvalidRequestError) {
        const isRight = encoded.code === code && encoded.field?.startsWith('messages.0.content.1') === true;
        return isRight ? [] : [`${name}: refused by ${encoded.code} at ${encoded.field}: ${encoded.message}`];
      }
      if (code !== undefined) return [`${name}: taken in place of ${code}`];
      const missing = isHeld(encoded.body, holds) ? [] : [`${name}: missing in ${JSON.stringify(encoded.body)}`];
      // Two services say themselves that they read none.
      const findings = name === 'a BMP' ? [] : strictFindings(to, encoded.body);
      return [...missing, ...findings.map((fault) => `${name}: ${fault}`)];
    });
    expect(faults).toEqual([]);
  });

  test(`by their address reach ${to.id} as the address, or as what is there`, () => {
    const url = 'https://files.example/a';
    const documents: Say = {
      anthropic: { type: 'document', source: { type: 'url', url } },
      responses: { type: 'input_file', file_url: url },
      gemini: { fileData: { mimeType: 'application/pdf', fileUri: url } },
    };
    const rows: readonly (readonly [string, JsonObject | undefined, boolean])[] = [
      ['picture', pictureAt(url)[from.id], to.id !== 'gemini'],
      ['document', documents[from.id], to.id !== 'openai' && to.id !== 'gemini'],
    ];
    for (const [name, part, isRead] of rows) {
      if (part === undefined) continue;
      const encoded = convert(from, to, part);
      if (encoded instanceof InvalidRequestError) throw encoded;
      expect(JSON.stringify(encoded.body).includes(url), name).toBe(isRead);
      expect(strictFindings(to, encoded.body)).toEqual([]);
    }
  });

  test(`by an address that nobody fetches are refused by ${to.id}, or passed to who reads it`, () => {
    const part = pictureAt('gs://bucket/cat.png')[from.id] ?? {};
    const encoded = convert(from, to, part);
    if (to.id === 'gemini') expect(encoded).not.toBeInstanceOf(InvalidRequestError);
    else expect(encoded).toMatchObject({ code: 'media_url_not_supported', fault: 'client' });
  });
});

test.each(['openai', 'anthropic', 'responses'] as const)(
  'no address of a client of %s is passed to Gemini when nothing is fetched, and no secret in it is repeated',
  (id) => {
    const part = pictureAt('https://files.example/a?secret=1')[id] ?? {};
    const encoded = encodeFor(
      dialectOf('gemini'),
      decodeRecordedRequest(dialectOf(id), requestOf(id, part), undefined),
    );
    expect(encoded).toMatchObject({
      code: 'media_url_not_supported',
      message: expect.not.stringContaining('secret'),
    });
  },
);

test.each(CONFORMANCE_DIALECTS)('what is for a service of $id goes through its own dialect', (dialect) => {
  for (const { name, say, holds, refused } of CASES) {
    const part = say[dialect.id];
    if (part === undefined || refused?.[dialect.id] !== undefined) continue;
    const encoded = convert(dialect, dialect, part);
    if (encoded instanceof InvalidRequestError) throw encoded;
    expect(isHeld(encoded.body, holds), name).toBe(true);
  }
});

/** As it is, or a text in base64. */
function isHeld(body: JsonObject, held: string): boolean {
  const text = JSON.stringify(body);
  return text.includes(held) || text.includes(btoa(held));
}
