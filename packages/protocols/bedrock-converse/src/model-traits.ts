export interface ModelTraits {
  /** Takes Claude's own request fields (`thinking`, `top_k`) as additional ones. */
  readonly isClaude: boolean;
  /** Decides itself how much to think, guided by an effort; refuses a budget. */
  readonly thinksAdaptively: boolean;
  /** Refuses temperature, top_p and top_k. */
  readonly refusesSampling: boolean;
  /** Takes cache points. */
  readonly takesCachePoints: boolean;
}

/** Claude 4.7, 5 and newer: adaptive thinking only (Anthropic's model pages, 2026-11). */
const ADAPTIVE = /claude-(?:opus|sonnet|haiku)-(?:4-[7-9]|[5-9])(?!\d)/;

export function traitsOf(model: string): ModelTraits {
  const isClaude = model.includes('claude');
  const isAdaptive = ADAPTIVE.test(model);
  return {
    isClaude,
    thinksAdaptively: isAdaptive,
    refusesSampling: isAdaptive,
    takesCachePoints: isClaude || model.includes('amazon.nova'),
  };
}
