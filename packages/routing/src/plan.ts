import type { Operation, ProtocolId, Provider, ProxyCastError } from '@proxycast/spec';

export interface PlanQuery {
  /** As the client sent it; empty where the operation names none. */
  readonly model: string;
  readonly operation: Operation;
  /** The client's dialect. */
  readonly protocol: ProtocolId;
  /** From the path or a header: only this provider. */
  readonly pinnedProvider?: string;
}

/** Why a provider is in the plan. */
export type PlanReason =
  | 'pinned'
  | 'route'
  | 'provider-prefix'
  | 'listed-model'
  /** It serves names of this form. */
  | 'model-pattern'
  | 'model-family'
  | 'default-provider'
  | 'only-provider';

export interface PlannedProvider {
  readonly provider: Provider;
  /** The name the upstream is asked by. */
  readonly model: string;
  /** The dialect the upstream is spoken to in. */
  readonly protocol: ProtocolId;
  readonly reason: PlanReason;
  /** Tokens are to be counted and it has no call for that: `protocol` is what it chats in, and nothing can be sent. */
  readonly cannotCount?: true;
}

/** The ordered providers a request may go to; never empty when `planned`. */
export type Plan =
  | {
      readonly type: 'planned';
      readonly providers: readonly PlannedProvider[];
      /** Of the matching route; they fill what the client left out. */
      readonly defaultParameters?: Readonly<Record<string, unknown>>;
      /** Of the matching route: what answers are written in unless the client asks for something else. */
      readonly output?: string;
    }
  | { readonly type: 'refused'; readonly error: ProxyCastError };
