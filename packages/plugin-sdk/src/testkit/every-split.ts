import type { FrameUnderTest } from './start-plugin.ts';

/**
 * The ways in which the same frames may reach `response.decode`: all at once, one by one, and cut in two at every place,
 * also with an end that brings no frame. What a decoder says must not depend on it.
 */
export function everySplit(frames: readonly FrameUnderTest[]): readonly (readonly (readonly FrameUnderTest[])[])[] {
  const splits: (readonly (readonly FrameUnderTest[])[])[] = [[frames], [...frames.map((frame) => [frame]), []]];
  for (let cut = 0; cut <= frames.length; cut++) splits.push([frames.slice(0, cut), frames.slice(cut)]);
  return splits;
}
