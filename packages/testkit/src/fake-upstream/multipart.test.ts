import { expect, test } from 'vitest';
import { parseMultipart } from './multipart.ts';

async function formBytes(form: FormData): Promise<{ body: Buffer; contentType: string }> {
  const request = new Request('http://localhost/', { method: 'POST', body: form });
  return {
    body: Buffer.from(await request.arrayBuffer()),
    contentType: request.headers.get('content-type') ?? '',
  };
}

test('a form written by the platform is read whole', async () => {
  const form = new FormData();
  form.append('model', 'gpt-image-1');
  form.append('image', new File([new Uint8Array([137, 80, 13, 10, 13, 10, 0])], 'a.png', { type: 'image/png' }));
  const { body, contentType } = await formBytes(form);
  const parsed = parseMultipart(body, contentType);
  expect(parsed).toEqual({
    type: 'parts',
    parts: [
      { name: 'model', bytes: Buffer.from('gpt-image-1') },
      {
        name: 'image',
        fileName: 'a.png',
        contentType: 'image/png',
        bytes: Buffer.from([137, 80, 13, 10, 13, 10, 0]),
      },
    ],
  });
});

test.each([
  ['no boundary', 'x', 'multipart/form-data', 'names no boundary'],
  ['another beginning', 'x--b\r\n', 'multipart/form-data; boundary=b', 'does not begin'],
  ['bare line feeds', '--b\nx', 'multipart/form-data; boundary=b', 'not followed by a line end'],
  [
    'no end',
    '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\nx',
    'multipart/form-data; boundary=b',
    'not closed',
  ],
  ['a part without a name', '--b\r\nx: y\r\n\r\nz\r\n--b--', 'multipart/form-data; boundary=b', 'content-disposition'],
  ['nothing in it', '--b--\r\n', 'multipart/form-data; boundary=b', 'no parts'],
  [
    'bytes after it',
    '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\nx\r\n--b--zz',
    'multipart/form-data; boundary=b',
    'follow',
  ],
])('a form with %s is refused', (_name, body, contentType, message) => {
  const parsed = parseMultipart(Buffer.from(body), contentType);
  expect(parsed.type).toBe('broken');
  if (parsed.type === 'broken') expect(parsed.message).toContain(message);
});
