import { expect, test } from 'vitest';
import { TOKEN_PROFILES } from '../token-profile.ts';
import { imageTokensOf } from './image-tokens.ts';

const ruleOf = (model: string) => {
  const profile = TOKEN_PROFILES.find(({ pattern }) => pattern.test(model));
  if (profile === undefined) throw new RangeError(model);
  return profile.image;
};

/** Sizes and tokens as the vendors' guides give them, and as recorded usages have them (2026-11). */
test.each([
  ['claude-sonnet-4-5', 512, 512, undefined, 361],
  ['claude-sonnet-4-5', 1024, 1024, undefined, 1_369],
  ['claude-sonnet-4-5', 1920, 1080, undefined, 1_568],
  ['claude-opus-4-8', 1920, 1080, undefined, 2_691],
  ['claude-opus-4-8', 8000, 6000, undefined, 4_784],
  ['gpt-4o', 1024, 1024, undefined, 765],
  ['gpt-4o', 2048, 4096, undefined, 1_105],
  ['gpt-4o', 4096, 8192, 'low', 85],
  ['gpt-4o-mini', 1, 1, 'auto', 8_500],
  ['gpt-5.5', 1024, 1024, undefined, 1_229],
  ['gemini-2.5-flash', 300, 300, undefined, 258],
  ['gemini-2.5-flash', 1536, 768, undefined, 516],
  ['gemini-3-flash-preview', 4000, 3000, undefined, 1_120],
])('%s: %i × %i (%s) is %i tokens', (model, width, height, detail, tokens) => {
  expect(imageTokensOf(ruleOf(model), { width, height }, detail)).toBe(tokens);
});
