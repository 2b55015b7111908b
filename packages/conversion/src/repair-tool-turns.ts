import type { ChatBlock, ChatTurn, ReportChange, TextBlock, ToolCallBlock, ToolResultBlock } from '@proxycast/spec';
import { joinTurns } from './merge-turns.ts';

const NO_RESULT: TextBlock = { type: 'text', text: '(no result: the call was cancelled)' };

/**
 * A conversation in which every call has an id of its own and exactly one result, in call order, in one `tool` turn
 * directly after its assistant turn. What stood between moves behind the results; a result without a call becomes user
 * text; a call without a result gets one that says so, unless nothing at all follows it. The same array where that was so.
 */
export function repairToolTurns(turns: readonly ChatTurn[], report: ReportChange): readonly ChatTurn[] {
  return isInOrder(turns) ? turns : repair(turns, report);
}

function isInOrder(turns: readonly ChatTurn[]): boolean {
  let seen: Set<string> | undefined;
  /** Calls of the turn before, which this one has to answer. */
  let calls: ToolCallBlock[] | undefined;
  for (const turn of turns) {
    if (calls !== undefined) {
      if (turn.role !== 'tool' || !answers(turn.blocks, calls)) return false;
      calls = undefined;
      continue;
    }
    if (turn.role === 'tool') return false;
    for (const block of turn.blocks) {
      if (block.type === 'tool-result') return false;
      if (block.type !== 'tool-call') continue;
      if (turn.role !== 'assistant') return false;
      seen ??= new Set();
      if (seen.has(block.callId)) return false;
      seen.add(block.callId);
      calls ??= [];
      calls.push(block);
    }
  }
  return true;
}

function answers(blocks: readonly ChatBlock[], calls: readonly ToolCallBlock[]): boolean {
  if (blocks.length !== calls.length) return false;
  for (let index = 0; index < calls.length; index++) {
    const block = blocks[index];
    if (block?.type !== 'tool-result' || block.callId !== calls[index]?.callId) return false;
  }
  return true;
}

interface OpenCall {
  readonly call: ToolCallBlock;
  /** Its own, also where the service used one id twice. */
  readonly callId: string;
  result?: ToolResultBlock;
  resultTurn?: number;
}

/** One turn, or assistant turns in a row as one, with the place in the request of the first. */
interface Step {
  turn: ChatTurn;
  readonly index: number;
  readonly calls: OpenCall[];
}

function repair(turns: readonly ChatTurn[], report: ReportChange): readonly ChatTurn[] {
  const steps = matchResults(turns, report).filter((step) => isKept(step, turns));
  const repaired: ChatTurn[] = [];
  for (const step of steps) {
    repaired.push(step.turn);
    const isUnanswered = step.calls.every((open) => open.result === undefined);
    // The last calls of a request may be open still; everywhere else a service wants their results.
    if (step.calls.length > 0 && !(isUnanswered && step === steps[steps.length - 1])) {
      repaired.push(resultsOf(step, report));
    }
  }
  return repaired;
}

/** A turn is left out when its results were all it held. One of the client's own that came empty is not ours to remove. */
function isKept({ turn, index }: Step, turns: readonly ChatTurn[]): boolean {
  const came = turns[index];
  return turn.blocks.length > 0 || (came?.role !== 'tool' && came?.blocks.length === 0);
}

/** Takes the results out of their turns and gives them to their calls. */
function matchResults(turns: readonly ChatTurn[], report: ReportChange): Step[] {
  const steps: Step[] = [];
  const openById = new Map<string, OpenCall[]>();
  const usedIds = new Set<string>();
  turns.forEach((turn, index) => {
    const last = steps[steps.length - 1];
    if (turn.role === 'assistant') {
      const step = openCalls({ turn, index, calls: [] }, openById, usedIds);
      // Calls of turns in a row are answered together: the results come after the last of them.
      if (last?.turn.role === 'assistant' && last.calls.length > 0) {
        last.turn = joinTurns(last.turn, step.turn);
        last.calls.push(...step.calls);
      } else steps.push(step);
      return;
    }
    steps.push({ turn: withoutResults(turn, index, openById, report), index, calls: [] });
  });
  return steps;
}

function openCalls(step: Step, openById: Map<string, OpenCall[]>, usedIds: Set<string>): Step {
  const ofThisTurn = new Map<string, OpenCall[]>();
  const blocks = step.turn.blocks.map((block) => {
    if (block.type !== 'tool-call') return block;
    const callId = unusedId(block.callId, usedIds);
    usedIds.add(callId);
    const call = callId === block.callId ? block : { ...block, callId };
    const open: OpenCall = { call, callId };
    step.calls.push(open);
    const same = ofThisTurn.get(block.callId);
    if (same === undefined) ofThisTurn.set(block.callId, [open]);
    else same.push(open);
    return call;
  });
  for (const [id, opened] of ofThisTurn) openById.set(id, opened);
  return step.calls.length === 0 ? step : { ...step, turn: { ...step.turn, blocks } };
}

function unusedId(id: string, used: ReadonlySet<string>): string {
  if (!used.has(id)) return id;
  let count = 2;
  while (used.has(`${id}_${count}`)) count++;
  return `${id}_${count}`;
}

function withoutResults(
  turn: ChatTurn,
  index: number,
  openById: ReadonlyMap<string, OpenCall[]>,
  report: ReportChange,
): ChatTurn {
  if (turn.role !== 'tool' && !turn.blocks.some((block) => block.type === 'tool-result')) return turn;
  const kept: ChatBlock[] = [];
  for (const block of turn.blocks) {
    if (block.type !== 'tool-result') {
      kept.push(block);
      continue;
    }
    const opened = openById.get(block.callId);
    // Two calls of one id are answered in turn; one answered twice has the later answer.
    const open = opened?.find((candidate) => candidate.result === undefined) ?? opened?.[opened.length - 1];
    if (open === undefined) {
      report(`messages.${index}`, 'changed');
      kept.push(...block.blocks);
      continue;
    }
    if (open.result !== undefined) report(`messages.${open.resultTurn}`, 'dropped');
    open.result = block.callId === open.callId ? block : { ...block, callId: open.callId };
    open.resultTurn = index;
  }
  return turn.role === 'tool' ? { role: 'user', blocks: kept } : { ...turn, blocks: kept };
}

function resultsOf(step: Step, report: ReportChange): ChatTurn {
  let isReported = false;
  const blocks = step.calls.map(({ call, callId, result }): ToolResultBlock => {
    if (result !== undefined) return result;
    if (!isReported) report(`messages.${step.index}`, 'added');
    isReported = true;
    return { type: 'tool-result', callId, name: call.name, kind: call.kind, blocks: [NO_RESULT] };
  });
  return { role: 'tool', blocks };
}
