import { mergeTurns } from '@proxycast/conversion';
import type { ChatTurn } from '@proxycast/spec';

/** Two turns of one role as one. */
export const joinTurns = (first: ChatTurn, second: ChatTurn): ChatTurn => mergeTurns([first, second])[0] ?? first;
