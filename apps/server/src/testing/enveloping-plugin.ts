import { defineProvider } from '@proxycast/plugin-sdk';

/**
 * A plugin of the tests: its service speaks Gemini's dialect inside an envelope, on the way there and on the way back, and
 * wants a field that stands deeper than the top.
 */
export default defineProvider({
  id: 'enveloped',
  credential: {
    parse: ({ auth_type, form }) => ({
      type: 'parsed',
      credential: { auth_type, data: { token: String(form?.['token']) } },
    }),
  },
  request: {
    prepare: ({ credential, is_stream }, { settings }) => ({
      type: 'lease',
      method: 'POST',
      url: `${String(settings['address'])}/internal:${is_stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
      headers: [['authorization', `Bearer ${String(credential.data['token'])}`]],
      patch: {
        set: { 'generationConfig.candidateCount': 1 },
        envelope: { field: 'request', beside: { project: 'p-1', model: '{{model}}', requestId: '{{request}}' } },
      },
      read: { dialect: 'gemini', unwrap: 'response' },
      ttl_ms: 60_000,
    }),
  },
});
