import { createClientKeys, createClientKeysQuery, forgetNewKey } from './client-keys.js';
import { enableCopying } from './copying.js';
import { createAdminClient } from './create-admin-client.js';
import { byId, onAction, sayError } from './drawing.js';
import { createLogin, takeLoginToken } from './login.js';
import { createOverview } from './overview.js';
import { startPreferences } from './preferences.js';
import { createProviders, createProvidersQuery } from './providers.js';
import { createTools } from './tools.js';
import { createTryIt } from './try-it.js';

// First of all, before anything can fail: the token of a one-time link leaves the address.
let loginToken = takeLoginToken();

const client = createAdminClient({ onSessionEnd: (problem) => showLogin(problem) });
const providers = createProvidersQuery(client);
const clientKeys = createClientKeysQuery(client);

const login = createLogin({ client, onLogin: showConsole });
let markAnswered = () => undefined;
const tryIt = createTryIt({ onAnswer: () => markAnswered() });
const overview = createOverview({
  providers,
  clientKeys,
  onAnswer: (mark) => {
    markAnswered = mark;
  },
});

/** `starting`, `login`, `unreachable` or `console`. */
function show(view) {
  document.documentElement.dataset.view = view;
}

function showLogin(problem) {
  forgetSecrets();
  show('login');
  login.show(problem);
}

function showConsole() {
  show('console');
  byId('content').focus();
  for (const part of [overview, providers, clientKeys]) part.reload();
}

/** What a person who logs in next must not see. */
function forgetSecrets() {
  forgetNewKey();
  tryIt.clear();
  providers.clear();
  clientKeys.clear();
}

async function enter() {
  try {
    const token = loginToken;
    loginToken = undefined;
    if (token !== undefined) await client.openSession({ one_time_token: token });
    else await client.findSession();
    showConsole();
  } catch (problem) {
    console.log(problem);
  }
}
