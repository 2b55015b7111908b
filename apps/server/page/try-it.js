import { ApiProblem } from './api-problem.js';
import { DIALECTS, errorOf } from './dialects.js';
import { byId, onAction, partOf, sayError, sayStatus } from './drawing.js';
import { readEvents } from './read-events.js';

const SENTENCE_END = /[.!?。！？\n](?=[^.!?。！？\n]*$)/;

/** As a client, with its key and without the console's cookie. Throws ApiProblem, or AbortError. */
async function fetchAs(key, path, options) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const response = await fetch(path, { ...options, headers, credentials: 'omit' }).catch((cause) => {
    throw cause.name === 'AbortError' ? cause : new ApiProblem({ code: 'unreachable' });
  });
  if (response.ok) return response;
  const message = `HTTP ${response.status}`;
  const problem = errorOf(await response.json().catch(() => undefined));
  // Each dialect has codes of its own; a wrong key is a 401 in all of them.
  const refused = response.status === 401 && { code: 'client-key-refused' };
  throw new ApiProblem({ code: 'other', message, ...problem, ...refused });
}

/** One question, answered as clients get it. The client key stays in its field and goes nowhere else. */
export function createTryIt({ onAnswer }) {
  const [key, model, dialect, prompt] = ['key', 'model', 'dialect', 'prompt'].map((name) => byId(`try-${name}`));
  const [answer, text, status, stop, spoken] = ['answer', 'text', 'status', 'stop', 'spoken'].map((name) =>
    byId(`try-${name}`),
  );
  let running;

  async function loadModels() {
    const hint = byId('try-key-hint');
    try {
      const { data } = await (await fetchAs(key.value.trim(), '/v1/models')).json();
      byId('models').replaceChildren(...data.map(({ id }) => new Option('', id)));
      sayStatus(hint, 'good', 'try.models', { count: data.length });
    } catch (problem) {
      hint.dataset.status = 'bad';
      sayError(hint, problem);
    }
  }
  key.addEventListener('change', loadModels);

  /** Announces what has become a whole sentence since the last time; a screen reader cannot follow single words. */
  function speak(from, isEnd) {
    const rest = text.textContent.slice(from);
    const length = isEnd ? rest.length : rest.search(SENTENCE_END) + 1;
    if (rest.slice(0, length).trim() !== '') spoken.textContent = rest.slice(0, length);
    return from + length;
  }

  async function ask(signal) {
    const { path, body, textOf } = DIALECTS[dialect.value];
    const name = model.value.trim();
    const startedMs = performance.now();
    const question = { method: 'POST', body: JSON.stringify(body(name, prompt.value)), signal };
    const response = await fetchAs(key.value.trim(), path(name), question);
    answer.dataset.state = 'ready';
    sayStatus(status, 'busy', 'try.answering');
    let said = 0;
    for await (const event of readEvents(response.body)) {
      const problem = errorOf(event);
      if (problem !== undefined) throw new ApiProblem(problem);
      // What a model writes is hostile: it becomes text, never markup.
      text.append(textOf(event) ?? '');
      said = speak(said, false);
    }
    speak(said, true);
    const provider = response.headers.get('x-proxycast-provider');
    sayStatus(status, 'good', 'try.finished', { provider, ms: Math.round(performance.now() - startedMs) });
    onAnswer();
  }

  stop.addEventListener('click', () => running.abort());
  onAction(byId('try-form'), partOf(answer, 'failure'), async () => {
    running = new AbortController();
    text.textContent = '';
    answer.dataset.state = 'loading';
    stop.hidden = false;
    try {
      await ask(running.signal);
    } catch (problem) {
      const isStopped = problem.name === 'AbortError';
      answer.dataset.state = isStopped ? 'ready' : 'failed';
      sayStatus(status, isStopped ? 'off' : 'bad', isStopped ? 'try.stopped' : 'try.failed');
      if (!isStopped) throw problem instanceof ApiProblem ? problem : new ApiProblem({ code: 'answer-broken' });
    } finally {
      if (document.activeElement === stop) byId('try-send').focus();
      stop.hidden = true;
    }
  });

  return {
    useKey(next) {
      key.value = next;
      return loadModels();
    },
  };
}
