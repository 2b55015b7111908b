import type { Effort } from '@proxycast/spec';

/** What a model takes, as far as models of the API differ in it. */
export interface ModelTraits {
  /** `budget`: `enabled` with a budget. `both`: that or `adaptive`. `adaptive`: only that, steered by effort. */
  readonly thinking: 'none' | 'budget' | 'both' | 'adaptive';
  /** Levels of `output_config.effort`; empty where the field is refused. */
  readonly efforts: readonly Effort[];
  /** `single`: temperature or top_p, not both. */
  readonly sampling: 'all' | 'single' | 'none';
  /** Whether it goes on with an assistant turn that stands last. */
  readonly takesPrefill: boolean;
  /** Whether a turn of role `system` may stand among the messages. */
  readonly takesSystemTurns: boolean;
  /** Whether `output_config.format` and strict tools are known to it. */
  readonly takesSchemas: boolean;
  /** In tokens; what is filled in where a request has no bound. */
  readonly maxOutputTokens: number;
  /** Whether it is in this table: `maxOutputTokens` is then the bound above which the API refuses. */
  readonly isKnown: boolean;
}

const LOW_TO_HIGH: readonly Effort[] = ['low', 'medium', 'high'];
const LOW_TO_MAX: readonly Effort[] = [...LOW_TO_HIGH, 'max'];
const ALL: readonly Effort[] = [...LOW_TO_HIGH, 'xhigh', 'max'];

/** A model of another maker behind the same API: the oldest features, and a bound that all of them take. */
const UNKNOWN: ModelTraits = {
  thinking: 'budget',
  efforts: [],
  sampling: 'all',
  takesPrefill: true,
  takesSystemTurns: false,
  takesSchemas: true,
  maxOutputTokens: 8192,
  isKnown: false,
};

/** The same for a client of this dialect, which knows that model better than a table that does not have it. */
const TRUSTED: ModelTraits = { ...UNKNOWN, thinking: 'both', efforts: ALL, takesSystemTurns: true };

/** `isOwn`: the request was written in this dialect. */
export function modelTraits(model: string, isOwn: boolean): ModelTraits {
  const name = readModelName(model);
  if (name === undefined) return isOwn ? TRUSTED : UNKNOWN;
  const { family, version } = name;
  const isNewest = version >= 500 || (family === 'opus' && version >= 407);
  return {
    thinking: isNewest ? 'adaptive' : version >= 406 ? 'both' : version >= 307 ? 'budget' : 'none',
    efforts: isNewest ? ALL : version >= 406 ? LOW_TO_MAX : family === 'opus' && version >= 405 ? LOW_TO_HIGH : [],
    sampling: isNewest ? 'none' : version >= 401 ? 'single' : 'all',
    takesPrefill: version < 406,
    takesSystemTurns: isNewest,
    takesSchemas: version >= 405 || (family === 'opus' && version >= 401),
    maxOutputTokens: maxOutputTokensOf(family, version),
    isKnown: true,
  };
}

function maxOutputTokensOf(family: string, version: number): number {
  if (version < 305) return 4096;
  if (version < 307) return 8192;
  if (version >= 500 || (family === 'opus' && version >= 406)) return 128_000;
  return family === 'opus' && version < 405 ? 32_000 : 64_000;
}

/** A name without a version means the latest. */
const LATEST = 500;

/**
 * `claude-opus-4-7`, `claude-sonnet-4-5-20250929`, `claude-3-5-haiku-latest`, `us.anthropic.claude-opus-4-6-v1:0`,
 * `anthropic/claude-sonnet-4.6`, `claude-fable-5`, `claude-opus-latest`. A part of more than two digits is a date.
 */
const NAME = /claude-(?:([a-z]{3,20})-)?(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)(?:-([a-z]{3,20}))?/;

const LATEST_NAME = /claude-(?:[a-z]{3,20}-)?latest/i;

/** `version` is the major one by hundreds and the minor one by ones: 4.6 is 406. */
function readModelName(model: string): { readonly family: string; readonly version: number } | undefined {
  const [, before, major, minor, after] = NAME.exec(model.toLowerCase()) ?? [];
  if (major === undefined) return LATEST_NAME.test(model) ? { family: '', version: LATEST } : undefined;
  return { family: before ?? after ?? '', version: Number(major) * 100 + Number(minor ?? 0) };
}
