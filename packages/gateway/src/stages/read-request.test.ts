import { type ClientEndpoint, InvalidRequestError } from '@proxycast/spec';
import { ChunkedBytes } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { readRequest } from './read-request.ts';

const endpoint: ClientEndpoint = { method: 'POST', path: '/chat', operation: 'chat', model: 'body', stream: 'body' };

function read(body: Buffer | string) {
  return readRequest({
    endpoint,
    contentType: 'application/json',
    body: new ChunkedBytes([Buffer.from(body)]),
    isModelLimited: true,
  });
}

describe('the model of a JSON body', () => {
  test.each([
    ['plain', '{"model":"gpt-5","text":"日本 é"}', 'gpt-5'],
    ['not ASCII', '{"model":"модель-é","text":"日本"}', 'модель-é'],
    ['with an escape beyond Latin-1', '{"model":"m\\u65e5"}', 'm日'],
    ['with an escape within Latin-1', '{"model":"m\\u00e9","text":"é"}', 'mé'],
  ])('%s', (_, body, model) => {
    const request = read(body);
    expect(request.model).toBe(model);
    expect(request.body.joined().toString()).toBe(body);
  });

  test('written twice is written anew from one parse, every character as it was', () => {
    const request = read('{"model":"a","model":"b","text":"日本 é \\u00e9"}');
    expect(request.model).toBe('b');
    expect(request.body.joined().toString()).toBe('{"model":"b","text":"日本 é é"}');
  });

  test('that is no UTF-8 is read as the upstream would read it', () => {
    const bytes = Buffer.concat([Buffer.from('{"model":"m'), Buffer.from([0xe9]), Buffer.from('"}')]);
    expect(read(bytes).model).toBe('m\u{fffd}');
  });
});

test.each(['{"model":"m"', '\u{feff}{"model":"m"}', '{"model":"m"}\u{a0}', '["m"]'])('%j is refused', (body) => {
  expect(() => read(body)).toThrow(InvalidRequestError);
});
