import type { StreamEvent } from '@proxycast/spec';
import { settleStopReason } from './settle-stop-reasons.ts';

/** Events whose reasons agree with the calls of their choice. One for each stream; the same array where they do. */
export function createStopReasonSettler(): (events: readonly StreamEvent[]) => readonly StreamEvent[] {
  let hasCallInFirst = false;
  /** Other choices than the first, which are rare. */
  let choicesWithCall: Set<number> | undefined;

  return (events) => {
    let settled: StreamEvent[] | undefined;
    for (let index = 0; index < events.length; index++) {
      const event = events[index];
      if (event === undefined) continue;
      if (event.type === 'tool-call-start') {
        if (event.choice === undefined || event.choice === 0) hasCallInFirst = true;
        else {
          choicesWithCall ??= new Set();
          choicesWithCall.add(event.choice);
        }
      } else if (event.type === 'message-end') {
        const { choice = 0 } = event;
        const reason = settleStopReason(
          event.reason,
          choice === 0 ? hasCallInFirst : choicesWithCall?.has(choice) === true,
        );
        if (reason === event.reason) continue;
        settled ??= events.slice();
        settled[index] = { ...event, reason };
      }
    }
    return settled ?? events;
  };
}
