import { expect, test } from 'vitest';
import { hideSecrets, keepSecrets } from './secret-settings.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    client_secret: { type: 'string', format: 'password' },
    region: { type: 'string' },
    inner: { type: 'object', properties: { token: { type: 'string', writeOnly: true } } },
  },
};
const STORED = { client_secret: 'cs-1', region: 'eu', inner: { token: 't-1', list: [1] }, other: 'x' };

test('only what the schema calls a password is hidden', () => {
  expect(hideSecrets(SCHEMA, STORED)).toEqual({
    client_secret: '[secret]',
    region: 'eu',
    inner: { token: '[secret]', list: [1] },
    other: 'x',
  });
  expect(hideSecrets(undefined, STORED)).toEqual(STORED);
});

test('what was hidden and comes back stays as it is stored, all else is taken', () => {
  const shown = hideSecrets(SCHEMA, STORED);
  expect(keepSecrets(SCHEMA, { ...shown, region: 'us' }, STORED)).toEqual({ ...STORED, region: 'us' });
  expect(keepSecrets(SCHEMA, { client_secret: 'cs-2' }, STORED)).toEqual({ client_secret: 'cs-2' });
  // Nothing is stored that it could stand for.
  expect(keepSecrets(SCHEMA, { client_secret: '[secret]' }, {})).toEqual({ client_secret: '[secret]' });
  expect(keepSecrets(SCHEMA, { region: '[secret]' }, STORED)).toEqual({ region: '[secret]' });
});
