/** What a client of the benchmark can speak; the fake upstream speaks `openai` only. */
export const DIALECTS = ['openai', 'anthropic'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** A request to be made; see renderRequest. */
export interface RequestShape {
  /** Absent: `openai`, the upstream's own. */
  readonly dialect?: Dialect;
  /** Of the whole body, exact. */
  readonly bytes: number;
  readonly messages: number;
  readonly tools: number;
  readonly isStream: boolean;
  /** Absent: the model of the fake upstream. */
  readonly model?: string;
}
