import { inputTextOf } from '@proxycast/conversion';
import type { ChatChoice, ChatResponse } from '@proxycast/spec';
import { type AnswerFacts, type ChoiceFacts, inputValueOf, settleStop } from './answer-facts.ts';

/** What our own decoder made of an answer. */
export function factsOfResponse(response: ChatResponse): AnswerFacts {
  const { usage } = response;
  return {
    choices: response.choices.map(choiceFacts),
    ...(usage === undefined ? {} : { usage }),
  };
}

function choiceFacts(choice: ChatChoice): ChoiceFacts {
  const { blocks } = choice;
  const calls = blocks
    .filter((block) => block.type === 'tool-call')
    .map((block) => ({
      id: block.callId,
      name: block.name,
      input:
        block.kind === 'custom' && typeof block.input === 'string' ? block.input : inputValueOf(inputTextOf(block)),
      kind: block.kind,
    }));
  return {
    text: blocks.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    refusal: blocks.map((block) => (block.type === 'refusal' ? block.text : '')).join(''),
    thinking: blocks.flatMap((block) => (block.type === 'thinking' ? block.parts.filter((part) => part !== '') : [])),
    calls,
    cited: [
      ...new Set(
        blocks
          .flatMap((block) => (block.type === 'text' ? (block.citations ?? []) : []))
          .flatMap(({ url }) => url ?? []),
      ),
    ],
    pictures: blocks.filter((block) => block.type === 'image').length,
    stop: settleStop(choice.reason, calls.length),
  };
}
