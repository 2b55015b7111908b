import type { SchemaOf, ValueOf } from '../schema/json-schema.ts';

/** What travels as the attachment of a frame, in words; absent means nothing does. */
interface Attachments {
  readonly params?: string;
  readonly result?: string;
}

/** A call with an answer. */
export interface CallDefinition<Params, Result> {
  readonly type: 'call';
  readonly params: SchemaOf<Params>;
  readonly result: SchemaOf<Result>;
  readonly attachments: Attachments;
  /** Time for the answer, in milliseconds, where the caller sets none. */
  readonly deadlineMs: number;
}

export interface NotificationDefinition<Params> {
  readonly type: 'notification';
  readonly params: SchemaOf<Params>;
  readonly attachments: Attachments;
}

export const call = <Params, Result>(definition: {
  readonly params: SchemaOf<Params>;
  readonly result: SchemaOf<Result>;
  readonly attachments?: Attachments;
  readonly deadlineMs: number;
}): CallDefinition<Params, Result> => ({ type: 'call', attachments: {}, ...definition });

export const notification = <Params>(
  params: SchemaOf<Params>,
  attachments: Attachments = {},
): NotificationDefinition<Params> => ({ type: 'notification', params, attachments });

export type MethodTable = Readonly<Record<string, CallDefinition<unknown, unknown> | NotificationDefinition<unknown>>>;

export type CallName<Table> = {
  [Name in keyof Table]: Table[Name] extends { readonly type: 'call' } ? Name : never;
}[keyof Table] &
  string;
export type NotificationName<Table> = Exclude<keyof Table, CallName<Table>> & string;
export type ParamsIn<Table, Name extends keyof Table> = Table[Name] extends { readonly params: infer Schema }
  ? ValueOf<Schema>
  : never;
export type ResultIn<Table, Name extends keyof Table> = Table[Name] extends { readonly result: infer Schema }
  ? ValueOf<Schema>
  : never;
