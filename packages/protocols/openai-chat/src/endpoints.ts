import type { ClientEndpoint } from '@proxycast/spec';

/** Image edits, variations and transcriptions come as multipart forms, their `model` and `stream` as form fields. */
export const endpoints: readonly ClientEndpoint[] = [
  { method: 'POST', path: '/v1/chat/completions', operation: 'chat', model: 'body', stream: 'body' },
  { method: 'POST', path: '/v1/embeddings', operation: 'embeddings', model: 'body', stream: 'never' },
  { method: 'POST', path: '/v1/images/generations', operation: 'images-generate', model: 'body', stream: 'body' },
  { method: 'POST', path: '/v1/images/edits', operation: 'images-edit', model: 'form', stream: 'body' },
  { method: 'POST', path: '/v1/images/variations', operation: 'images-vary', model: 'form', stream: 'never' },
  { method: 'POST', path: '/v1/audio/speech', operation: 'audio-speech', model: 'body', stream: 'never' },
  { method: 'POST', path: '/v1/audio/transcriptions', operation: 'audio-transcribe', model: 'form', stream: 'body' },
  { method: 'POST', path: '/v1/audio/translations', operation: 'audio-translate', model: 'form', stream: 'never' },
  { method: 'POST', path: '/v1/rerank', operation: 'rerank', model: 'body', stream: 'never' },
  { method: 'POST', path: '/v1/moderations', operation: 'moderate', model: 'body', stream: 'never' },
];
