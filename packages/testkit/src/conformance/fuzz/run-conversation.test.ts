import { describe, expect, test } from 'vitest';
import { dialectPairs } from '../conformance-dialect.ts';
import { runConversation } from './run-conversation.ts';

/** The ten that every change has to pass; ten thousand are conversations.soak.test.ts. */
const SEEDS = Array.from({ length: 10 }, (_, seed) => seed);

describe.each(dialectPairs('all'))('a client that speaks $id', (client, upstream) => {
  test(`has conversations that nobody had before a service that speaks ${upstream.id}`, () => {
    expect(SEEDS.flatMap((seed) => runConversation(client, upstream, seed))).toEqual([]);
  });
});
