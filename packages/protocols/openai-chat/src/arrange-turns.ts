import { repairToolTurns, wrapSystemText } from '@proxycast/conversion';
import type { ChatBlock, ChatTurn, MediaBlock, ReportChange, TextBlock, ToolResultBlock } from '@proxycast/spec';
import type { ChatQuirks } from './chat-variant.ts';
import { textOfDocument } from './document-text.ts';
import { joinTurns } from './join-turns.ts';

/** A turn and its place in the request, by which changes to it are reported. */
export interface ArrangedTurn {
  readonly turn: ChatTurn;
  readonly place: number;
}

/**
 * The conversation in an order every service of the dialect takes: calls and results paired, results without media, media in
 * user turns, and what the service wants beyond that.
 */
export function arrangeTurns(turns: readonly ChatTurn[], quirks: ChatQuirks, report: ReportChange) {
  const paired = repairToolTurns(turns, report).map((turn, place): ArrangedTurn => ({ turn, place }));
  let arranged = moveMedia(answerLast(paired, report), report);
  if (quirks.systemMessages === 'leading') arranged = keepSystemInFront(arranged, report);
  if (quirks.turnOrder === 'alternating') arranged = takeTurns(arranged, report);
  if (!quirks.userAfterResults) arranged = answerResults(arranged, report);
  if (quirks.prefill === 'none' && arranged.at(-1)?.turn.role === 'assistant') {
    report('messages', 'added');
    arranged = [...arranged, { turn: said('user', 'Continue.'), place: turns.length }];
  }
  return arranged;
}

/** The API refuses a conversation that ends with calls. */
function answerLast(turns: readonly ArrangedTurn[], report: ReportChange): readonly ArrangedTurn[] {
  const last = turns.findLastIndex(({ turn }) => turn.blocks.length > 0);
  const asked = turns[last];
  const calls = asked?.turn.role === 'assistant' ? asked.turn.blocks.filter((block) => block.type === 'tool-call') : [];
  if (asked === undefined || calls.length === 0) return turns;
  report('messages', 'added');
  const blocks = calls.map(({ callId, name, kind }): ToolResultBlock => {
    return { type: 'tool-result', callId, name, kind, blocks: [NO_RESULT] };
  });
  return turns.toSpliced(last + 1, 0, { turn: { role: 'tool', blocks }, place: asked.place });
}

const NO_RESULT: TextBlock = { type: 'text', text: '(no result: the call was cancelled)' };

const said = (role: ChatTurn['role'], text: string): ChatTurn => ({ role, blocks: [{ type: 'text', text }] });

const isMedia = (block: ChatBlock): block is MediaBlock =>
  block.type === 'image' || block.type === 'document' || block.type === 'audio' || block.type === 'video';

/** A sound of the assistant's own stays: it is named by its id, or told in words. */
const isMovable = (block: ChatBlock): boolean => isMedia(block) && block.type !== 'audio';

/** Only a user may show something: what a tool or the model showed follows in a user turn, after all results of the turn. */
function moveMedia(turns: readonly ArrangedTurn[], report: ReportChange): readonly ArrangedTurn[] {
  const isConcerned = ({ turn }: ArrangedTurn) =>
    (turn.role === 'assistant' && turn.blocks.some(isMovable)) ||
    (turn.role === 'tool' && turn.blocks.some((block) => block.type === 'tool-result' && block.blocks.some(isMedia)));
  if (!turns.some(isConcerned)) return turns;
  const arranged: ArrangedTurn[] = [];
  let shown: ChatBlock[] = [];
  for (const [at, { turn, place }] of turns.entries()) {
    const moved: ChatBlock[] = [];
    const kept =
      turn.role === 'tool' ? withoutMedia(turn, moved) : turn.role === 'assistant' ? withoutOwn(turn, moved) : turn;
    if (moved.length > 0) report(`messages.${place}`, 'changed');
    shown.push(...moved);
    arranged.push({ turn: kept, place });
    if (shown.length > 0 && turns[at + 1]?.turn.role !== 'tool') {
      arranged.push({ turn: { role: 'user', blocks: shown }, place });
      shown = [];
    }
  }
  return arranged;
}

function withoutMedia(turn: ChatTurn, moved: ChatBlock[]): ChatTurn {
  const blocks = turn.blocks.map((block) => {
    if (block.type !== 'tool-result' || !block.blocks.some(isMedia)) return block;
    const shown: ChatBlock[] = [];
    const kept = block.blocks.map((inner) => (isMedia(inner) ? noteFor(inner, shown) : inner));
    if (shown.length > 0) moved.push({ type: 'text', text: `From the result of the call ${block.callId}:` }, ...shown);
    return { ...block, blocks: kept };
  });
  return { ...turn, blocks };
}

function withoutOwn(turn: ChatTurn, moved: ChatBlock[]): ChatTurn {
  if (!turn.blocks.some(isMovable)) return turn;
  moved.push({ type: 'text', text: 'From the answer before:' });
  const blocks = turn.blocks.flatMap((block): readonly ChatBlock[] => {
    if (!isMovable(block)) return [block];
    moved.push(block);
    return [];
  });
  return { ...turn, blocks };
}

function noteFor(block: MediaBlock, moved: ChatBlock[]): TextBlock {
  const text = block.type === 'document' ? textOfDocument(block.source) : undefined;
  if (text !== undefined) return { type: 'text', text: block.title === undefined ? text : `${block.title}\n\n${text}` };
  moved.push(block);
  return { type: 'text', text: `[${block.type}: in the next message of the user]` };
}

function keepSystemInFront(turns: readonly ArrangedTurn[], report: ReportChange): readonly ArrangedTurn[] {
  let isFront = true;
  return turns.map((arranged) => {
    const { turn, place } = arranged;
    isFront &&= turn.role === 'system';
    if (isFront || turn.role !== 'system') return arranged;
    report(`messages.${place}`, 'changed');
    const blocks = turn.blocks.map((block) =>
      block.type === 'text' ? { ...block, text: wrapSystemText(block.text) } : block,
    );
    return { turn: { role: 'user', blocks }, place };
  });
}

/** A word of the assistant's between results and what a user says then. */
function answerResults(turns: readonly ArrangedTurn[], report: ReportChange): readonly ArrangedTurn[] {
  return turns.flatMap((arranged, at): readonly ArrangedTurn[] => {
    const isAfterResults = arranged.turn.role === 'user' && turns[at - 1]?.turn.role === 'tool';
    if (!isAfterResults) return [arranged];
    report('messages', 'added');
    return [{ turn: said('assistant', 'Done.'), place: arranged.place }, arranged];
  });
}

/** Neighbouring turns of one side are one; a conversation that the assistant begins gets a first word of the user's. */
function takeTurns(turns: readonly ArrangedTurn[], report: ReportChange): readonly ArrangedTurn[] {
  const arranged: ArrangedTurn[] = [];
  for (const next of turns) {
    const last = arranged.at(-1);
    if (last !== undefined && last.turn.role === next.turn.role && next.turn.role !== 'tool') {
      arranged[arranged.length - 1] = { turn: joinTurns(last.turn, next.turn), place: last.place };
      continue;
    }
    if (next.turn.role === 'assistant' && (last === undefined || last.turn.role === 'system')) {
      report('messages', 'added');
      arranged.push({ turn: said('user', 'Continue.'), place: next.place });
    }
    arranged.push(next);
  }
  return arranged;
}
