import { expect, test } from 'vitest';
import { readSignature } from './read-signature.ts';
import { signatureFor } from './signature-for.ts';
import { SIGNATURE_TAG } from './tag-signature.ts';
import { UNSIGNED } from './unsigned.ts';

test('what has no signature is found like a tagged one, and is nobody’s', () => {
  expect(UNSIGNED.startsWith(SIGNATURE_TAG)).toBe(true);
  // Python clients write it in the URL's alphabet: it is the same there.
  expect(UNSIGNED).toMatch(/^[A-Za-z0-9]+=*$/);
  for (const dialect of ['anthropic', 'openai', 'responses', 'gemini']) {
    const signature = readSignature(UNSIGNED, dialect);
    expect(signatureFor(signature, { origin: `${dialect}:any`, dialect })).toBeUndefined();
  }
});
