import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createTerminal } from './create-terminal.ts';
import { createWords } from './words.ts';

function terminal() {
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = '';
  output.on('data', (chunk: Buffer) => {
    shown += chunk.toString('utf8');
  });
  const asked = createTerminal({ input, output, words: createWords({ LANG: 'en_US.UTF-8' }) });
  return { input, asked, shown: () => shown };
}

test('a hidden answer is read and nothing of it is shown, however it is typed', async () => {
  const { input, asked, shown } = terminal();
  const answer = asked.askHidden('Token: ');
  for (const typed of ['rt-', 'sx', '\b', 'ecret 漢', '\r']) input.write(typed);
  expect(await answer).toBe('rt-secret 漢');
  expect(shown()).toBe('Token: \n');
});

test('an answer that may be seen is seen, and the next question gets the next line', async () => {
  const { input, asked, shown } = terminal();
  const first = asked.ask('Region: ');
  input.write('eu\r');
  expect(await first).toBe('eu');
  const second = asked.ask('Sure? ');
  input.write('y\r');
  expect(await second).toBe('y');
  expect(shown()).toContain('Region: ');
  expect(shown()).toContain('eu');
});

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s leaves without an answer, as a signal would', async (_name, key) => {
  for (const how of ['ask', 'askHidden'] as const) {
    const { input, asked } = terminal();
    const answer = asked[how]('? ');
    input.write(key);
    await expect(answer).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
  }
});
