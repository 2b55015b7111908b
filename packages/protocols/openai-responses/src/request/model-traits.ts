import type { Effort } from '@proxycast/spec';

export type WireEffort = Effort | 'none';

/** What a model takes, as far as its name tells. */
export interface ModelTraits {
  /** `undefined`: not known; asked as one that thinks. */
  readonly isReasoning?: boolean;
  /** Those it takes, least first; absent: not known. */
  readonly efforts?: readonly WireEffort[];
  /** What it does when it is asked for no effort. */
  readonly defaultEffort?: WireEffort;
}

const NOT_REASONING: ModelTraits = { isReasoning: false };
const thinks = (...efforts: readonly WireEffort[]): ModelTraits => ({ isReasoning: true, efforts });

/**
 * By the beginning of the name, the first that matches. OpenAI's model pages and the refusals recorded in
 * `ver-reasoning-model-temperature-error` and github.com/pydantic/pydantic-ai/issues/2865, seen 2026-08-01.
 */
const TRAITS: readonly (readonly [pattern: RegExp, traits: ModelTraits])[] = [
  [/^(gpt-3|gpt-4|chatgpt-4|gpt-5-chat)/, NOT_REASONING],
  [/^o[134](-|$)/, thinks('low', 'medium', 'high')],
  [/^gpt-oss/, thinks('low', 'medium', 'high')],
  [/^gpt-5-pro/, thinks('high')],
  [/^gpt-5-codex/, thinks('low', 'medium', 'high')],
  [/^gpt-5(-|$)/, thinks('minimal', 'low', 'medium', 'high')],
  [/^gpt-5\.\d+-chat/, thinks('medium')],
  [/^gpt-5\.\d+-pro/, thinks('medium', 'high', 'xhigh')],
  [/^gpt-5\.1-codex-max/, thinks('low', 'medium', 'high', 'xhigh')],
  [/^gpt-5\.1-codex/, thinks('low', 'medium', 'high')],
  [/^gpt-5\.1/, { ...thinks('none', 'low', 'medium', 'high'), defaultEffort: 'none' }],
  [/^gpt-5\.\d+-codex/, thinks('low', 'medium', 'high', 'xhigh')],
  [/^gpt-5\.2/, { ...thinks('none', 'low', 'medium', 'high', 'xhigh'), defaultEffort: 'none' }],
  [/^gpt-5\.[345]/, thinks('none', 'low', 'medium', 'high', 'xhigh')],
  [/^gpt-5\.\d/, thinks('none', 'low', 'medium', 'high', 'xhigh', 'max')],
];

const UNKNOWN: ModelTraits = {};

/** Gateways put the vendor in front of the name, with a slash. */
export function modelTraitsOf(model: string): ModelTraits {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  return TRAITS.find(([pattern]) => pattern.test(name))?.[1] ?? UNKNOWN;
}
