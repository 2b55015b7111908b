import { clientSuite } from '../support/client-suite.ts';
import { runQwenCode } from '../support/run-qwen-code.ts';

clientSuite({
  name: 'Qwen Code',
  tools: {
    readBoth: (one, two) => [one, two].map((path) => ({ name: 'read_file', input: { file_path: path } })),
    write: (path, content) => ({ name: 'write_file', input: { file_path: path, content } }),
  },
  run: runQwenCode,
  // It keeps thinking without what signs it, and Anthropic takes no call without signed thinking while it thinks.
  losesThinkingIn: ['anthropic'],
  // A service that shows its reasoning takes it back; of others see the variants of the dialect.
  rounds: ['openai', 'anthropic', 'gemini', 'openai'],
  lastWordsOf: ({ events }) => String(events.findLast(({ type }) => type === 'result')?.result),
});
