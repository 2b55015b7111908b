import { createClientKeys, createClientKeysQuery } from './client-keys.js';
import { createAdminClient } from './create-admin-client.js';
import { byId, onAction, sayError } from './drawing.js';
import { enableCopying } from './enable-copying.js';
import { enableFieldWords } from './enable-field-words.js';
import { createLogin, takeLoginToken } from './login.js';
import { createOverview } from './overview.js';
import { startPreferences } from './preferences.js';
import { createProviders, createProvidersQuery } from './providers.js';
import { createTools } from './tools.js';
import { createTryIt } from './try-it.js';

const RELOAD_MS = 3_000;

// Before anything can fail: the token of a one-time link leaves the address.
let loginToken = takeLoginToken();

// A new page forgets every secret that was typed into this one, and says why the person has to log in.
const client = createAdminClient({ onSessionEnd: () => location.reload() });
const providers = createProvidersQuery(client);
const clientKeys = createClientKeysQuery(client);
const login = createLogin({ client, onLogin: showConsole });
const overview = createOverview({ providers, clientKeys });
const tryIt = createTryIt({ onAnswer: overview.markAnswered });

/** `starting`, `login`, `unreachable` or `console`. */
function show(view) {
  document.documentElement.dataset.view = view;
}

function showConsole() {
  show('console');
  byId('content').focus();
  for (const part of [overview, providers, clientKeys]) part.reload();
}

/** Opens the console if the link or the cookie allows it; else says what is in the way. */
async function enter() {
  const refusal = loginToken === undefined ? undefined : await login.useLink(loginToken);
  try {
    // A link that was used before does no harm to a session that is open.
    if (loginToken === undefined || refusal !== undefined) await client.findSession();
    loginToken = undefined;
    showConsole();
  } catch (problem) {
    const isRefused = problem.status === 401;
    show(isRefused ? 'login' : 'unreachable');
    if (isRefused) login.show(refusal ?? (problem.code === 'not_logged_in' ? undefined : problem));
    else sayError(byId('unreachable-failure'), problem);
  }
}

async function start() {
  await startPreferences();
  enableCopying();
  enableFieldWords();
  createProviders({ client, query: providers });
  createClientKeys({ client, query: clientKeys, onCreate: tryIt.useKey });
  await createTools();
  onAction(byId('unreachable-retry'), byId('unreachable-failure'), enter);
  onAction(byId('log-out'), byId('unreachable-failure'), async () => {
    await client.call('DELETE', '/session');
    location.reload();
  });
  addEventListener('hashchange', () => {
    // The page may be open already when the person follows a link.
    if (location.hash.startsWith('#login=')) location.reload();
  });
  await enter();
}

// Without its words the page cannot say what is wrong. The server was there a moment ago: it tries again.
start().catch(() => setTimeout(() => location.reload(), RELOAD_MS));
