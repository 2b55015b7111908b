/** What a model takes, as far as Bedrock's models differ in it. */
export interface ModelTraits {
  /** Takes Claude's own request fields (`thinking`, `top_k`) as additional ones. */
  readonly isClaude: boolean;
  /**
   * `budget`: it is told how much. `adaptive`: it decides itself, guided by an effort. From 4.6 on that is the way: there a
   * budget stops the thinking after the first call of a tool, from 4.7 on it is refused (Bedrock's guide, 2026-11).
   */
  readonly thinking: 'none' | 'budget' | 'adaptive';
  /** Keeps its thinking to itself unless it is asked to show it. */
  readonly hidesThinking: boolean;
  /** Refuses temperature, top_p and top_k. */
  readonly refusesSampling: boolean;
  /** Goes on with an assistant turn that stands last. */
  readonly takesPrefill: boolean;
  /** Takes cache points. */
  readonly takesCachePoints: boolean;
}

/** `claude-opus-4-7`, `claude-sonnet-4-20250514-v1:0`, `claude-3-5-sonnet-20240620-v1:0`. More than two digits are a date. */
const NAME = /claude-(?:[a-z]{3,20}-)?(\d{1,2})(?:-(\d{1,2}))?(?!\d)/;
const OLDEST = /claude-(?:v\d|instant)/;

/** Told from the model's id; an ARN that names no model has the traits of a model that is not known. */
export function traitsOf(model: string): ModelTraits {
  const isNova = model.includes('amazon.nova');
  if (!model.includes('claude')) {
    return {
      isClaude: false,
      thinking: 'none',
      hidesThinking: false,
      refusesSampling: false,
      takesPrefill: isNova,
      takesCachePoints: isNova,
    };
  }
  const [, major, minor] = NAME.exec(model) ?? [];
  // 4.6 is 406. A name without a number is as Claude 4 is, but for those of the first years.
  const version = major === undefined ? (OLDEST.test(model) ? 200 : 400) : Number(major) * 100 + Number(minor ?? 0);
  return {
    isClaude: true,
    thinking: version >= 406 ? 'adaptive' : version >= 307 ? 'budget' : 'none',
    hidesThinking: version >= 407,
    refusesSampling: version >= 407,
    takesPrefill: version < 406,
    takesCachePoints: true,
  };
}
