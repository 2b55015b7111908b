import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FakeUpstream, reply } from '@proxycast/testkit';
import { expect } from 'vitest';
import type { ProviderType, Target } from './create-target.ts';
import { expectNoViolations } from './expect-no-violations.ts';
import { type Errand, scriptModel } from './script-model.ts';
import type { TaskTools } from './two-words-task.ts';

/** The services one session goes through; it comes back to the first. */
const ALL_ROUNDS: readonly ProviderType[] = ['anthropic', 'gemini', 'openai-response', 'openai', 'anthropic'];
/** Before this round ProxyCast is started again. */
const ROUND_AFTER_RESTART = 2;

export interface SessionRound {
  /** From 0. */
  readonly index: number;
  readonly prompt: string;
  readonly model: string;
}

const wordOf = (index: number): string => `Wort-${index}-日本`;
const lastWordsOf = (index: number): string => `Round ${index} is done: ${wordOf(index)} ✓`;

/** A round of the session: a read, a write, a last answer; thinking before each. */
function errandOf(index: number, tools: TaskTools, folder: string): Errand {
  return {
    mark: `[round ${index}]`,
    steps: [
      (_, request) =>
        reply.message({
          thinking: `I read in round ${index}.`,
          text: 'I look.',
          calls: tools
            .readBoth(join(folder, `word-${index}.txt`), join(folder, 'all.txt'), request)
            // No two services give the same id; clients take a second call of one id for the first.
            .map((call, position) => ({ ...call, id: `call_${index}_read_${position}` })),
        }),
      (said, request) => {
        const word = new RegExp(`the word is (Wort-${index}-日本)\\.`).exec(said)?.[1] ?? 'no word';
        // Each earlier round has to be there still.
        const before = Array.from({ length: index }, (_value, at) =>
          said.includes(lastWordsOf(at)) ? 'kept' : 'lost',
        );
        return reply.message({
          thinking: `I write in round ${index}.`,
          calls: [
            {
              ...tools.write(join(folder, `answer-${index}.txt`), `${[word, ...before].join(' ')}\n`, request),
              id: `call_${index}_write`,
            },
          ],
        });
      },
      () => reply.message({ thinking: `I end round ${index}.`, text: lastWordsOf(index) }),
    ],
  };
}

/**
 * One session of a client that goes from service to service, each of which refuses signatures it did not make, and in the middle
 * of which ProxyCast is started again. `runRound` runs the client, goes on with the session from the second round, and
 * answers with what it says at last.
 */
export async function runSessionRounds(
  target: Target,
  folder: string,
  tools: TaskTools,
  runRound: (round: SessionRound) => Promise<string>,
  rounds: readonly ProviderType[] = ALL_ROUNDS,
): Promise<void> {
  const upstreams = new Map<ProviderType, { readonly upstream: FakeUpstream; readonly model: string }>();
  for (const type of new Set(rounds)) {
    const upstream = await target.addUpstream();
    upstream.respond(scriptModel(rounds.map((_, index) => errandOf(index, tools, folder))));
    upstreams.set(type, { upstream, model: (await target.provide(type, { upstream })).model });
  }
  await writeFile(join(folder, 'all.txt'), 'Nothing here.\n');
  for (const [index, type] of rounds.entries()) {
    const service = upstreams.get(type);
    if (service === undefined) throw new Error(`No service speaks ${type}.`);
    await writeFile(join(folder, `word-${index}.txt`), `In this round the word is ${wordOf(index)}.\n`);
    if (index === ROUND_AFTER_RESTART) await target.restart();
    const asked = service.upstream.requests.length;
    const said = await runRound({
      index,
      model: service.model,
      prompt: `[round ${index}] Read word-${index}.txt and all.txt, and write the word to answer-${index}.txt. Think hard.`,
    });
    for (const { upstream } of upstreams.values()) expectNoViolations(upstream);
    expect(said).toContain(lastWordsOf(index));
    expect(await readFile(join(folder, `answer-${index}.txt`), 'utf8')).toBe(
      `${[wordOf(index), ...Array.from({ length: index }, () => 'kept')].join(' ')}\n`,
    );
    expect(service.upstream.requests.length - asked).toBeGreaterThanOrEqual(3);
  }
}
