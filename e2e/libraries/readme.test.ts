import { expect, test } from 'vitest';
import { clientSnippets } from '../support/readme-snippets.ts';

test('both languages of the README set a client up by the same lines', () => {
  const english = clientSnippets('en');
  expect(english.length).toBeGreaterThanOrEqual(12);
  // Only what is said to the model is translated.
  expect(clientSnippets('zh-CN').map((code) => code.replaceAll('你好', 'Hello'))).toEqual(english);
});
