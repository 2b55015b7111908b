/** What a client asks for, whatever the dialect. Providers say which of these they offer. */
export const OPERATIONS = [
  'chat',
  'count-tokens',
  'embeddings',
  'embeddings-batch',
  'images-generate',
  'images-edit',
  'images-vary',
  'audio-speech',
  'audio-transcribe',
  'audio-translate',
  'rerank',
  'moderate',
  'response-retrieve',
  'response-delete',
  'response-input-items',
  'response-cancel',
  'response-compact',
  'list-models',
  'retrieve-model',
] as const;
export type Operation = (typeof OPERATIONS)[number];
