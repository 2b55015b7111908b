import { expect, test } from 'vitest';
import { fetchFile } from './fetch-file.ts';
import { createOutside } from './testing/outside.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46]);
const PDF = Buffer.from('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n', 'latin1');
const WAV = Buffer.from('RIFF\x24\0\0\0WAVEfmt ', 'latin1');
const MP4 = Buffer.from('\0\0\0\x18ftypisom\0\0\0\0', 'latin1');
const HTML = Buffer.from('<!DOCTYPE html><html><body>Please log in.</body></html>');
const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const DOCUMENTS = ['application/pdf', 'text/plain', 'text/csv'];
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const SOUNDS = ['audio/wav', 'audio/mpeg', 'audio/mp4'];

async function fetchAs(
  body: Buffer,
  contentType: string | undefined,
  mediaTypes: readonly string[],
  status = 200,
): Promise<string> {
  await using outside = await createOutside({
    answer(_request, response) {
      response.writeHead(status, contentType === undefined ? {} : { 'content-type': contentType });
      response.end(body);
    },
  });
  const request = { mediaTypes, maxBytes: 1_000_000, timeoutMs: 5_000 };
  return await fetchFile(outside.fetch, 'https://files.example/a', request).then(
    ({ mediaType, bytes }) => {
      expect(Buffer.from(bytes)).toEqual(body);
      return mediaType;
    },
    (fault: unknown) => {
      expect(fault).toMatchObject({ fault: 'client', isPublic: true });
      return `refused: ${(fault as { readonly code?: string }).code}`;
    },
  );
}

const WRONG_TYPE = 'refused: url_type_refused';

test.each([
  ['a picture as announced', PNG, 'image/png', IMAGES, 'image/png'],
  ['a picture announced as another kind is what its bytes are', JPEG, 'image/png', IMAGES, 'image/jpeg'],
  ['a picture announced by another name', JPEG, 'image/jpg; charset=binary', IMAGES, 'image/jpeg'],
  ['a picture announced as nothing in particular', PNG, 'application/octet-stream', IMAGES, 'image/png'],
  ['a picture without an announcement', PNG, undefined, IMAGES, 'image/png'],
  ['a PDF', PDF, 'application/pdf', DOCUMENTS, 'application/pdf'],
  ['text of the kind the header says', Buffer.from('a,b\n1,ü\n'), 'text/csv; charset=utf-8', DOCUMENTS, 'text/csv'],
  ['a sound', WAV, 'audio/x-wav', SOUNDS, 'audio/wav'],
  ['a sound in the container of films', MP4, 'audio/mp4', SOUNDS, 'audio/mp4'],
  ['a document of an office', Buffer.from('PK\x03\x04\0'), DOCX, [DOCX], DOCX],
  ['an archive in place of a picture', Buffer.from('PK\x03\x04\0'), 'image/png', IMAGES, WRONG_TYPE],
  ['an archive that nobody announces', Buffer.from('PK\x03\x04\0'), undefined, [DOCX], WRONG_TYPE],
  ['a page in place of a picture', HTML, 'text/html', IMAGES, WRONG_TYPE],
  ['a page announced as a picture', HTML, 'image/png', IMAGES, WRONG_TYPE],
  ['a page announced as a text', HTML, 'text/plain', DOCUMENTS, WRONG_TYPE],
  ['a picture announced as a page', PNG, 'text/html', IMAGES, WRONG_TYPE],
  ['a picture announced as a document', PNG, 'application/pdf', DOCUMENTS, WRONG_TYPE],
  ['a document in place of a picture', PDF, undefined, IMAGES, WRONG_TYPE],
  ['a drawing, which is text', Buffer.from('<svg xmlns="x"/>'), 'image/svg+xml', IMAGES, WRONG_TYPE],
  ['a kind of picture that is not taken', Buffer.from('BM'.padEnd(20, '\0')), 'image/bmp', IMAGES, WRONG_TYPE],
  ['a kind of text that is not taken', Buffer.from('a: 1'), 'text/yaml', DOCUMENTS, WRONG_TYPE],
  ['bytes of no kind', Buffer.from([0, 1, 2, 3]), 'image/png', IMAGES, WRONG_TYPE],
  ['nothing', Buffer.alloc(0), 'image/png', IMAGES, WRONG_TYPE],
  ['bytes that are no text', Buffer.from([0x61, 0xff, 0xfe]), 'text/plain', DOCUMENTS, WRONG_TYPE],
])('%s', async (_name, body, contentType, mediaTypes, expected) => {
  expect(await fetchAs(body, contentType, mediaTypes)).toBe(expected);
});

test.each([204, 206, 304, 404, 500])('the status %i is no file', async (status) => {
  expect(await fetchAs(Buffer.alloc(0), 'image/png', IMAGES, status)).toBe('refused: url_status');
});

test('a large body of the wrong kind is left after its first bytes', async () => {
  let sent = 0;
  await using outside = await createOutside({
    answer(_request, response) {
      response.writeHead(200, { 'content-type': 'image/png' });
      const pour = (): void => {
        while (!response.destroyed && sent < 64 * 1024 * 1024) {
          sent += 64 * 1024;
          if (!response.write(Buffer.alloc(64 * 1024, '<'))) {
            response.once('drain', pour);
            return;
          }
        }
      };
      pour();
    },
  });
  const request = { mediaTypes: IMAGES, maxBytes: 2 ** 31, timeoutMs: 5_000 };
  await expect(fetchFile(outside.fetch, 'https://files.example/', request)).rejects.toMatchObject({
    code: 'url_type_refused',
  });
  expect(sent).toBeLessThan(32 * 1024 * 1024);
});
