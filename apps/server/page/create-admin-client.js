import { ApiProblem } from './api-problem.js';

/** Calls the admin API with the session's cookie and CSRF token. Everything throws ApiProblem. */
export function createAdminClient({ onSessionEnd }) {
  let csrfToken = '';

  async function send(method, path, body) {
    const response = await fetch(`/api/admin/v1${path}`, {
      method,
      headers: { 'x-csrf-token': csrfToken, ...(body && { 'content-type': 'application/json' }) },
      body: body ? JSON.stringify(body) : null,
      cache: 'no-store',
    }).catch(() => Promise.reject(new ApiProblem({ code: 'unreachable' })));
    const answer = response.status === 204 ? undefined : await response.json().catch(() => undefined);
    if (response.ok) return answer;
    const { status } = response;
    const seconds = Number(response.headers.get('retry-after'));
    throw new ApiProblem({ code: 'other', message: `HTTP ${status}`, ...answer?.error, status, seconds });
  }

  const openSession = async (method, proof) => {
    csrfToken = (await send(method, '/session', proof)).csrf_token;
  };

  return {
    findSession: () => openSession('GET'),
    logIn: (proof) => openSession('POST', proof),
    async call(method, path, body) {
      try {
        return await send(method, path, body);
      } catch (problem) {
        if (problem.status === 401) onSessionEnd();
        if (problem.code !== 'csrf_token_wrong') throw problem;
        // Another tab has logged in again: the cookie is that session's, the token here is the old one's.
        await openSession('GET');
        return send(method, path, body);
      }
    },
  };
}
