import { describe, expect, test } from 'vitest';
import { AnswerLog, type AnswerLogEnd } from './answer-log.ts';

const event = (index: number): string => `event: e\ndata: {"sequence_number":${index}}\n\n`;

function createBed() {
  const ends: AnswerLogEnd[] = [];
  let starts = 0;
  const log = new AnswerLog({
    onStart: () => {
      starts++;
    },
    onEnd: (end) => ends.push(end),
  });
  return { log, ends, starts: () => starts };
}

function createFollower(backlogBytes = 0) {
  const read: string[] = [];
  const state = { read, isEnded: false, isBroken: false };
  return {
    state,
    writableLength: backlogBytes,
    write: (bytes: Buffer) => {
      read.push(...(bytes.toString('utf8').match(/\d+(?=\})/g) ?? []));
      return backlogBytes === 0;
    },
    end: () => {
      state.isEnded = true;
    },
    destroy: () => {
      state.isBroken = true;
    },
  };
}

describe('an answer that is read along', () => {
  test('by who comes early, late, at its end and behind an event that has not come yet', () => {
    const { log, ends, starts } = createBed();
    const [early, late, ahead, last] = [createFollower(), createFollower(), createFollower(), createFollower()];
    log.follow(early, -1);
    log.writeHead(200);
    log.write(Buffer.from(event(0) + event(1).slice(0, 10)));
    log.follow(ahead, 2);
    log.write(Buffer.from(`${event(1).slice(10)}: keep-alive\n\n`));
    log.follow(late, 0);
    log.write(Buffer.from(event(2)));
    log.end(Buffer.from(event(3)));
    log.follow(last, 1);
    expect(early.state).toMatchObject({ read: ['0', '1', '2', '3'], isEnded: true });
    expect(late.state).toMatchObject({ read: ['1', '2', '3'], isEnded: true });
    expect(ahead.state).toMatchObject({ read: ['3'], isEnded: true });
    expect(last.state).toMatchObject({ read: ['2', '3'], isEnded: true });
    expect(starts()).toBe(1);
    expect(ends).toEqual([{ status: 200, body: '' }]);
  });

  test('a reader that leaves or falls far behind is let go; the answer goes on', () => {
    const { log } = createBed();
    const [leaving, slow, other] = [createFollower(), createFollower(5 * 1024 * 1024), createFollower()];
    for (const follower of [leaving, slow, other]) log.follow(follower, -1);
    log.writeHead(200);
    log.unfollow(leaving);
    log.write(Buffer.from(event(0)));
    log.end(event(1));
    expect(leaving.state).toMatchObject({ read: [], isEnded: false });
    expect(slow.state).toMatchObject({ read: ['0'], isBroken: true });
    expect(other.state).toMatchObject({ read: ['0', '1'], isEnded: true });
  });

  test('is not kept event by event past its bound', () => {
    const { log } = createBed();
    log.writeHead(200);
    expect(log.isWhole).toBe(true);
    for (let index = 0; index < 17; index++) log.write(Buffer.from(`data: ${'x'.repeat(1024 * 1024)}\n\n`));
    expect(log.isWhole).toBe(false);
    const follower = createFollower();
    log.follow(follower, -1);
    log.end(event(17));
    expect(follower.state).toMatchObject({ read: ['17'], isEnded: true });
  });
});

test('an error is no event, and is told at the end', () => {
  const { log, ends, starts } = createBed();
  log.writeHead(400);
  log.end('{"error":{"message":"no"}}');
  expect(ends).toEqual([{ status: 400, body: '{"error":{"message":"no"}}' }]);
  expect(starts()).toBe(0);
});

test('an answer that is broken off tells its producer and its readers', () => {
  const { log, ends } = createBed();
  let isClosed = false;
  log.on('close', () => {
    isClosed = true;
  });
  const follower = createFollower();
  log.follow(follower, -1);
  log.destroy();
  log.destroy();
  expect(isClosed).toBe(true);
  expect(log.writableFinished).toBe(false);
  expect(follower.state.isBroken).toBe(true);
  expect(ends).toEqual([{ body: '' }]);
});
