import { expect, test } from 'vitest';
import { rejectionCauseOf } from './rejection-cause.ts';

test.each([
  ['Signature expired: 20260101T000000Z is now earlier than 20260101T000500Z (20260101T001000Z - 5 min.)', 'clock'],
  ['Signature not yet current: 20260101T001500Z is still later than 20260101T000500Z', 'clock'],
  ['Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.', 'clock'],
  ["Credential should be scoped to a valid region, not 'us-east-1'.", 'region'],
  ['The security token included in the request is invalid.', undefined],
  ['', undefined],
])('%s → %s', (message, cause) => {
  expect(rejectionCauseOf(message)).toBe(cause);
});
