import { ApiProblem } from './api-problem.js';
import { byId, onAction, sayError } from './drawing.js';

/** The token of a one-time link, taken out of the address at once so that it stays in no history. */
export function takeLoginToken() {
  const token = /^#login=(.+)$/.exec(location.hash)?.[1];
  if (token !== undefined) history.replaceState(null, '', location.pathname);
  return token;
}

export function createLogin({ client, onLogin }) {
  const token = byId('admin-token');
  onAction(byId('login-form'), byId('login-failure'), async () => {
    const pasted = token.value.trim();
    try {
      if (pasted === '') throw new ApiProblem({ code: 'token-missing', message: '' });
      await client.openSession({ admin_token: pasted });
    } catch (problem) {
      token.focus();
      throw problem;
    }
    token.value = '';
    onLogin();
  });

  return {
    /** Focuses the field, and says why the person has to log in where there is a reason. */
    show(problem) {
      sayError(byId('login-failure'), problem);
      token.focus();
    },
    /** Throws ApiProblem. */
    async useLink(oneTimeToken) {
      try {
        await client.openSession({ one_time_token: oneTimeToken });
      } catch (problem) {
        throw problem.code === 'wrong_token'
          ? new ApiProblem({ code: 'link-refused', message: problem.message })
          : problem;
      }
    },
  };
}
