import type { Problem } from '@proxycast/console-api';
import type { ProxyCastError } from '@proxycast/spec';
import { renderAnswer } from './render-answer.ts';
import { statusOfError } from './status-of-error.ts';

export function renderProblem(error: ProxyCastError, headers: Readonly<Record<string, string>> = {}): Response {
  const problem: Problem = {
    error: {
      code: error.code,
      message: error.publicMessage,
      ...(error.field === undefined ? {} : { field: error.field }),
    },
  };
  return renderAnswer(statusOfError(error), problem, {
    ...(error.retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) }),
    ...headers,
  });
}
