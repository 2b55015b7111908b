import { describe, expect, test } from 'vitest';
import { readSseFrames, readSseFramesBackwards } from './sse-frames.ts';

const STREAM = ': note\n\nevent: a\ndata: 1\n\ndata:2\ndata: 3\nid: 7\n\nretry: 5\n\ndata: é漢😀\n\n';
const FRAMES = [{ event: 'a', data: '1' }, { data: '2\n3' }, { data: 'é漢😀' }];

describe('readSseFrames', () => {
  test.each([['\n'], ['\r\n'], ['\r']])('reads frames whose lines end with %j', (ending) => {
    expect([...readSseFrames(STREAM.replaceAll('\n', ending))]).toEqual(FRAMES);
  });

  test('leaves out a frame that has not ended, wherever the text is cut', () => {
    for (let cut = 0; cut <= STREAM.length; cut++) {
      const frames = [...readSseFrames(STREAM.slice(0, cut))];
      expect(frames).toEqual(FRAMES.slice(0, frames.length));
    }
  });
});

describe('readSseFramesBackwards', () => {
  test.each([['\n'], ['\r\n'], ['\r']])('reads frames whose lines end with %j from the end', (ending) => {
    expect([...readSseFramesBackwards(STREAM.replaceAll('\n', ending), false)]).toEqual(FRAMES.toReversed());
  });

  test('reads a last frame without its blank line', () => {
    expect([...readSseFramesBackwards('data: 1\n\ndata: [DONE]', false)]).toEqual([{ data: '[DONE]' }, { data: '1' }]);
  });

  test('leaves out the frame in which a text begins, wherever it is cut', () => {
    for (let cut = 0; cut <= STREAM.length; cut++) {
      const frames = [...readSseFramesBackwards(STREAM.slice(cut), true)];
      expect(frames).toEqual(FRAMES.toReversed().slice(0, frames.length));
    }
  });

  test.each([['\n'], ['\r\n'], ['\r']])('reads every frame of a long text once, lines ending with %j', (ending) => {
    const data = Array.from({ length: 2000 }, (_, index) => `${index}`.padStart(index % 40, '.'));
    const text = data.map((line) => `data: ${line}${ending}${ending}`).join('');
    expect([...readSseFramesBackwards(text, false)].map((frame) => frame.data)).toEqual(data.toReversed());
  });
});
