import { parseCredentialId, Secret } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { createMemoryRefreshes } from '../testing/memory-refreshes.ts';
import { advanceRefresh, INTERRUPTED, type RefreshSurroundings } from './advance-refresh.ts';
import type { EndedStatus, RefreshEvent, RefreshState, StoredCredential } from './refresh-state.ts';

const NOW = 1_000_000;
const ID = parseCredentialId('c');
const AROUND: RefreshSurroundings = { reason: 'rejected', now: () => NOW, random: () => 0, restsUntil: 0 };
const lease = { id: ID, fence: 4, failures: 1 };
const REFUSED: EndedStatus = { type: 'needs_login', reason: 'revoked' };
const found = { data: new Secret('theirs'), expiresAt: 9 };

async function stored(version: number, status?: EndedStatus): Promise<StoredCredential> {
  const memory = createMemoryRefreshes(() => NOW);
  memory.insert('c', 'token', { version, expiresAt: 5, ...(status === undefined ? {} : { status }) });
  const credential = await memory.read(ID);
  if (credential === undefined) throw new Error('It was inserted.');
  return credential;
}

const credential = await stored(3);
const newer = await stored(4);
const held = { lease, seen: 3 };
const loaded = { ...held, credential };

const STATES: readonly RefreshState[] = [
  { type: 'looking', seen: 3, polls: 0 },
  { type: 'taking', seen: 3, polls: 0 },
  { type: 'waiting', seen: 3, polls: 0 },
  { type: 'reading', ...held },
  { type: 'marking', ...loaded },
  { type: 'exchanging', ...loaded },
  { type: 'saving', ...loaded, renewed: found, tries: 0 },
  { type: 'postponing', ...loaded, failure: { failures: 2, until: 7, message: 'later' }, tries: 0 },
  { type: 'searching', ...loaded, ending: REFUSED },
  { type: 'adopting', ...loaded, found },
  { type: 'ending', ...loaded, ending: REFUSED, tries: 0 },
  { type: 'releasing', lease, next: { type: 'waiting', seen: 3, polls: 0 } },
  { type: 'done', outcome: { type: 'busy' } },
];
const EVENTS: readonly RefreshEvent[] = [
  { type: 'found', credential },
  { type: 'gone' },
  { type: 'taken', lease },
  { type: 'held' },
  { type: 'resting', until: 7 },
  { type: 'woke' },
  { type: 'tired' },
  { type: 'marked' },
  { type: 'outrun' },
  { type: 'renewed', ...found },
  { type: 'failed', message: 'later' },
  { type: 'refused', status: REFUSED },
  { type: 'unknown' },
  { type: 'saved' },
  { type: 'postponed' },
  { type: 'nothing' },
  { type: 'elsewhere', found },
  { type: 'adopted' },
  { type: 'ended' },
  { type: 'released' },
  { type: 'broken' },
];

/** Every event that a state can have, and where it leads; what is not here throws. `=`: the state itself, once more. */
const TABLE: Readonly<Record<RefreshState['type'], Readonly<Partial<Record<RefreshEvent['type'], string>>>>> = {
  looking: { found: 'taking', gone: 'done gone' },
  taking: { taken: 'reading', held: 'waiting', resting: 'done postponed', gone: 'done gone' },
  waiting: { woke: 'looking', tired: 'done busy' },
  reading: { found: 'marking', gone: 'releasing, done gone' },
  marking: { marked: 'exchanging', outrun: 'releasing, waiting', broken: 'postponing' },
  exchanging: { renewed: 'saving', failed: 'postponing', refused: 'searching', unknown: 'searching' },
  saving: { saved: 'done refreshed', outrun: 'releasing, waiting', broken: '=' },
  postponing: { postponed: 'done postponed', outrun: 'done postponed', broken: '=' },
  searching: { elsewhere: 'adopting', nothing: 'ending' },
  adopting: { adopted: 'releasing, done adopted', outrun: 'releasing, waiting' },
  ending: { ended: 'done ended', outrun: 'releasing, waiting', broken: '=' },
  releasing: { released: 'waiting' },
  done: {},
};

function render(state: RefreshState): string {
  if (state.type === 'done') return `done ${state.outcome.type}`;
  return state.type === 'releasing' ? `releasing, ${render(state.next)}` : state.type;
}

describe.each(STATES)('a refresh that is $type', (state) => {
  test.each(EVENTS)('and has the event $type goes where the table says', (event) => {
    const target = TABLE[state.type][event.type];
    if (target === undefined) expect(() => advanceRefresh(state, event, AROUND)).toThrow(TypeError);
    else expect(render(advanceRefresh(state, event, AROUND))).toBe(target === '=' ? state.type : target);
  });
});

describe('what is stored decides', () => {
  const looking: RefreshState = { type: 'looking', seen: 3, polls: 0 };
  const reading: RefreshState = { type: 'reading', ...held };

  test('a newer version is the answer, before and after the lease was taken', () => {
    const event: RefreshEvent = { type: 'found', credential: newer };
    const done = { type: 'done', outcome: { type: 'current', version: 4, expiresAt: 5 } };
    expect(advanceRefresh(looking, event, AROUND)).toEqual(done);
    expect(advanceRefresh(reading, event, AROUND)).toEqual({ type: 'releasing', lease, next: done });
  });

  test('one that has ended is refreshed for a person only', async () => {
    const event: RefreshEvent = { type: 'found', credential: await stored(3, REFUSED) };
    expect(advanceRefresh(looking, event, AROUND)).toEqual({
      type: 'done',
      outcome: { type: 'ended', status: REFUSED },
    });
    expect(advanceRefresh(looking, event, { ...AROUND, reason: 'person' })).toMatchObject({ type: 'taking' });
  });

  test('a rest that this process remembers is kept without asking the database, but not by a person', () => {
    const event: RefreshEvent = { type: 'found', credential };
    const resting = { ...AROUND, restsUntil: NOW + 1 };
    expect(render(advanceRefresh(looking, event, resting))).toBe('done postponed');
    expect(render(advanceRefresh(looking, event, { ...resting, reason: 'person' }))).toBe('taking');
    expect(render(advanceRefresh(looking, event, { ...AROUND, restsUntil: NOW }))).toBe('taking');
  });

  test('a mark of this very version means that nobody tries it again, whoever asks', async () => {
    const marked = (version: number): RefreshState => ({
      type: 'reading',
      seen: 3,
      lease: { ...lease, attempt: { fence: 3, version, at: 1 } },
    });
    const person = { ...AROUND, reason: 'person' } as const;
    for (const around of [AROUND, person]) {
      const next = advanceRefresh(marked(3), { type: 'found', credential }, around);
      expect(next).toMatchObject({ type: 'searching', ending: INTERRUPTED });
    }
    expect(advanceRefresh(marked(2), { type: 'found', credential }, AROUND).type).toBe('marking');
    const refused = await stored(3, REFUSED);
    expect(advanceRefresh(marked(3), { type: 'found', credential: refused }, person)).toMatchObject({
      ending: REFUSED,
    });
  });
});
