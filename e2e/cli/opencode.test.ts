import { describe } from 'vitest';
import { clientSuite } from '../support/client-suite.ts';
import { readObject } from '../support/read-object.ts';
import { runOpencode } from '../support/run-opencode.ts';

// Only this program of it is in the lock file: see README.md.
describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('on Linux', () => {
  clientSuite({
    name: 'opencode',
    tools: {
      readBoth: (one, two) => [one, two].map((path) => ({ name: 'read', input: { filePath: path } })),
      write: (path, content) => ({ name: 'write', input: { filePath: path, content } }),
    },
    run: runOpencode,
    looksForPackages: true,
    // It keeps thinking without what signs it, and Anthropic takes no call without signed thinking while it thinks.
    losesThinkingIn: ['anthropic'],
    // A service that shows its reasoning takes it back; of others see the variants of the dialect.
    rounds: ['openai', 'anthropic', 'gemini', 'openai'],
    lastWordsOf({ events }) {
      const texts = events.filter(({ type }) => type === 'text').map(({ part }) => readObject(part).text);
      return String(texts.at(-1));
    },
  });
});
