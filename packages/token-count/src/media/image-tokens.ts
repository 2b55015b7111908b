import type { ImageSize } from './image-size.ts';

/** How a family turns a picture into tokens. */
export type ImageRule =
  /** Patches of 28 pixels, after fitting the longer edge and the number of patches (Anthropic, vision guide). */
  | { readonly type: 'patches-28'; readonly maxEdge: number; readonly maxPatches: number }
  /** Patches of 32 pixels within a budget, times a multiplier (OpenAI, images and vision guide). */
  | { readonly type: 'patches-32'; readonly maxPatches: number; readonly multiplier: number }
  /** Tiles of 512 pixels after fitting into 2048 and a shorter edge of 768 (OpenAI, images and vision guide). */
  | { readonly type: 'tiles-512'; readonly base: number; readonly perTile: number }
  /** One tile up to 384 pixels, else tiles of 768 (Gemini API, tokens guide). */
  | { readonly type: 'tiles-768'; readonly perTile: number }
  /** The same for every size. */
  | { readonly type: 'flat'; readonly tokens: number };

/** The tokens of one picture. `detail` low is what only tiles of 512 have. */
export function imageTokensOf(rule: ImageRule, size: ImageSize, detail: string | undefined): number {
  switch (rule.type) {
    case 'patches-28': {
      const longest = Math.max(size.width, size.height);
      const fitted = scale(size, Math.min(1, rule.maxEdge / longest));
      return Math.min(patchesOf(fitted, 28), rule.maxPatches);
    }
    case 'patches-32':
      return Math.ceil(Math.min(patchesOf(size, 32), rule.maxPatches) * rule.multiplier);
    case 'tiles-512': {
      if (detail === 'low') return rule.base;
      const inSquare = scale(size, Math.min(1, 2048 / Math.max(size.width, size.height)));
      const fitted = scale(inSquare, Math.min(1, 768 / Math.min(inSquare.width, inSquare.height)));
      return rule.base + rule.perTile * patchesOf(fitted, 512);
    }
    case 'tiles-768':
      return rule.perTile * (size.width <= 384 && size.height <= 384 ? 1 : patchesOf(size, 768));
    case 'flat':
      return rule.tokens;
  }
}

const scale = ({ width, height }: ImageSize, factor: number): ImageSize => ({
  width: width * factor,
  height: height * factor,
});

const patchesOf = ({ width, height }: ImageSize, edge: number): number =>
  Math.max(1, Math.ceil(width / edge)) * Math.max(1, Math.ceil(height / edge));
