import { expect, test } from 'vitest';
import { findFormField } from './find-form-field.ts';

const TYPE = 'multipart/form-data; boundary="--b1"';
const body = Buffer.from(
  [
    '----b1',
    'Content-Disposition: form-data; name="file"; filename="model"',
    'Content-Type: audio/wav',
    '',
    'name="model" \u0001\u0002',
    '----b1',
    'Content-Disposition: form-data; name="model"',
    '',
    'whisper-1',
    '----b1--',
    '',
  ].join('\r\n'),
);

test('finds the text field and where it stands, past a file', () => {
  const field = findFormField(body, TYPE, 'model');
  expect(field?.value).toBe('whisper-1');
  expect(body.toString('utf8', field?.start, field?.end)).toBe('whisper-1');
});

test.each([
  ['a field that is not there', TYPE, 'prompt'],
  ['a file of that name', TYPE, 'file'],
  ['a content type without a boundary', 'multipart/form-data', 'model'],
  ['another boundary', 'multipart/form-data; boundary=zz', 'model'],
])('answers undefined for %s', (_name, type, field) => {
  expect(findFormField(body, type, field)).toBeUndefined();
});
