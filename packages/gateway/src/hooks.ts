import type { ClientKeyId, Operation, ProtocolId, RequestId } from '@proxycast/spec';

/** A request between routing and the first attempt, as a hook may see and change it. */
export interface HookedRequest {
  readonly requestId: RequestId;
  readonly clientKeyId: ClientKeyId;
  readonly protocol: ProtocolId;
  readonly operation: Operation;
  readonly model: string;
  readonly body: Buffer;
}

/** Answers the body to go on with; throws a ProxyCastError to refuse the request. */
export type RequestHook = (request: HookedRequest) => Buffer | Promise<Buffer>;

/** A whole answer before it leaves. Answers the body to send instead. */
export interface HookedAnswer {
  readonly request: HookedRequest;
  readonly status: number;
  readonly body: Buffer;
}

export type AnswerHook = (answer: HookedAnswer) => Buffer | Promise<Buffer>;
