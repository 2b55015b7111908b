import { ApiProblem, unreachable } from './api-problem.js';

const BASE = '/api/admin/v1';

/** Calls the admin API with the session's cookie and CSRF token. Throws ApiProblem. */
export function createAdminClient({ onSessionEnd }) {
  let csrfToken = '';

  async function send(method, path, body) {
    const headers = { 'x-csrf-token': csrfToken };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const options = { method, headers, cache: 'no-store', body: body === undefined ? null : JSON.stringify(body) };
    const response = await fetch(BASE + path, options).catch(() => {
      throw unreachable();
    });
    const answer = response.status === 204 ? undefined : await response.json().catch(() => undefined);
    if (response.ok) return answer;
    throw new ApiProblem({
      ...(answer?.error ?? { code: 'other', message: `HTTP ${response.status}` }),
      status: response.status,
      seconds: Number(response.headers.get('retry-after') ?? 0),
    });
  }

  async function findSession() {
    csrfToken = (await send('GET', '/session')).csrf_token;
  }

  return {
    findSession,
    async openSession(proof) {
      csrfToken = (await send('POST', '/session', proof)).csrf_token;
    },
    closeSession: () => send('DELETE', '/session'),
    async call(method, path, body) {
      try {
        return await send(method, path, body).catch(async (problem) => {
          if (problem.code !== 'csrf_token_wrong') throw problem;
          // Another tab has logged in again: the cookie is the new session's, the token here is the old one's.
          await findSession();
          return send(method, path, body);
        });
      } catch (problem) {
        if (problem.status === 401) onSessionEnd(problem);
        throw problem;
      }
    },
  };
}
