import type { ChatRequest } from '@proxycast/spec';

/** A client that asks for thinking but not for thoughts is shown none, whatever the model behind gives. */
export const showsThinking = ({ reasoning }: ChatRequest): boolean => reasoning?.display !== 'omitted';
