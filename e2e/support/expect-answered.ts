import type OpenAI from 'openai';

/** The response, if it is an answer: the SDK gives a failed one back without throwing, its error inside. */
export function expectAnswered<Answer extends Pick<OpenAI.Responses.Response, 'status' | 'error'>>(
  response: Answer,
): Answer {
  if (response.status === 'failed') throw new Error(response.error?.message ?? 'The response failed.');
  return response;
}
