import { ApiProblem } from './api-problem.js';
import { byId, onAction, sayError } from './drawing.js';

/** The token of a one-time link, taken out of the address at once, so that it stays in no history. */
export function takeLoginToken() {
  const token = /^#login=(.+)$/.exec(location.hash)?.[1];
  if (token !== undefined) history.replaceState(null, '', location.pathname);
  return token;
}

export function createLogin({ client, onLogin }) {
  const token = byId('admin-token');
  onAction(byId('login-form'), byId('login-failure'), async () => {
    token.focus();
    await client.logIn({ admin_token: token.value.trim() });
    token.value = '';
    onLogin();
  });

  return {
    /** Says why the person has to log in, where there is a reason to give. */
    show(problem) {
      sayError(byId('login-failure'), problem);
      token.focus();
    },
    /** Answers what is wrong with the link, if anything is. */
    useLink(oneTimeToken) {
      return client.logIn({ one_time_token: oneTimeToken }).catch((problem) => {
        return problem.code === 'wrong_token' ? new ApiProblem({ code: 'link-refused' }) : problem;
      });
    },
  };
}
